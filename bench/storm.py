"""What one more event of a known incident costs, and a million of them: own processor time, writes, money.

The function runs as it is deployed, metrics and logs included; only where they go to is a buffer. One event after the
other is handed to it, so that each call that arrives at the account belongs to one event.

`python -m bench.storm [EVENTS]`
"""

import io
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

from rich.console import Console
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

from bench import prices
from bench.awake import awake
from bench.figure import Figure
from bench.prices import Prices
from sandbox import stack
from sandbox.client import Sandbox
from sandbox.durable.functions import DurableFunctions
from sandbox.gallery import build
from sandbox.lambda_context import LambdaContext
from sandbox.storm_demo import another_task

EVENTS = 400
WARM_UP = 20
BLOCK = 50
MOST_OWN_MS = 5.0
WRITES = 1
"""Of a counted event, no fewer and no more; it is the only thing that it asks the ledger."""
MOST_GROWTH = 1.5
"""How much more an event may take when hundreds have been counted."""
MOST_BEYOND, MOST_SHARE_BEYOND = 5, 0.02
"""How many events, and which share of many, may be more than counted: the message is edited once in some seconds."""
QUIET_SECONDS = 2.0
MOST_TURNS = 20
APPROVER = "U0ALICE"
_WRITES = frozenset({"TransactWriteItems", "BatchWriteItem", "PutItem", "UpdateItem", "DeleteItem"})
_TEMPLATE = Path(__file__).parent.parent / "template.yaml"


@dataclass(frozen=True, slots=True)
class Answered:
    """One event: its answer, the processor time of the thread that gave it, its calls of AWS, its bytes of log.

    A counted event is answered by one thread; the others of this process are the account's stand-in for Lambda.
    """

    answer: Mapping[str, Any]
    own_ms: float
    calls: tuple[str, ...]
    """`service:Operation`."""
    log_bytes: int
    written: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    """The parts of its transactions, as they were asked for."""

    @property
    def only_counted(self) -> bool:
        """Whether that was all, by its answer: an event that finds the message due to be edited says a verdict."""
        return self.answer["status"] == "counted" and self.answer["verdict"] is None

    @property
    def writes(self) -> int:
        """Requests that write to the ledger."""
        return sum(call.removeprefix("dynamodb:") in _WRITES for call in self.calls)

    @property
    def requests_to_the_ledger(self) -> int:
        """Whatever they ask."""
        return sum(call.startswith("dynamodb:") for call in self.calls)

    @property
    def reads_of_aws(self) -> int:
        """Calls of anything but the ledger."""
        return sum(not call.startswith("dynamodb:") for call in self.calls)


@dataclass(frozen=True, slots=True)
class Storm:
    """Events of one incident, and what they left: Slack's messages, and the ledger's items that every event writes."""

    answered: tuple[Answered, ...]
    messages: int
    write_units: int
    bare_ms: float
    """Median processor time of the one write alone, as boto3 makes it without settings."""

    @property
    def counted(self) -> tuple[Answered, ...]:
        """The hot path: those that were only counted."""
        return tuple(one for one in self.answered if one.only_counted)


def measure(events: int = EVENTS) -> tuple[Figure, ...]:
    """Both stacks, without repairs and with them, and the bill.

    Raises:
        RuntimeError: not one event was only counted.
    """
    storms = {name: _storm(events, repairs=repairs) for name, repairs in (("", False), (", repairs on", True))}
    figures = [figure for name, storm in storms.items() for figure in (*_times(storm, name), *_requests(storm, name))]
    return (*figures, *costs(storms[""], Prices.read()))


def _times(storm: Storm, name: str) -> Iterator[Figure]:
    if not storm.counted:
        raise RuntimeError("not one event was only counted")
    own = sorted(one.own_ms for one in storm.counted)
    yield Figure(f"own processor time of a counted event{name}", _quietest(storm.counted), "ms", MOST_OWN_MS)
    yield Figure(f"the same, median of all{name}", median(own), "ms")
    yield Figure(f"the same, 95 %{name}", own[int(len(own) * 0.95)], "ms")
    yield Figure(f"the same, next to its one write alone{name}", median(own) / storm.bare_ms, "×")
    yield Figure(f"the same, last block next to first{name}", _growth(storm.counted), "×", MOST_GROWTH)


def _requests(storm: Storm, name: str) -> Iterator[Figure]:
    writes = [one.writes for one in storm.counted]
    requests = [one.requests_to_the_ledger for one in storm.counted]
    yield Figure(f"writes of a counted event, most{name}", max(writes), "", WRITES, WRITES)
    yield Figure(f"writes of a counted event, least{name}", min(writes), "", WRITES, WRITES)
    yield Figure(f"requests of a counted event to the ledger, most{name}", max(requests), "", WRITES, WRITES)
    yield Figure(f"requests of a counted event to the ledger, least{name}", min(requests), "", WRITES, WRITES)
    yield Figure(f"calls of AWS but the ledger, all events{name}", sum(a.reads_of_aws for a in storm.answered), "", 0)
    events = len(storm.answered)
    yield Figure(f"events{name}", events, "")
    most = max(MOST_BEYOND, int(events * MOST_SHARE_BEYOND))
    yield Figure(f"events that were more than counted{name}", events - len(storm.counted), "", most)
    yield Figure(f"messages in Slack{name}", storm.messages, "", 1, 1)


def _growth(counted: Sequence[Answered]) -> float:
    """What an event takes at the end next to the beginning; of each, the quieter of two blocks."""
    return _quietest(counted[-2 * BLOCK :]) / _quietest(counted[: 2 * BLOCK])


def _quietest(counted: Sequence[Answered]) -> float:
    """The median of the fifty events in a row for which it is least: what else runs on the machine only adds to it."""
    return min(
        median(one.own_ms for one in counted[at : at + BLOCK])
        for at in range(0, max(1, len(counted) - BLOCK + 1), BLOCK)
    )


def costs(storm: Storm, given: Prices) -> tuple[Figure, ...]:
    """A million counted events, next to a function that posts a message for each."""
    megabytes, architecture = _deployed()
    ours = prices.bill(
        prices.Event(
            megabytes=megabytes,
            architecture=architecture,
            own_milliseconds=median(one.own_ms for one in storm.counted),
            waiting_milliseconds=given.assumed["dynamodb_milliseconds"],
            write_units=storm.write_units,
            log_bytes=sum(one.log_bytes for one in storm.counted) / len(storm.counted),
            traced=True,
        ),
        given,
    )
    theirs = prices.bill(prices.notifier(given), given)
    return (
        Figure("a million events: write units", prices.MILLION * storm.write_units, ""),
        *(Figure(f"a million events: {name}", usd, "USD") for name, usd in ours.items()),
        Figure("a million events: together", sum(ours.values()), "USD"),
        Figure("a notifier, a million events: together", sum(theirs.values()), "USD"),
        Figure("a notifier, a million events: messages in Slack", prices.MILLION, ""),
        Figure(
            f"a notifier, a million events in {given.assumed['storm_hours']:g} h: the channel is behind by",
            prices.hours_behind(prices.MILLION, given),
            "h",
        ),
    )


def _storm(events: int, *, repairs: bool) -> Storm:
    """One event that opens an incident, some to warm up, then `events` more of the same service."""
    with (
        Sandbox.start(seed=1) as sandbox,
        mock.patch.dict(os.environ),
        _stack(sandbox, repairs=repairs) as handler,
        awake(),
    ):
        scenario = build(sandbox, "ecr_dkr_endpoint_missing")
        with redirect_stdout(io.StringIO()) as log:
            assert handler(scenario.event, LambdaContext())["posted"]  # noqa: S101 - else it is not the hot path
            for number in range(WARM_UP):
                handler(another_task(scenario.event, number), LambdaContext())
            _until_quiet(sandbox)
            noted = []
            for number in range(WARM_UP, WARM_UP + events):
                event = another_task(scenario.event, number)
                begun, written = datetime.now(UTC), log.tell()
                before = time.thread_time()
                answer = handler(event, LambdaContext())
                own_ms = (time.thread_time() - before) * 1000
                noted.append((begun, answer, own_ms, log.tell() - written))
        answered = tuple(_answered(noted, sandbox.calls()))
        posted = [one for one in sandbox.slack_messages() if not one.get("thread_ts")]
        ledger = sandbox.client("dynamodb").get_paginator("scan").paginate(TableName=os.environ["LEDGER_TABLE"])
        items = [item for page in ledger for item in page["Items"]]
        return Storm(answered, len(posted), write_units(answered, items), _bare_ms(sandbox))


def _until_quiet(sandbox: Sandbox) -> None:
    """Let the repair that the first event began come to where it waits for somebody's word."""
    arrived = -1
    for _ in range(MOST_TURNS):
        if arrived == (arrived := len(sandbox.calls())):
            break
        time.sleep(QUIET_SECONDS)
    sandbox.clear_calls()


def _answered(
    noted: Sequence[tuple[datetime, Mapping[str, Any], float, int]], calls: Sequence[Mapping[str, Any]]
) -> Iterator[Answered]:
    """Each call belongs to the event that had begun last when it arrived."""
    arrived = [(datetime.fromisoformat(call["at"]), call) for call in calls]
    ends = [begun for begun, *_ in noted[1:]] + [datetime.max.replace(tzinfo=UTC)]
    for (begun, answer, own_ms, log_bytes), end in zip(noted, ends, strict=True):
        its = [call for at, call in arrived if begun <= at < end]
        yield Answered(
            answer,
            own_ms,
            tuple(f"{call['service']}:{call['operation']}" for call in its),
            log_bytes,
            tuple(part for call in its for part in call.get("parameters", {}).get("TransactItems", ())),
        )


@contextmanager
def _stack(sandbox: Sandbox, *, repairs: bool) -> Iterator[Any]:
    """The handler in an account in which the stack is deployed; with repairs, somebody may approve them."""
    os.environ.update(sandbox.environment | stack.deploy(sandbox))
    # The handlers read their settings from the environment, which only now points at the account.
    import diagnose  # noqa: PLC0415
    import remediate  # noqa: PLC0415
    from ecs_medic.ledger import controls  # noqa: PLC0415

    for module in (diagnose, remediate):
        module._environment.cache_clear()  # noqa: SLF001 - as a new execution environment would start
    if not repairs:
        yield diagnose.handler
        return
    with DurableFunctions.start(sandbox, {"RemediateFunction": remediate.handler}) as durable:
        os.environ["REMEDIATE_FUNCTION"] = durable.alias("RemediateFunction")
        environment, _ = diagnose._environment()  # noqa: SLF001 - the very one that the handler uses
        controls.publish(environment.table, {"mode": "ask", "approvers": [APPROVER]})
        yield diagnose.handler


def write_units(answered: Iterable[Answered], items: Iterable[Mapping[str, Any]]) -> int:
    """What the dearest transaction of a counted event takes: each item in it, as large as it is at the end."""
    size = {(one["pk"]["S"], one["sk"]["S"]): prices.item_bytes(one) for one in items}
    asked = ([next(iter(part.values())) for part in one.written] for one in answered if one.only_counted)
    return max((prices.write_units(*(size[_key(part)] for part in parts)) for parts in asked), default=0)


def _key(part: Mapping[str, Any]) -> tuple[str, str]:
    """Of the item that a part of a transaction writes, or only checks, which is paid for alike."""
    names = part.get("Item") or part["Key"]
    return names["pk"]["S"], names["sk"]["S"]


def _bare_ms(sandbox: Sandbox) -> float:
    """A transaction of a put and an update, without anything around it."""
    client, table = sandbox.client("dynamodb"), os.environ["LEDGER_TABLE"]
    spent = []
    for number in range(100):
        before = time.thread_time()
        client.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": table,
                        "Item": {"pk": {"S": f"bare#{number}"}, "sk": {"S": "event"}, "expires_at": {"N": "1"}},
                        "ConditionExpression": "attribute_not_exists(#pk)",
                        "ExpressionAttributeNames": {"#pk": "pk"},
                    }
                },
                {
                    "Update": {
                        "TableName": table,
                        "Key": {"pk": {"S": "bare"}, "sk": {"S": "incident"}},
                        "UpdateExpression": "ADD #count :one",
                        "ExpressionAttributeNames": {"#count": "count"},
                        "ExpressionAttributeValues": {":one": {"N": "1"}},
                    }
                },
            ]
        )
        spent.append((time.thread_time() - before) * 1000)
    return median(spent)


def _deployed() -> tuple[int, str]:
    """The megabytes and the processor that the template gives the function."""
    written: dict[str, Any] = yaml_parse(_TEMPLATE.read_text())
    megabytes: int = written["Resources"]["DiagnoseFunction"]["Properties"]["MemorySize"]
    architecture: str = written["Parameters"]["Architecture"]["Default"]
    return megabytes, architecture


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 where a bound is missed."""
    from bench.__main__ import as_json, table_of  # noqa: PLC0415 - it imports this module by name

    figures = {"storm": measure(int(arguments[0]) if arguments else EVENTS)}
    Console(stderr=True, width=120 if not sys.stderr.isatty() else None).print(table_of(figures))
    print(as_json(figures))
    return 0 if all(one.kept for one in figures["storm"]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
