"""What on-call waits for: a diagnosis with its plan, against an AWS that answers every call 50 ms later.

`python -m bench.latency [SCENARIO …]` prints a line of JSON, and tables on standard error. The answers are those that
the embedded account gave to the gallery's scenarios; they come from a process of their own, so that the time of this
one is the diagnosis's alone. The clients are warm, as in a function that has run before; what was worked out of the
account in an earlier turn is forgotten, as if the incident were new.

Left out of the count, as calls and as waves, is the check of whose account it is; left out of the waves is the one that
finds the task where the event does not say it.
"""

import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from boto3.session import Session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from rich.console import Console
from rich.table import Table

from bench.awake import awake
from bench.content_caches import content_caches, forget
from bench.figure import Figure
from bench.replay import Replay, dependent_waves
from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer, Reader
from ecs_medic.collect.identify import identify
from ecs_medic.diagnosis import examine
from ecs_medic.events.parse import parse
from ecs_medic.facts.fact import Fact
from ecs_medic.incident import Incident, Kind
from ecs_medic.repair.controls import Controls
from ecs_medic.repair.planned import asked_for_a_plan, planned
from ecs_medic.vocabulary import NORMAL_LIFE
from sandbox.client import REGION, Sandbox
from sandbox.gallery import build, names

DELAY = 0.05
"""Seconds that every answer takes."""
TELLING_DELAY = 0.2
"""The same while waves are counted: long enough that on a busy machine, too, a wave has begun before any of it ends."""
_RECOUNTS = 3
"""Of waves that look like too many: a pause of the machine can part one wave into two, nothing makes two into one."""
RUNS = 5
MOST_RUNS = 30
"""Turns at most, where the bounds are not kept sooner: another tenant of the machine can double the time of a turn."""
MOST_RATIO = 1.15
MS_A_CALL, MS_BESIDE = 3.0, 25.0
MOST_WAVES, MOST_WAVES_WITH_INSTANCES = 3, 5
CHECK_OF_THE_ACCOUNT = "sts:GetCallerIdentity"


class WatchedReader(Reader):
    """A reader that remembers which calls it made at the same time."""

    def __init__(self, region: str) -> None:
        super().__init__(region)
        self.waves: list[tuple[Call, ...]] = []

    def together[K: Hashable](self, calls: Mapping[K, Call]) -> dict[K, Fact[Answer]]:
        """One wave."""
        if calls:
            self.waves.append(tuple(calls.values()))
        return super().together(calls)

    def read(
        self, service: str, operation: str, params: Mapping[str, Any], *, region: str | None = None
    ) -> Fact[Answer]:
        """One call, for which somebody waits alone."""
        self.waves.append((Call(service, operation, params, region),))
        return super().read(service, operation, params, region=region)


@dataclass(frozen=True, slots=True)
class Course:
    """One thing done several times, in milliseconds of the quickest turn, to which the machine's others only add.

    Calls, waves and repetitions are as the replay saw them.
    """

    wall_ms: float
    cpu_ms: float
    calls: int
    waves: int
    twice: int

    @property
    def waiting(self) -> float:
        """What was waited, own processor time aside, in relation to the answers' own delay."""
        return (self.wall_ms - self.cpu_ms) / (self.waves * DELAY * 1000)

    @property
    def work(self) -> float:
        """Own processor time in relation to what is allowed."""
        return self.cpu_ms / (MS_A_CALL * self.calls + MS_BESIDE)

    @property
    def kept(self) -> bool:
        """Whether both bounds are kept."""
        return self.waiting <= MOST_RATIO and self.work <= 1


@dataclass(frozen=True, slots=True)
class Row:
    """One scenario: the diagnosis alone, with its plan, and the same calls of both by nothing but boto3."""

    name: str
    on_instances: bool
    first_finds_the_task: bool
    diagnosis: Course
    with_plan: Course
    bare: Course

    @property
    def waves(self) -> int:
        """Waves of the whole, but for the one that finds out which task the event is about."""
        return self.with_plan.waves - self.first_finds_the_task


def measure(only: Sequence[str] = (), runs: int = RUNS) -> tuple[Figure, ...]:
    """The figures of all scenarios together, the worst of each kind."""
    return figures(tuple(rows(only or names(), runs)))


def rows(only: Iterable[str], runs: int = RUNS) -> Iterator[Row]:
    """Each scenario with what it took; normal life is answered without a diagnosis and left out."""
    with (
        Sandbox.start(seed=1) as sandbox,
        Replay.start(sandbox.aws_url) as replay,
        _environment(sandbox.environment | replay.environment),
        awake(),
    ):
        reader, bare = WatchedReader(REGION), Bare()
        for name in only:
            sandbox.reset(seed=1)
            scenario = build(sandbox, name)
            incident = parse(scenario.event)
            if incident.can_end or incident.symptom in NORMAL_LIFE:
                continue
            now = datetime.now(UTC)
            replay.record()
            replay.forget()
            _planned(incident, reader, now)
            waves = tuple(wave for wave in reader.waves if wave[0].name != CHECK_OF_THE_ACCOUNT)
            bare.ask(waves)
            # What is done in a loop's turn is measured in that turn.
            whole = _course(lambda: _planned(incident, reader, now), replay, runs)  # noqa: B023
            yield Row(
                name,
                on_instances=_runs_on_instances(sandbox, incident, scenario.cluster, scenario.service),
                first_finds_the_task=bool(waves) and _finds_the_task(incident, waves[0]),
                diagnosis=_course(lambda: _examined(incident, reader, now), replay, runs, most_waves=whole.waves),  # noqa: B023
                with_plan=whole,
                bare=_course(lambda: bare.ask(waves), replay, runs, most_waves=whole.waves),  # noqa: B023
            )


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """The environment with these values in it, and without a line of log."""
    before, level = dict(os.environ), logging.root.manager.disable
    os.environ.update(values)
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(level)
        os.environ.clear()
        os.environ.update(before)


class Bare:
    """Nothing but boto3: the same calls in the same waves, the clients and threads as warm, the answers unread."""

    def __init__(self) -> None:
        self._session: Any = Session()
        self._config = Config(max_pool_connections=16, retries={"mode": "standard", "max_attempts": 3})
        self._clients: dict[tuple[str, str], Any] = {}
        self._pool = ThreadPoolExecutor(16)

    def ask(self, waves: Iterable[Iterable[Call]]) -> None:
        """Make the calls; those of one wave at the same time."""
        for wave in waves:
            methods = [(getattr(self._client(call), xform_name(call.operation)), call.params) for call in wave]
            list(self._pool.map(_asked, methods))

    def _client(self, call: Call) -> Any:
        key = (call.service, call.region or REGION)
        if key not in self._clients:
            self._clients[key] = self._session.client(key[0], region_name=key[1], config=self._config)
        return self._clients[key]


def _asked(question: tuple[Callable[..., Any], Mapping[str, Any]]) -> None:
    method, params = question
    # An error is an answer like another: that there is no such thing.
    with suppress(ClientError):
        method(**params)


def _examined(incident: Incident, reader: WatchedReader, now: datetime) -> None:
    reader.again()
    reader.waves.clear()
    examine(identify(incident, reader), reader, now)


def _planned(incident: Incident, reader: WatchedReader, now: datetime) -> None:
    reader.again()
    reader.waves.clear()
    examination = examine(identify(incident, reader), reader, now, along=asked_for_a_plan)
    planned(examination, reader, Controls())


def _course(do: Callable[[], object], replay: Replay, runs: int, *, most_waves: int | None = None) -> Course:
    """Calls and waves are counted in a run of their own; `most_waves` are known to be enough."""
    replay.freeze(TELLING_DELAY)
    replay.clear()
    do()
    calls = [one for one in replay.calls() if f"{one['service']}:{one['operation']}" != CHECK_OF_THE_ACCOUNT]
    refused = [f"{one['service']}:{one['operation']}" for one in calls if one["refused"]]
    if refused:
        raise RuntimeError(f"asked now and not when the answers were recorded: {', '.join(refused)}")
    twice = sum(times - 1 for times in Counter(one["digest"] for one in calls).values())
    waves = dependent_waves(calls)
    waves = min((waves, *(_waves(do, replay) for _ in range(_RECOUNTS if waves > MOST_WAVES else 0))))
    replay.freeze(DELAY)
    remembering = content_caches()
    walls: list[float] = []
    cpus: list[float] = []
    while True:
        forget(remembering)
        began, worked = time.perf_counter(), time.process_time()
        do()
        cpus.append((time.process_time() - worked) * 1000)
        walls.append((time.perf_counter() - began) * 1000)
        course = Course(min(walls), min(cpus), len(calls), min(waves, most_waves or waves), twice)
        if len(walls) >= (runs if course.kept else max(runs, MOST_RUNS)):
            return course


def _waves(do: Callable[[], object], replay: Replay) -> int:
    replay.clear()
    do()
    return dependent_waves(
        one for one in replay.calls() if f"{one['service']}:{one['operation']}" != CHECK_OF_THE_ACCOUNT
    )


def _finds_the_task(incident: Incident, wave: Iterable[Call]) -> bool:
    """Whether the wave finds out which task the event is about, which a stop event shows by itself."""
    asked = {call.name for call in wave}
    if incident.kind is Kind.EXEC_ERROR:
        return asked == {"ecs:DescribeTasks"}
    return incident.kind is Kind.SERVICE_EVENT and "ecs:ListTasks" in asked


def _runs_on_instances(sandbox: Sandbox, incident: Incident, cluster: str, service: str | None) -> bool:
    """By the account itself, whatever the diagnosis made of it."""
    if incident.launch_type:
        return incident.launch_type != "FARGATE"
    if not service:
        return False
    [found] = sandbox.client("ecs").describe_services(cluster=cluster, services=[service])["services"]
    providers = [one["capacityProvider"] for one in found.get("capacityProviderStrategy", [])]
    return found.get("launchType", "") == "EC2" or any(not name.startswith("FARGATE") for name in providers)


def figures(measured: Sequence[Row]) -> tuple[Figure, ...]:
    """The worst of every kind, with its bound, and what it is worth comparing with."""
    few = [row.waves for row in measured if not row.on_instances]
    more = [row.waves for row in measured if row.on_instances]
    whole = [row.with_plan for row in measured]
    return (
        Figure("scenarios", len(measured), ""),
        Figure(
            "diagnosis, waiting / (waves × 50 ms), worst",
            max((one.diagnosis.waiting for one in measured), default=0),
            "×",
            MOST_RATIO,
        ),
        Figure(
            "with its plan, waiting / (waves × 50 ms), worst",
            max((one.waiting for one in whole), default=0),
            "×",
            MOST_RATIO,
        ),
        Figure(
            "diagnosis, own CPU / (3 ms × calls + 25 ms), worst",
            max((one.diagnosis.work for one in measured), default=0),
            "×",
            1,
        ),
        Figure(
            "with its plan, own CPU / (3 ms × calls + 25 ms), worst",
            max((one.work for one in whole), default=0),
            "×",
            1,
        ),
        Figure("dependent waves on Fargate, most", max(few, default=0), "", MOST_WAVES),
        Figure(
            "dependent waves on EC2 and Managed Instances, most", max(more, default=0), "", MOST_WAVES_WITH_INSTANCES
        ),
        Figure("calls made twice", sum(one.twice for one in whole), "", 0),
        Figure("calls of a diagnosis with its plan, most", max((one.calls for one in whole), default=0), ""),
        Figure("diagnosis with its plan, median", median(one.wall_ms for one in whole), "ms"),
        Figure("own CPU of a diagnosis with its plan, median", median(one.cpu_ms for one in whole), "ms"),
        Figure("own CPU of a bare boto3 for the same calls, median", median(one.bare.cpu_ms for one in measured), "ms"),
    )


def table(measured: Iterable[Row]) -> Table:
    """A line a scenario."""
    lines = Table(
        title="Diagnoses with their plans, AWS 50 ms away; the check of whose account it is is not counted, "
        "and a wave that finds the task is the +1",
        title_justify="left",
    )
    of_both = ("own CPU ms", "allowed", "without plan", "bare boto3", "waited", "without plan")
    for heading in ("", "calls", "waves", "ms", *of_both):
        lines.add_column(heading, justify="right" if heading else "left", no_wrap=not heading)
    for one in measured:
        whole = one.with_plan
        lines.add_row(
            one.name + (" *" if one.on_instances else ""),
            str(whole.calls),
            str(one.waves) + ("+1" if one.first_finds_the_task else ""),
            f"{whole.wall_ms:.0f}",
            f"{whole.cpu_ms:.0f}",
            f"{MS_A_CALL * whole.calls + MS_BESIDE:.0f}",
            f"{one.diagnosis.cpu_ms:.0f}",
            f"{one.bare.cpu_ms:.0f}",
            f"{whole.waiting:.2f}",
            f"{one.diagnosis.waiting:.2f}",
        )
    return lines


def main(arguments: list[str]) -> int:
    """Measure and print; 1 where a bound is missed."""
    measured = tuple(rows(arguments or names()))
    console = Console(stderr=True, width=None if sys.stderr.isatty() else 120)
    console.print(table(measured))
    found = figures(measured)
    for one in found:
        bound = f" ({one.bound})" if one.is_bounded else ""
        console.print(f"{'  ' if one.kept else '! '}{one.name}: {one.shown}{bound}")
    print(json.dumps([asdict(one) for one in found]))
    return 0 if all(one.kept for one in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
