"""What one event of a storm costs: own processor time, and writes to the ledger, once its incident is known.

`python -m bench.storm [EVENTS]` prints a line of JSON, and a small table on standard error.
"""

import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from sandbox import stack
from sandbox.client import Sandbox
from sandbox.gallery import build
from sandbox.lambda_context import LambdaContext
from sandbox.storm_demo import another_task

EVENTS = 500
WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Measurement:
    """Milliseconds of this process's own processor time for each event, and DynamoDB calls for each event by name."""

    events: int
    own_cpu_ms_median: float
    own_cpu_ms_p95: float
    ledger_calls: Mapping[str, float]
    aws_reads: int


def measure(events: int = EVENTS) -> Measurement:
    """Give the handler one event that opens an incident, then `events` more of the same service, one by one."""
    logging.disable(logging.CRITICAL)
    with Sandbox.start(seed=1) as sandbox:
        os.environ.update(sandbox.environment | stack.deploy(sandbox) | {"POWERTOOLS_METRICS_DISABLED": "true"})
        # The handler reads its settings from the environment, which only now points at the account.
        import diagnose  # noqa: PLC0415

        scenario = build(sandbox, "ecr_dkr_endpoint_missing")
        handler: Any = diagnose.handler
        handler(scenario.event, LambdaContext())
        spent: list[float] = []
        for number in range(-WARM_UP, events):
            if number == 0:
                sandbox.clear_calls()
            event = another_task(scenario.event, number + WARM_UP)
            before = time.process_time()
            answer = handler(event, LambdaContext())
            spent.append((time.process_time() - before) * 1000)
            assert answer["status"] in {"counted", "diagnosed"}, answer  # noqa: S101 - a measurement of something else
        calls = sandbox.calls()
    hot = sorted(spent[WARM_UP:])
    ledger = Counter(call["operation"] for call in calls if call["service"] == "dynamodb")
    return Measurement(
        events=events,
        own_cpu_ms_median=round(hot[len(hot) // 2], 2),
        own_cpu_ms_p95=round(hot[int(len(hot) * 0.95)], 2),
        ledger_calls={name: round(count / events, 3) for name, count in ledger.items()},
        aws_reads=sum(call["service"] != "dynamodb" for call in calls),
    )


def _table(measured: Measurement) -> Table:
    table = Table(title=f"One event of a storm ({measured.events} of them)", title_justify="left")
    table.add_column("")
    table.add_column("", justify="right")
    table.add_row("own processor time, median", f"{measured.own_cpu_ms_median} ms")
    table.add_row("own processor time, 95 %", f"{measured.own_cpu_ms_p95} ms")
    for name, each in sorted(measured.ledger_calls.items()):
        table.add_row(f"{name} per event", f"{each}")
    table.add_row("reads of AWS, all events together", str(measured.aws_reads))
    return table


def main(arguments: list[str]) -> int:
    """Measure and print."""
    measured = measure(int(arguments[0]) if arguments else EVENTS)
    Console(stderr=True).print(_table(measured))
    print(json.dumps(asdict(measured)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
