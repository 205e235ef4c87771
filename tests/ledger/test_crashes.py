"""Wherever a run is cut off, the event's next delivery or the sweep brings the ledger to the same end."""

from collections.abc import Callable
from typing import Any

import pytest

from ecs_medic.ledger import alerts, diagnoses, incidents, leases, posting, resolve, services, verifications
from ecs_medic.ledger.arrivals import Arrival, arrive
from ecs_medic.ledger.due import DueKind, due
from ecs_medic.ledger.errors import LedgerError
from ecs_medic.ledger.incidents import IncidentRecord, State
from ecs_medic.ledger.joining import join
from ecs_medic.ledger.rhythm import DEFAULT, HOUR, MINUTE
from ecs_medic.ledger.roots import Root
from ecs_medic.ledger.table import Table
from ecs_medic.vocabulary import Id
from tests.ledger.occurrences import INCIDENT, START, diagnosis, held, occurrence

ROOT = Root(Id.VPC_ENDPOINT_MISSING, "vpc-0aaa", "123456789012", "eu-west-1", "C0OPS")
WRITES = ("transact_write_items", "update_item", "put_item", "delete_item")
STEPS = 8


class Killed(BaseException):
    """The function was cut off."""


class Mortal:
    """A client that ends the run just before or just after its nth write."""

    def __init__(self, client: Any, after: int, *, written: bool) -> None:
        self._client, self._left, self._written = client, after, written

    def __getattr__(self, name: str) -> Any:
        call: Callable[..., Any] = getattr(self._client, name)
        if name not in WRITES:
            return call

        def mortal(**asked: Any) -> Any:
            self._left -= 1
            if self._left > 0:
                return call(**asked)
            if self._written:
                call(**asked)
            raise Killed

        return mortal


class Slack:
    """The messages that were posted, by the id that each carries."""

    def __init__(self) -> None:
        self.messages: dict[str, str] = {}

    def post(self, intent_id: str) -> str:
        return self.messages.setdefault(intent_id, f"{len(self.messages) + 1}.0")


def attend(table: Table, record: IncidentRecord, slack: Slack, *, owner: str, now: int) -> None:
    """What the service does with a lease, in short."""
    if record.diagnosis_due(now, DEFAULT):
        record = diagnoses.diagnosed(table, record, diagnosis(at=now), owner=owner)
    joined = join(table, record, ROOT, owner=owner, now=now)
    tell(table, joined.alert.id, slack, owner=owner, now=now)
    leases.settle(table, record.id, owner=owner, now=now, shown_count=record.count)


def tell(table: Table, alert_id: str, slack: Slack, *, owner: str, now: int) -> None:
    alert = posting.claim(table, alert_id, owner=owner, now=now, hurry=True)
    if alert is None:
        return
    if alert.ts is not None:
        posting.edited(table, alert, owner=owner, shown_hash="h", shown_count=1, now=now)
        return
    intent = alert.intent_id or f"intent-{owner}"
    posting.intend(table, alert_id, owner=owner, intent_id=intent, now=now)
    ts = slack.post(intent)
    posting.posted(table, alert, owner=owner, ts=ts, channel="C1", shown_hash="h", shown_count=1, now=now)


def sweep(table: Table, slack: Slack, *, now: int) -> None:
    for found in due(table, now):
        owner = f"sweep-{now}-{found.id}"
        if found.kind is DueKind.ALERT:
            tell(table, found.id, slack, owner=owner, now=now)
        elif record := leases.claim(table, found.id, owner=owner, now=now):
            attend(table, record, slack, owner=owner, now=now)


def end_state(table: Table) -> tuple[Any, ...]:
    record = held(incidents.read(table, INCIDENT))
    alert = held(alerts.read(table, held(record.alert_id)))
    return (
        (record.state, record.count, record.shown_count, record.cause, record.diagnoses, record.due_at),
        (alert.state, alert.members, alert.open_members, alert.due_at, alert.ts, alert.intent_id),
        [member.incident_id for member in alerts.members(table, alert.id)],
        services.incidents_of(table, "123456789012", "eu-west-1", "shop", "orders"),
        diagnoses.report_of(table, INCIDENT).document,
    )


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
@pytest.mark.parametrize("taken_up_by", ["delivery", "sweep", "next event"])
def test_a_crash_at_any_write_comes_to_the_same_end(table, step, written, taken_up_by):
    slack = Slack()
    mortal = Table(Mortal(table._client, step, written=written), table.name)
    try:
        first = arrive(mortal, occurrence(1), now=START, owner="crashed")
        attend(mortal, held(first.record), slack, owner="crashed", now=START)
    except Killed:
        pass
    else:
        pytest.fail("the run made fewer writes than steps were planned")
    now = START + DEFAULT.lease + 1
    known = incidents.read(table, INCIDENT) is not None
    if taken_up_by == "delivery" or not known:
        again = arrive(table, occurrence(1), now=now, owner="again")
        if again.record is not None:
            attend(table, held(again.record), slack, owner="again", now=now)
    count = 1
    if taken_up_by == "next event":
        count = 2
        other = arrive(table, occurrence(2), now=now, owner="other")
        if other.record is not None:
            attend(table, other.record, slack, owner="other", now=now)
    for minute in (1, 7, 14):
        sweep(table, slack, now=now + minute * MINUTE)
    record, alert, members, listed, report = end_state(table)
    assert record[:4] == (State.OPEN, count, count, Id.VPC_ENDPOINT_MISSING)
    assert record[4] in {1, 2} if count == 2 else record[4] == 1
    assert record[5] is None
    assert alert[:4] == (State.OPEN, 1, 1, None)
    assert alert[4:] == ("1.0", None)
    assert list(slack.messages.values()) == ["1.0"]
    assert members == [INCIDENT]
    assert listed == (INCIDENT,)
    assert report == {"verdict": "vpc_endpoint_missing"}


@pytest.mark.parametrize("written", [False, True])
def test_a_crash_while_it_is_resolved_leaves_it_open_or_wholly_resolved(table, written):
    slack = Slack()
    first = arrive(table, occurrence(1), now=START, owner="one")
    attend(table, held(first.record), slack, owner="one", now=START)
    verifications.schedule(table, INCIDENT, at=START + MINUTE)
    record = held(leases.claim(table, INCIDENT, owner="two", now=START + MINUTE, only_if_due=False))
    mortal = Table(Mortal(table._client, 1, written=written), table.name)
    with pytest.raises(Killed):
        resolve.resolve(mortal, record, owner="two", read_at=START + MINUTE, now=START + MINUTE)
    record, alert, _, listed, _ = end_state(table)
    scheduled = DueKind.VERIFICATION in {found.kind for found in due(table, START + HOUR)}
    if written:
        assert (record[0], alert[0], listed, scheduled) == (State.RESOLVED, State.RESOLVED, (), False)
        assert DueKind.ALERT in {found.kind for found in due(table, START + HOUR)}
    else:
        assert (record[0], alert[0], listed, scheduled) == (State.OPEN, State.OPEN, (INCIDENT,), True)


def test_a_run_that_took_too_long_writes_nothing_over_its_successor(table):
    first = arrive(table, occurrence(1), now=START, owner="slow")
    second = arrive(table, occurrence(2), now=START + DEFAULT.lease, owner="next")
    assert second.arrival is Arrival.DUE
    for late in (
        lambda: diagnoses.diagnosed(table, held(first.record), diagnosis(), owner="slow"),
        lambda: join(table, held(first.record), ROOT, owner="slow", now=START),
        lambda: leases.settle(table, INCIDENT, owner="slow", now=START),
    ):
        with pytest.raises(LedgerError):
            late()
    record = held(incidents.read(table, INCIDENT))
    assert (record.lease_owner, record.diagnoses, record.alert_id) == ("next", 0, None)
