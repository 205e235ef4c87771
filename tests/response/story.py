"""One incident from its first event to its second life, cheap enough to be told a hundred times.

What AWS would answer is given: the diagnosis of an empty account, made once, and the word that it is over. The ledger
and Slack are the embedded account's, over the wire.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from ecs_medic import diagnosis
from ecs_medic.diagnosis import Examination
from ecs_medic.repair.planned import Planned
from ecs_medic.repair.proposal import Proposal
from ecs_medic.response import attend, ending
from ecs_medic.verification import Verification
from tests.events.samples import service_event, stopped_task
from tests.response.office import Office, another_task, words

NOTHING = Proposal((), words="There is nothing to change.")
PROPOSED: list[Proposal] = [NOTHING]
"""The one plan that each diagnosis comes with; a test may put another one there."""
_EXAMINED: list[Examination] = []


def simple_diagnosis(patch: pytest.MonkeyPatch) -> None:
    """Lets a diagnosis, and the proof that something is over, cost nothing."""

    def examine(*asked: Any, **named: Any) -> Examination:
        if not _EXAMINED:
            _EXAMINED.append(diagnosis.examine(*asked, **named))
        return _EXAMINED[0]

    def planned(examination: Examination, *_: Any) -> Planned:
        return Planned(examination.report, PROPOSED[0], examination)

    PROPOSED[:] = [NOTHING]
    patch.setattr(attend, "examine", examine)
    patch.setattr(attend, "planned", planned)
    patch.setattr(ending, "verify", lambda *_: Verification(over=True, words="2 of 2 tasks running."))


def failure(number: int, at: datetime) -> dict[str, Any]:
    """The stop event of the service's nth task."""
    first = stopped_task()
    return another_task(first, number, later=at - datetime.fromisoformat(first["time"]))


def steady(at: datetime) -> dict[str, Any]:
    """The service says that it is well."""
    event = copy.deepcopy(service_event("SERVICE_STEADY_STATE", "INFO"))
    event["time"] = event["detail"]["createdAt"] = at.isoformat().replace("+00:00", "Z")
    return event


@dataclass
class Story:
    """The steps, each with what the channel must hold in the end."""

    office: Office
    again: int = 1
    """How often each event is delivered, whatever its first delivery came to."""
    dies_of: tuple[type[BaseException], ...] = ()
    failures: int = field(default=0, init=False)
    attempts: Callable[[int], None] = field(default_factory=lambda: lambda _: None, init=False)
    """Told before each delivery which one of the event it is, from 0."""

    def deliver(self, event: dict[str, Any]) -> None:
        """As Lambda does: what failed is delivered again, a minute later."""
        for attempt in range(self.again):
            self.attempts(attempt)
            try:
                self.office.respond(event)
            except self.dies_of:
                self.failures += 1
            else:
                return
            self.office.pass_time(minutes=1)
        pytest.fail("no delivery of the event came to an end")

    def sweep(self, turns: int = 6) -> None:
        """Half an hour of sweeps."""
        for _ in range(turns):
            self.office.pass_time(minutes=6)
            try:
                self.office.sweep()
            except self.dies_of:
                self.failures += 1

    def opens(self) -> None:
        self.deliver(failure(1, self.office.now))

    def counts(self) -> None:
        self.office.pass_time(seconds=20)
        for number in (2, 3):
            self.deliver(failure(number, self.office.now))

    def ends(self) -> None:
        self.office.pass_time(minutes=1)
        self.deliver(steady(self.office.now))

    def fails_again(self) -> None:
        self.office.pass_time(minutes=30)
        self.deliver(failure(4, self.office.now))

    @property
    def steps(self) -> tuple[tuple[Callable[[], None], str, int, tuple[str, ...]], ...]:
        """Each step, what the message says after it (a word, the counter), and how its thread's answers begin."""
        return (
            (self.opens, "🟠", 1, ("Evidence",)),
            (self.counts, "🟠", 3, ("Evidence",)),
            (self.ends, "🟢", 3, ("Evidence", "🟢 Resolved")),
            (self.fails_again, "Failed again", 4, ("Evidence", "🟢 Resolved", "🔴 Failed again")),
        )

    def holds(self, said: str, count: int, answers: tuple[str, ...], *, most: int = 1) -> None:
        """The channel holds one message that says the last thing, and its thread each thing once."""
        messages = self.office.messages()
        assert 1 <= len(messages) <= most
        shown = words(messages[-1])
        assert said in shown
        assert ("*once*" if count == 1 else f"*{count} times*") in shown
        told = [words(one) for one in self.office.answers() if one["thread_ts"] == messages[-1]["ts"]]
        assert len(told) >= len(answers)
        if most == 1:
            assert len(told) == len(answers), told
            assert all(one.startswith(beginning) for one, beginning in zip(told, answers, strict=True)), told
