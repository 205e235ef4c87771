"""A repair in the embedded account: its site, records that outlive a crash, and steps that can be made to crash."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ecs_medic.aws.reader import Reader
from ecs_medic.aws.writer import Writer
from ecs_medic.collect.identify import identify
from ecs_medic.events.parse import parse
from ecs_medic.finding import JsonValue
from ecs_medic.remedies.policy import RepairPolicy
from ecs_medic.remedies.receipt import Receipt, as_json, from_json
from ecs_medic.repair.controls import Controls, Mode
from ecs_medic.repair.pace import Pace
from ecs_medic.repair.proposal import Proposal
from ecs_medic.repair.site import Site
from ecs_medic.repair.steps import Answer, StepFailed
from ecs_medic.repair.workflow import Ending, repair
from ecs_medic.run_state import RunState
from sandbox.client import REGION, Sandbox
from sandbox.gallery import build
from sandbox.gallery.scenario import Scenario

RUN = "run-0123456789ab"
QUICK = Pace(prove=600, settle=120, undo=120)


class Crash(BaseException):
    """The process ends here."""


@dataclass
class Book:
    """What a run has written down: it outlives every crash. `refuse` is what a guardrail says."""

    incident_id: str = "inc-0123456789ab"
    said: list[tuple[RunState, str]] = field(default_factory=list)
    asked: list[Proposal] = field(default_factory=list)
    kept: dict[int, str] = field(default_factory=dict)
    saves: int = 0
    off: str | None = None
    refuse: str | None = None
    reserved: set[int] = field(default_factory=set)

    def say(self, state: RunState, words: str) -> None:
        if not self.said or self.said[-1] != (state, words):
            self.said.append((state, words))

    def put(self, proposal: Proposal, callback_id: str, until: datetime) -> None:
        assert callback_id
        assert until.tzinfo
        self.asked.append(proposal)

    def reserve(self, round_: int, proposal: Proposal) -> str | None:
        assert proposal.changes
        self.reserved.add(round_)
        return self.refuse

    def closed(self) -> str | None:
        return self.off

    def save(self, position: int, receipt: Receipt) -> None:
        self.saves += 1
        self.kept[position] = json.dumps(as_json(receipt))

    def receipts(self) -> dict[int, Receipt]:
        return {at: from_json(json.loads(kept)) for at, kept in self.kept.items()}


@dataclass
class Journal:
    """Steps as a durable execution carries them: results are kept, what was cut off is done again.

    The run dies at step number `dies_at`, before its work is done or after it, its result unkept. `clock` is put
    forward by every wait. `answers` are taken one after the other; None: nobody answers.
    """

    clock: "Clock"
    answers: list[Answer | None] = field(default_factory=list)
    results: dict[str, JsonValue] = field(default_factory=dict)
    dies_at: int | None = None
    before: bool = False
    fails: str | None = None
    count: int = 0

    def do(self, name: str, work: Callable[[], JsonValue]) -> JsonValue:
        if name in self.results:
            return self.results[name]
        self.count += 1
        if self.count == self.dies_at and self.before:
            raise Crash(name)
        if self.fails is not None and self.fails in name:
            raise StepFailed(f"{name}: no answer")
        result = work()
        if self.count == self.dies_at:
            raise Crash(name)
        self.results[name] = result
        return result

    def wait(self, name: str, seconds: int) -> None:
        if name not in self.results:
            self.results[name] = None
            self.clock.ahead += timedelta(seconds=seconds)

    def ask(self, name: str, put: Callable[[str], None], seconds: int) -> Answer | None:
        self.do(f"{name}-put", lambda: put(name))
        assert seconds > 0
        if name not in self.results:
            self.results[name] = self.answers.pop(0)  # type: ignore[assignment]
        return self.results[name]  # type: ignore[return-value]


@dataclass
class Clock:
    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


APPROVED: Answer = {"decision": "approved", "by": "U0ONCALL"}
DENIED: Answer = {"decision": "denied", "by": "U0ONCALL"}


@dataclass
class Workplace:
    """One failure that is to be repaired."""

    account: Sandbox
    scenario: Scenario
    controls: Controls = field(default_factory=lambda: Controls(mode=Mode.ASK))
    book: Book = field(default_factory=Book)
    clock: Clock = field(default_factory=Clock)
    run_id: str = RUN

    @property
    def site(self) -> Site:
        incident = identify(parse(self.scenario.event), Reader(REGION)).incident
        return Site(
            run_id=self.run_id,
            incident=incident,
            reader=lambda: Reader(REGION),
            writer=Writer(REGION, gate=self.book.closed),
            records=self.book,
            controls=lambda: self.controls,
            now=self.clock,
            stay_up=timedelta(minutes=3),
        )

    def journal(self, *answers: Answer | None) -> Journal:
        return Journal(self.clock, list(answers or (APPROVED,)))

    def repair(self, *answers: Answer | None, pace: Pace = QUICK) -> Ending:
        return repair(self.journal(*answers), self.site, pace)

    def running(self) -> int:
        found = self.account.client("ecs").describe_services(
            cluster=self.scenario.cluster, services=[self.scenario.service or ""]
        )
        return int(found["services"][0]["runningCount"])


def workplace(account: Sandbox, name: str, **policy: Any) -> Workplace:
    place = Workplace(account, build(account, name))
    if policy:
        place.controls = Controls(mode=Mode.ASK, policy=RepairPolicy(**policy))
    return place


WRITES: Mapping[str, frozenset[str]] = {
    "ec2": frozenset({"Create", "Delete", "Modify", "Authorize", "Revoke"}),
    "ecs": frozenset({"Update", "Stop", "Create", "Delete", "Run"}),
    "iam": frozenset({"Attach", "Detach", "Put", "Create", "Delete"}),
    "logs": frozenset({"Create", "Put", "Delete", "Tag"}),
}


def writes(account: Sandbox) -> list[str]:
    """Every call that changed the account, dry runs included."""
    return [
        f"{one['service']}:{one['operation']}"
        for one in account.calls()
        if any(one["operation"].startswith(verb) for verb in WRITES.get(one["service"], ()))
    ]
