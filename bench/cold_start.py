"""How long an alert waits for a new execution environment: Init and the first diagnosis, next to the least of all.

The least is `bench/handlers/bare.py`: it imports boto3, makes the same clients, and makes the same calls in the same
waves as the function did, the ledger's, the secret's and Slack's included. It has boto3 as pip installs it; how it does
with the trimmed one of the function's own layer is told as well. All run under Lambda's runtime interface emulator,
turn by turn, against the same replayed account, whose every answer takes `ANSWER_SECONDS`. Only the ledger is a live
table of the embedded account, new for each start, because what it answers depends on who asks.

`python -m bench.cold_start [RUNS]`.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import built
from bench.emulator import RUNTIME_CLIENT, ColdStart, EmulatorError, cold_start, installed
from bench.figure import Figure
from bench.replay import Replay
from sandbox import ledger_table, stack
from sandbox.client import Sandbox
from sandbox.gallery import build

RUNS = 9
SCENARIO = "ecr_dkr_endpoint_missing"
ANSWER_SECONDS = 0.05
_APART = 0.5
"""Seconds that an answer takes while the waves are found out: calls of one wave are sent within it."""
MOST = 1.25
MOST_MB = 160.0
MOST_LAYERS_MB = 250.0
"""Lambda's own limit, for function and layers unpacked."""

_HANDLERS = Path(__file__).parent / "handlers"


class _Place:
    """Where the two of them run: the paths that are /var/task and /opt/python in Lambda, and a folder for logs."""

    def __init__(self, scratch: Path, sandbox: Sandbox, replay: Replay) -> None:
        self.scratch = scratch
        self.sandbox = sandbox
        self.replay = replay
        self.environment = {
            **sandbox.environment,
            **stack.deploy(sandbox),
            **replay.environment,
            "AWS_ENDPOINT_URL_DYNAMODB": sandbox.aws_url,
        }
        self.function = built.function("DiagnoseFunction")
        self.layers = built.layers()
        self.boto3 = installed("boto3", built.CACHE)
        self.runtime = installed(RUNTIME_CLIENT, built.CACHE)

    def run(self, handler: str, event: object, *path: Path, **variables: str) -> ColdStart:
        """One cold start; the account answers as if for the first time."""
        self.replay.clear()
        self.sandbox.client("dynamodb").delete_table(TableName=self.environment["LEDGER_TABLE"])
        ledger_table.create(self.sandbox)
        return cold_start(
            handler,
            event,
            path=[*path, self.runtime],
            environment={**self.environment, **variables},
            log=self.scratch / f"{handler}.log",
        )

    def checked(self, handler: str, event: object, *path: Path, **variables: str) -> ColdStart:
        """The same; a measurement of something else is none.

        Raises:
            EmulatorError: the function did not diagnose, or something was asked that the account cannot answer.
        """
        run = self.run(handler, event, *path, **variables)
        if not isinstance(run.answer, dict) or run.answer.get("status") not in {"diagnosed", "called"}:
            raise EmulatorError(f"expected a diagnosis, got {run.answer!r}")
        if refused := self.replay.refused():
            raise EmulatorError(f"asked what was not recorded: {refused[0]['service']}:{refused[0]['operation']}")
        return run


def measure(runs: int = RUNS) -> tuple[Figure, ...]:
    """Build the layers where that is needed, and start both cold, `runs` times each.

    Raises:
        BuildError, EmulatorError: it cannot be measured here.
    """
    built.build()
    with (
        tempfile.TemporaryDirectory() as scratch,
        Sandbox.start(seed=1) as sandbox,
        Replay.start(sandbox.aws_url, sandbox.slack_url) as replay,
    ):
        place = _Place(Path(scratch), sandbox, replay)
        event = build(sandbox, SCENARIO).event
        plan = _recorded(place, event)
        ours: list[ColdStart] = []
        bare: list[ColdStart] = []
        bare_on_layer: list[ColdStart] = []
        for _ in range(runs):
            ours.append(place.checked("diagnose.handler", event, place.function, *place.layers))
            bare.append(place.checked("bare.handler", event, _HANDLERS, place.boto3, CALLS=str(plan)))
            bare_on_layer.append(place.checked("bare.handler", event, _HANDLERS, *place.layers, CALLS=str(plan)))
        return _figures(ours, bare, bare_on_layer)


def _recorded(place: _Place, event: object) -> Path:
    """Lets the account answer once, and finds out what is called, and in which waves."""
    place.run("diagnose.handler", event, place.function, *place.layers)
    place.replay.freeze(_APART)
    file = place.scratch / "trace.json"
    place.checked("recording.handler", event, _HANDLERS, place.function, *place.layers, RECORD_TO=str(file))
    slack = [call for call in place.replay.calls() if call["service"] == "slack"]
    plan = place.scratch / "calls.json"
    plan.write_text(json.dumps(plan_of(json.loads(file.read_text()), slack, place.environment["SLACK_API_URL"])))
    place.replay.freeze(ANSWER_SECONDS)
    return plan


def plan_of(calls: Sequence[Mapping[str, Any]], slack: Sequence[Mapping[str, Any]], slack_url: str) -> dict[str, Any]:
    """What the bare handler does: the clients in the order of their first use, and the calls in waves."""
    clients = list(dict.fromkeys((call["service"], call["region"]) for call in calls))
    planned = [
        {
            "client": clients.index((call["service"], call["region"])),
            "operation": call["operation"],
            "params": call["params"],
            "started": call["started"],
            "ended": call["ended"],
        }
        for call in calls
    ]
    planned += [
        {
            "url": f"{slack_url}{call['operation']}",
            "body": {"channel": stack.CHANNEL, "text": "orders cannot start"},
            "started": call["started"],
            "ended": call["ended"],
        }
        for call in slack
    ]
    return {"clients": clients, "waves": _waves(planned)}


def _waves(calls: Iterable[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
    """Calls that were started before any of their wave was answered."""
    waves: list[list[Mapping[str, Any]]] = []
    for call in sorted(calls, key=lambda one: float(one["started"])):
        if waves and call["started"] < min(one["ended"] for one in waves[-1]):
            waves[-1].append(call)
        else:
            waves.append([call])
    times = {"started", "ended"}
    return [[{name: value for name, value in call.items() if name not in times} for call in wave] for wave in waves]


def _figures(
    ours: Sequence[ColdStart], bare: Sequence[ColdStart], bare_on_layer: Sequence[ColdStart]
) -> tuple[Figure, ...]:
    seconds, least, least_on_layer = (
        statistics.median(run.seconds for run in runs) for runs in (ours, bare, bare_on_layer)
    )
    cpu, least_cpu = (statistics.median(run.cpu_seconds for run in runs) for runs in (ours, bare))
    sizes = built.sizes()
    return (
        Figure("cold start, Init and first diagnosis, next to a bare handler", seconds / least, "×", MOST),
        Figure("the same, processor time alone", cpu / least_cpu, "×"),
        Figure("the same, next to a bare handler on the function's own layer", seconds / least_on_layer, "×"),
        Figure("cold start of the function", seconds * 1000, "ms"),
        Figure("cold start of the bare handler", least * 1000, "ms"),
        Figure(
            "most memory of the function, first diagnosis included", max(run.peak_mb for run in ours), "MB", MOST_MB
        ),
        Figure("most memory of the bare handler", max(run.peak_mb for run in bare), "MB"),
        Figure("both layers, unpacked", sum(size.unpacked for size in sizes.values()), "MB", MOST_LAYERS_MB),
        *(Figure(f"{name}, unpacked", size.unpacked, "MB") for name, size in sizes.items()),
        *(Figure(f"{name}, zipped", size.zipped, "MB") for name, size in sizes.items()),
    )


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 where a bound is missed."""
    figures = measure(int(arguments[0]) if arguments else RUNS)
    table = Table(title="Cold start", title_justify="left")
    for column in ("", "measured", "at most"):
        table.add_column(column, justify="left" if not column else "right")
    for figure in figures:
        most = "" if figure.most is None else f"{figure.most:g} {figure.unit}"
        table.add_row(figure.name, f"{figure.value:.2f} {figure.unit}", most)
    Console(stderr=True).print(table)
    print(json.dumps([{"name": one.name, "value": one.value, "unit": one.unit, "most": one.most} for one in figures]))
    return 0 if all(figure.kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
