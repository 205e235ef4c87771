"""What an event comes to: counted once, and attended to by one run at a time."""

import itertools
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ecs_medic.incident import Kind
from ecs_medic.ledger import diagnoses, incidents, keys, leases, mutes, resolve, services
from ecs_medic.ledger.arrivals import Arrival, arrive
from ecs_medic.ledger.due import Due, DueKind, due
from ecs_medic.ledger.incidents import State
from ecs_medic.ledger.rhythm import DAY, DEFAULT, HOUR, MINUTE, SECOND, epoch_ms, next_mark
from ecs_medic.ledger.table import Update, Value
from tests.ledger.occurrences import INCIDENT, START, diagnosis, held, occurrence

LATER = START + 2 * MINUTE


def hot(table):
    return held(incidents.read(table, INCIDENT))


def settled(table, *, owner="one", now=START, shown=None):
    shown = hot(table).count if shown is None else shown
    return leases.settle(table, INCIDENT, owner=owner, now=now, shown_count=shown)


def opened(table, *, now=START):
    arrived = arrive(table, occurrence(1), now=now, owner="one")
    diagnoses.diagnosed(table, held(arrived.record), diagnosis(at=now), owner="one")
    return settled(table, now=now)


def resolved(table, *, at=LATER):
    record = held(leases.claim(table, INCIDENT, owner="verifier", now=at, only_if_due=False))
    assert resolve.resolve(table, record, owner="verifier", read_at=at, now=at)


def test_the_first_event_opens_and_holds_the_lease(table):
    arrived = arrive(table, occurrence(1), now=START, owner="one")
    assert arrived.arrival is Arrival.OPENED
    record = held(arrived.record)
    assert (record.id, record.state, record.count, record.generation) == (INCIDENT, State.OPEN, 1, 1)
    assert record.subject == occurrence(1).subject
    assert record.first_seen == occurrence(1).occurred_at
    assert record.lease_owner == "one"
    assert record.diagnosis_due(START, DEFAULT)
    assert services.incidents_of(table, "123456789012", "eu-west-1", "shop", "orders") == (INCIDENT,)


def test_an_event_that_only_needs_counting_is_one_transaction_and_no_read(table, account):
    opened(table)
    account.clear_calls()
    assert arrive(table, occurrence(2), now=START + SECOND, owner="two").arrival is Arrival.COUNTED
    assert [call["operation"] for call in account.calls("dynamodb")] == ["TransactWriteItems"]
    assert hot(table).count == 2


def test_events_are_only_counted_while_somebody_attends(table):
    arrive(table, occurrence(1), now=START, owner="one")
    numbers = range(2, 40)
    arrivals = {arrive(table, occurrence(n), now=START + n * SECOND, owner=str(n)).arrival for n in numbers}
    assert arrivals == {Arrival.COUNTED}
    assert hot(table).count == 39


def test_a_second_delivery_counts_nothing(table):
    opened(table)
    assert arrive(table, occurrence(1), now=START + 1, owner="two").arrival is Arrival.DUPLICATE
    assert arrive(table, occurrence(1), now=START + 2 * DAY, owner="two").arrival is Arrival.DUPLICATE
    assert hot(table).count == 1


def test_another_version_of_the_same_task_counts(table):
    opened(table)
    other = replace(occurrence(1), event_key=occurrence(1).event_key.replace("#5", "#6"))
    assert arrive(table, other, now=START + 1, owner="two").arrival is Arrival.COUNTED


def test_an_event_without_a_key_is_known_by_its_task_and_time(incident):
    incident = replace(incident, event_key=None)
    one, same = incidents.Occurrence.of(incident), incidents.Occurrence.of(incident)
    assert one.event_key == same.event_key
    assert one.event_key != incidents.Occurrence.of(replace(incident, task_arn="another")).event_key
    assert incidents.Occurrence.of(replace(incident, event_key="k")).event_key == "k"


def test_an_incident_of_an_event_carries_all_that_is_needed_to_tell_of_it(incident):
    found = incidents.Occurrence.of(incident)
    assert found.incident_id == incident.id
    assert found.occurred_at == epoch_ms(incident.occurred_at)
    assert (found.subject.service, found.subject.task_definition) == ("orders", "orders:7")
    assert found.subject.kind is Kind.STOPPED_TASK


def test_a_key_of_any_length_is_taken(table):
    long = replace(occurrence(1), event_key="日" * 5000)
    assert arrive(table, long, now=START, owner="one").arrival is Arrival.OPENED
    assert arrive(table, long, now=START, owner="two").arrival is Arrival.DUPLICATE


@pytest.mark.parametrize("mark", [10, 100, 1000, 10_000])
def test_marks_are_attended_to(table, mark):
    opened(table)
    # As after a storm that stopped two short of the mark.
    table.update(Update(keys.incident(INCIDENT), "SET #count = :count", values={"count": mark - 2}))
    leases.claim(table, INCIDENT, owner="sweep", now=START, only_if_due=False)
    settled(table, owner="sweep")
    now = START + 10 * SECOND
    assert arrive(table, occurrence(2), now=now, owner="two").arrival is Arrival.COUNTED
    arrived = arrive(table, occurrence(3), now=now, owner="three")
    assert (arrived.arrival, held(arrived.record).count) == (Arrival.DUE, mark)
    assert not held(arrived.record).diagnosis_due(now, DEFAULT)
    assert held(arrived.record).diagnosis_due(START + 5 * MINUTE, DEFAULT)
    settled(table, owner="three", now=now)
    assert arrive(table, occurrence(4), now=now, owner="four").arrival is Arrival.COUNTED


def test_the_next_mark():
    assert [next_mark(count) for count in (0, 1, 9, 10, 99, 100, 12_345)] == [10, 10, 10, 100, 100, 1000, 100_000]


def test_what_was_counted_while_slack_was_told_is_due_after_the_edit_interval(table):
    arrive(table, occurrence(1), now=START, owner="one")
    arrive(table, occurrence(2), now=START + 1, owner="two")
    settled(table, now=START + 1, shown=1)
    assert arrive(table, occurrence(3), now=START + 2, owner="three").arrival is Arrival.COUNTED
    after = START + 2 + DEFAULT.edit
    assert arrive(table, occurrence(4), now=after, owner="four").arrival is Arrival.DUE
    assert due(table, after) == ()
    assert settled(table, owner="four", now=after).due_at is None


def test_with_everything_shown_the_next_event_is_for_the_sweep(table):
    opened(table)
    assert due(table, START + DAY) == ()
    arrive(table, occurrence(2), now=START + SECOND, owner="two")
    arrive(table, occurrence(3), now=START + 3 * SECOND, owner="three")
    assert due(table, START + 5 * SECOND) == ()
    assert due(table, START + 6 * SECOND) == (Due(DueKind.INCIDENT, INCIDENT),)
    record = held(leases.claim(table, INCIDENT, owner="sweep", now=START + 6 * SECOND))
    assert record.count == 3
    assert due(table, START + 6 * SECOND) == ()
    settled(table, owner="sweep", now=START + 6 * SECOND)
    assert due(table, START + DAY) == ()


@pytest.mark.parametrize(
    ("diagnosed_count", "count", "minutes", "expected"),
    [
        (1, 2, 14, False),
        (1, 2, 15, True),
        (1, 1, 60, False),
        (1, 10, 4, False),
        (1, 10, 5, True),
        (10, 99, 5, False),
        (10, 100, 5, True),
        (12, 13, 5, False),
    ],
)
def test_a_diagnosis_is_due_every_15_minutes_and_5_minutes_apart_at_marks(
    table, diagnosed_count, count, minutes, expected
):
    record = replace(opened(table), diagnosed_at=START, diagnosed_count=diagnosed_count, count=count)
    assert record.diagnosis_due(START + minutes * MINUTE, DEFAULT) is expected


def test_after_the_quiet_time_the_next_event_is_due(table):
    opened(table)
    before = START + 15 * MINUTE - 1
    assert arrive(table, occurrence(2), now=before, owner="two").arrival is Arrival.COUNTED
    arrived = arrive(table, occurrence(3), now=before + 1, owner="three")
    assert arrived.arrival is Arrival.DUE
    assert held(arrived.record).longest_gap == 15 * MINUTE - 1


def test_a_late_event_counts_and_leaves_the_incident_resolved(table):
    opened(table)
    resolved(table)
    late = arrive(table, occurrence(2, at=LATER), now=LATER + 5 * MINUTE, owner="two")
    assert late.arrival is Arrival.LATE
    assert (hot(table).state, hot(table).count) == (State.RESOLVED, 2)
    # The counter in the message is behind: the sweep sees to it.
    assert due(table, LATER + 6 * MINUTE) == (Due(DueKind.INCIDENT, INCIDENT),)
    assert leases.claim(table, INCIDENT, owner="sweep", now=LATER + 6 * MINUTE).state is State.RESOLVED
    assert settled(table, owner="sweep", now=LATER + 6 * MINUTE).due_at is None


def test_a_failure_within_the_window_reopens_the_same_generation(table):
    opened(table)
    resolved(table)
    assert services.incidents_of(table, "123456789012", "eu-west-1", "shop", "orders") == ()
    again = arrive(table, occurrence(2, at=LATER + DAY), now=LATER + DAY + 1, owner="two")
    assert again.arrival is Arrival.REOPENED
    record = held(again.record)
    assert (record.state, record.count, record.generation, record.reopens) == (State.OPEN, 2, 1, 1)
    assert record.lease_owner == "two"
    assert record.longest_gap > 23 * HOUR
    assert services.incidents_of(table, "123456789012", "eu-west-1", "shop", "orders") == (INCIDENT,)


def test_a_failure_beyond_the_window_is_a_new_generation(table):
    opened(table)
    mutes.mute_incident(table, INCIDENT, LATER + 3 * DAY)
    resolved(table)
    again = arrive(table, occurrence(2, at=LATER + DAY + 1), now=LATER + DAY + 2, owner="two")
    assert again.arrival is Arrival.OPENED
    record = held(again.record)
    assert (record.count, record.generation, record.reopens, record.alert_id) == (1, 2, 0, None)
    assert record.diagnosed_at is None
    assert record.is_muted(LATER + 2 * DAY)


def test_an_incident_whose_time_is_over_counts_as_absent_though_it_is_still_there(table):
    opened(table)
    after = START + DEFAULT.incident_kept + SECOND
    assert leases.claim(table, INCIDENT, owner="x", now=after, only_if_due=False) is None
    again = arrive(table, occurrence(2), now=after, owner="two")
    assert (again.arrival, held(again.record).count, held(again.record).generation) == (Arrival.OPENED, 1, 2)


def test_an_event_whose_trace_is_over_but_still_there_counts_again(table):
    opened(table)
    after = START + DEFAULT.event_kept + SECOND
    assert arrive(table, occurrence(1), now=after, owner="two").arrival is Arrival.DUE


def test_each_event_puts_off_the_end_of_its_incident(table):
    opened(table)
    before = hot(table).expires_at
    arrive(table, occurrence(2), now=START + DAY, owner="two")
    assert hot(table).expires_at == before + DAY // SECOND


@pytest.mark.parametrize("order", itertools.permutations((1, 2, 3)))
def test_events_that_were_held_up_are_seen_when_they_happened(table, order):
    now, at = START + 5 * DAY, {number: START + number * MINUTE for number in (1, 2, 3)}
    arrived = [arrive(table, occurrence(n, at=at[n]), now=now, owner=str(n)).arrival for n in order]
    assert arrived == [Arrival.OPENED, Arrival.COUNTED, Arrival.COUNTED]
    record = hot(table)
    assert (record.count, record.first_seen, record.last_seen) == (3, at[order[0]], at[3])


def test_an_event_that_was_held_up_is_no_news_of_what_still_fails(table):
    arrive(table, occurrence(1, at=START + 2 * DAY), now=START + 2 * DAY, owner="one")
    settled(table, now=START + 2 * DAY)
    late = arrive(table, occurrence(2, at=START + DAY), now=START + 2 * DAY + 16 * MINUTE, owner="two")
    assert late.arrival is Arrival.DUE
    assert (hot(table).count, hot(table).last_seen) == (2, START + 2 * DAY)
    settled(table, owner="two", now=START + 2 * DAY + 16 * MINUTE)
    arrive(table, occurrence(3, at=START + 3 * DAY), now=START + 3 * DAY, owner="three")
    assert hot(table).last_seen == START + 3 * DAY


def test_same_named_services_in_two_clusters_stay_apart(table):
    one = occurrence(1)
    other = replace(
        one, incident_id="inc-other", event_key="other", subject=replace(one.subject, cluster="shop-staging")
    )
    assert arrive(table, one, now=START, owner="one").arrival is Arrival.OPENED
    assert arrive(table, other, now=START, owner="two").arrival is Arrival.OPENED
    assert services.incidents_of(table, "123456789012", "eu-west-1", "shop", "orders") == (INCIDENT,)
    assert services.incidents_of(table, "123456789012", "eu-west-1", "shop-staging", "orders") == ("inc-other",)


def test_a_task_of_no_service_is_listed_nowhere(table):
    arrived = arrive(table, occurrence(1, service=None), now=START, owner="one")
    assert held(arrived.record).subject.service is None


def test_the_lease_of_a_crashed_run_is_taken_up_by_a_later_event(table):
    arrive(table, occurrence(1), now=START, owner="crashed")
    over = START + DEFAULT.lease
    assert arrive(table, occurrence(2), now=over - 1, owner="two").arrival is Arrival.COUNTED
    taken = arrive(table, occurrence(3), now=over, owner="three")
    assert (taken.arrival, taken.record.lease_owner, taken.record.count) == (Arrival.DUE, "three", 3)


def test_the_lease_of_a_crashed_run_is_taken_up_by_the_same_event_delivered_again(table):
    arrive(table, occurrence(1), now=START, owner="crashed")
    over = START + DEFAULT.lease
    assert arrive(table, occurrence(1), now=over - 1, owner="two").arrival is Arrival.DUPLICATE
    taken = arrive(table, occurrence(1), now=over, owner="two")
    assert (taken.arrival, taken.record.lease_owner, taken.record.count) == (Arrival.DUE, "two", 1)
    assert arrive(table, occurrence(1), now=over, owner="three").arrival is Arrival.DUPLICATE


def test_the_lease_of_a_crashed_run_is_taken_up_by_the_sweep(table):
    arrive(table, occurrence(1), now=START, owner="crashed")
    over = START + DEFAULT.lease
    assert due(table, over - 1) == ()
    assert due(table, over) == (Due(DueKind.INCIDENT, INCIDENT),)
    assert leases.claim(table, INCIDENT, owner="early", now=over - 1) is None
    assert leases.claim(table, INCIDENT, owner="sweep", now=over).lease_owner == "sweep"
    assert leases.claim(table, INCIDENT, owner="another", now=over + 1) is None


def test_an_answer_that_was_lost_does_not_lose_the_lease(table, account):
    account.fault("dynamodb", "TransactWriteItems", "truncated", times=2)
    assert arrive(table, occurrence(1), now=START, owner="one").arrival is Arrival.OPENED
    account.fault("dynamodb", "UpdateItem", "truncated", times=1)
    assert leases.claim(table, INCIDENT, owner="sweep", now=START + DEFAULT.lease).lease_owner == "sweep"
    account.fault("dynamodb", "UpdateItem", "truncated", times=1)
    assert settled(table, owner="sweep", now=START + DEFAULT.lease).lease_until == 0
    assert hot(table).count == 1


def test_the_hot_item_stays_below_one_kilobyte(table):
    long = replace(
        occurrence(1).subject,
        cluster="c" * 60,
        service="s" * 60,
        task_definition="f" * 60 + ":1234",
        launch_type="MANAGED_INSTANCES",
    )
    arrive(table, replace(occurrence(1), subject=long), now=START, owner="o" * 36)
    everything: dict[str, Value] = {
        "alert_id": "alert-0123456789ab",
        "cause": "execution_role_cannot_create_log_group",
        "confidence": "confirmed",
        "guilty": "arn:aws:ec2:eu-west-1:123456789012:vpc-endpoint/vpce-0123456789abcdef0",
        "now": START,
    }
    dates = ("diagnosed_at", "resolved_at", "reopened_at", "verified_at", "muted_until", "previous_seen")
    change = ", ".join(f"#{name} = :now" for name in dates)
    texts = ", ".join(f"#{name} = :{name}" for name in everything if name != "now")
    item = table.update(Update(keys.incident(INCIDENT), f"SET {change}, {texts}", values=everything))
    assert len(item) >= 36
    assert _size(item) < 1024


def _size(item) -> int:
    """Bytes, as DynamoDB counts them."""

    def of(value) -> int:
        if isinstance(value, bool):
            return 1
        return len(str(value)) // 2 + 2 if isinstance(value, int) else len(value.encode())

    return sum(len(name.encode()) + of(value) for name, value in item.items())


def test_a_storm_from_eight_threads_counts_every_event_once_and_has_one_opener(table, account):
    numbers = [*range(1, 301), *random.Random(7).choices(range(1, 301), k=100)]
    random.Random(8).shuffle(numbers)
    clock = itertools.count(START, 7)

    def deliver(number: int) -> Arrival:
        owner = f"run-{number}-{random.random()}"
        arrived = arrive(table, occurrence(number), now=next(clock), owner=owner)
        if arrived.record is not None and arrived.arrival is not Arrival.DUPLICATE:
            leases.settle(
                table,
                INCIDENT,
                owner=owner,
                now=next(clock),
                shown_count=held(arrived.record).count,
            )
        return arrived.arrival

    with ThreadPoolExecutor(8) as pool:
        arrivals = Counter(pool.map(deliver, numbers))
    assert hot(table).count == 300
    assert arrivals[Arrival.OPENED] == 1
    # A duplicate may take up what is due by then.
    assert 95 <= arrivals[Arrival.DUPLICATE] <= 100
    assert arrivals[Arrival.COUNTED] >= 280
    calls = [c["parameters"] for c in account.calls("dynamodb") if c["operation"] == "TransactWriteItems"]
    transactions = len({call["ClientRequestToken"] for call in calls})
    # For one that may attend to it, each of the eight may lose two: found it to be due, and found it taken.
    attended = 400 - arrivals[Arrival.COUNTED] - arrivals[Arrival.DUPLICATE]
    assert transactions <= 400 + 2 * 8 * attended


@pytest.mark.parametrize("seed", range(3))
def test_conflicts_and_throttling_lose_and_double_nothing(table, account, seed):
    chance = random.Random(seed)
    numbers = list(range(1, 61))
    chance.shuffle(numbers)
    conflict = "Transaction cancelled, please refer cancellation reasons [None, TransactionConflict]"
    for number in numbers:
        kind = chance.choice(["error", "throttled", "truncated", "server_error", "none"])
        if kind != "none":
            more = {"code": "TransactionCanceledException", "message": conflict} if kind == "error" else {}
            account.fault("dynamodb", "TransactWriteItems", kind, times=chance.randint(1, 2), **more)
        arrive(table, occurrence(number), now=START + number, owner=str(number))
        account.clear_faults()
    assert hot(table).count == 60
