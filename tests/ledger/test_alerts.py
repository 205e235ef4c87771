"""Which message tells of an incident, who may tell Slack, and what is remembered of it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ecs_medic.ledger import alerts, incidents, leases, mutes, posting, resolve
from ecs_medic.ledger.arrivals import Arrival, arrive
from ecs_medic.ledger.due import Due, DueKind, due
from ecs_medic.ledger.errors import LeaseLost
from ecs_medic.ledger.incidents import State
from ecs_medic.ledger.joining import join
from ecs_medic.ledger.rhythm import DAY, DEFAULT, HOUR, MINUTE
from ecs_medic.ledger.roots import Root
from ecs_medic.vocabulary import Id
from tests.ledger.occurrences import INCIDENT, START, held, occurrence

VPC = Root(Id.VPC_ENDPOINT_MISSING, "vpc-0aaa", "123456789012", "eu-west-1", "C0OPS")
GROUP = replace(VPC, cause=Id.ENDPOINT_SECURITY_GROUP_BLOCKS, guilty="sg-0bbb")
ROLE = replace(VPC, cause=Id.EXECUTION_ROLE_CANNOT_PULL, guilty="role/orders")


def name(number: int) -> str:
    return f"inc-{number:012d}"


def attended(table, number: int, *, owner: str = "one"):
    """An incident that was just opened, or whose lease is taken."""
    arrived = arrive(table, occurrence(1, incident_id=name(number), service=f"s{number}"), now=START, owner=owner)
    if arrived.record is not None:
        return held(arrived.record)
    return leases.claim(table, name(number), owner=owner, now=START, only_if_due=False)


def joined(table, number: int, root: Root = VPC, *, now: int = START, owner: str = "one"):
    record = attended(table, number, owner=owner)
    return join(table, record, root, owner=owner, now=now)


def ended(table, number: int, *, now: int = START + MINUTE):
    record = held(leases.claim(table, name(number), owner="end", now=now + DEFAULT.lease, only_if_due=False))
    return resolve.resolve(table, record, owner="end", read_at=now, now=now)


def standing(table, alert_id: str) -> tuple[int, int, State]:
    """What the alert says of its members, which must be what they are."""
    alert = held(alerts.read(table, alert_id))
    members = alerts.members(table, alert_id)
    assert alert.members == len(members)
    assert alert.open_members == sum(member.state is State.OPEN for member in members)
    assert alert.is_open == (alert.open_members > 0)
    assert not members or alert.primary in {member.incident_id for member in members}
    return alert.members, alert.open_members, alert.state


def test_the_first_of_a_root_opens_an_alert_that_is_due_to_be_told(table):
    first = joined(table, 1)
    assert (first.changed, first.left) == (True, None)
    assert (first.alert.primary, first.alert.channel, first.alert.ts) == (name(1), "C0OPS", None)
    assert standing(table, first.alert.id) == (1, 1, State.OPEN)
    assert held(incidents.read(table, name(1))).alert_id == first.alert.id
    assert Due(DueKind.ALERT, first.alert.id) in due(table, START)


def test_joining_twice_is_joining_once(table):
    record = attended(table, 1)
    first = join(table, record, VPC, owner="one", now=START)
    # As after a crash: the record may be from before, or from after.
    for again in (record, held(incidents.read(table, name(1)))):
        second = join(table, again, VPC, owner="one", now=START + 1)
        assert second.alert.id == first.alert.id
    assert not second.changed
    assert standing(table, first.alert.id) == (1, 1, State.OPEN)


def test_others_of_the_same_root_join_it(table):
    first, second = joined(table, 1), joined(table, 2)
    assert second.alert.id == first.alert.id
    assert second.alert.revision > first.alert.revision
    assert standing(table, first.alert.id) == (2, 2, State.OPEN)
    assert [member.incident_id for member in alerts.members(table, first.alert.id)] == [name(1), name(2)]


@pytest.mark.parametrize(
    "other",
    [
        GROUP,
        replace(VPC, guilty="vpc-0ccc"),
        replace(VPC, account="111122223333"),
        replace(VPC, region="eu-north-1"),
        replace(VPC, channel="C0TEAM"),
    ],
)
def test_other_roots_have_alerts_of_their_own(table, other):
    assert joined(table, 1).alert.id != joined(table, 2, other).alert.id


def test_200_incidents_of_one_root_from_8_threads_are_one_alert(table):
    records = [attended(table, number) for number in range(200)]

    def join_one(number: int) -> str:
        return join(table, records[number], VPC, owner="one", now=START + number).alert.id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(join_one, range(200)))
    assert len(ids) == 1
    assert standing(table, ids.pop()) == (200, 200, State.OPEN)
    found = incidents.read_many(table, map(name, range(200)))
    assert {record.subject.service for record in found.values()} == {f"s{number}" for number in range(200)}


def test_the_only_incident_of_an_alert_takes_it_along_to_its_new_root(table):
    first = joined(table, 1)
    moved = joined(table, 1, GROUP)
    assert (moved.alert.id, moved.changed, moved.left) == (first.alert.id, True, None)
    assert moved.alert.root_hash == GROUP.hash
    assert joined(table, 2, GROUP).alert.id == first.alert.id
    assert joined(table, 3, VPC).alert.id != first.alert.id


def test_one_of_several_leaves_to_an_alert_of_its_own(table):
    first = joined(table, 1)
    joined(table, 2)
    alone = joined(table, 1, GROUP)
    assert alone.alert.id != first.alert.id
    assert alone.left == first.alert.id
    assert standing(table, first.alert.id) == (1, 1, State.OPEN)
    assert held(alerts.read(table, first.alert.id)).primary == name(2)
    assert standing(table, alone.alert.id) == (1, 1, State.OPEN)


def test_the_last_to_leave_closes_the_alert_which_then_names_the_other(table):
    first, other = joined(table, 1), joined(table, 2, GROUP)
    left = joined(table, 1, GROUP)
    assert (left.alert.id, left.left) == (other.alert.id, first.alert.id)
    assert standing(table, other.alert.id) == (2, 2, State.OPEN)
    old = held(alerts.read(table, first.alert.id))
    assert (old.state, old.members, old.moved_to) == (State.MOVED, 0, other.alert.id)
    assert Due(DueKind.ALERT, first.alert.id) in due(table, START)
    # Its root points to it still; nobody joins what is closed.
    assert joined(table, 3).alert.id != first.alert.id


def test_an_alert_does_not_move_to_another_channel(table):
    first = joined(table, 1)
    other = joined(table, 1, replace(VPC, channel="C0TEAM"))
    assert (other.alert.channel, other.left) == ("C0TEAM", first.alert.id)


def test_an_alert_is_resolved_with_its_last_incident(table):
    alert_id = joined(table, 1).alert.id
    joined(table, 2)
    assert ended(table, 1).alert.is_open
    assert standing(table, alert_id) == (2, 1, State.OPEN)
    after = ended(table, 2, now=START + 2 * MINUTE).alert
    assert standing(table, alert_id) == (2, 0, State.RESOLVED)
    assert after.resolved_at == START + 2 * MINUTE
    assert held(incidents.read(table, name(2))).resolved_at == START + 2 * MINUTE
    # What is over is not joined: another incident of that root has an alert of its own.
    assert joined(table, 3, now=START + HOUR).alert.id != alert_id


def test_nothing_is_resolved_when_an_event_arrived_since_it_was_read(table):
    alert_id = joined(table, 1).alert.id
    record = held(leases.claim(table, name(1), owner="end", now=START + DEFAULT.lease, only_if_due=False))
    arrive(table, occurrence(2, incident_id=name(1)), now=START + DEFAULT.lease + 1, owner="two")
    assert resolve.resolve(table, record, owner="end", read_at=START + 10, now=START + 10) is None
    assert held(incidents.read(table, name(1))).is_open
    assert standing(table, alert_id) == (1, 1, State.OPEN)


def test_nothing_is_resolved_without_the_lease(table):
    record = joined(table, 1) and held(incidents.read(table, name(1)))
    assert resolve.resolve(table, record, owner="somebody", read_at=START, now=START) is None
    assert held(incidents.read(table, name(1))).is_open


def test_an_incident_without_an_alert_is_resolved_all_the_same(table):
    record = attended(table, 1)
    assert resolve.resolve(table, record, owner="one", read_at=START, now=START).alert is None
    assert held(incidents.read(table, name(1))).state is State.RESOLVED


def test_what_fails_again_opens_its_message_again(table):
    alert_id = joined(table, 1).alert.id
    joined(table, 2)
    ended(table, 1)
    ended(table, 2)
    event = occurrence(2, incident_id=name(1), at=START + HOUR)
    again = arrive(table, event, now=START + HOUR, owner="two")
    assert again.arrival is Arrival.REOPENED
    back = join(table, held(again.record), VPC, owner="two", now=START + HOUR)
    assert (back.alert.id, back.changed) == (alert_id, True)
    assert back.alert.resolved_at is None
    assert standing(table, alert_id) == (2, 1, State.OPEN)


def test_what_fails_again_by_something_else_keeps_its_message_only_if_it_is_alone_in_it(table):
    shared, alone = joined(table, 1).alert.id, joined(table, 3, ROLE).alert.id
    joined(table, 2)
    for number in (1, 2, 3):
        ended(table, number)
    for number, expected in ((1, False), (3, True)):
        event = occurrence(2, incident_id=name(number), at=START + HOUR)
        again = arrive(table, event, now=START + HOUR, owner="two")
        back = join(table, held(again.record), replace(GROUP, guilty=name(number)), owner="two", now=START + HOUR)
        assert (back.alert.id in {shared, alone}) is expected
    assert standing(table, shared) == (1, 0, State.RESOLVED)


def test_one_of_several_that_fails_again_by_the_same_while_the_others_stand(table):
    alert_id = joined(table, 1).alert.id
    joined(table, 2)
    ended(table, 1)
    event = occurrence(2, incident_id=name(1), at=START + HOUR)
    again = arrive(table, event, now=START + HOUR, owner="two")
    assert join(table, held(again.record), VPC, owner="two", now=START + HOUR).alert.id == alert_id
    assert standing(table, alert_id) == (2, 2, State.OPEN)


def test_a_new_generation_is_counted_once_where_the_old_one_still_stands(table):
    alert_id = joined(table, 1).alert.id
    joined(table, 2)
    ended(table, 1)
    event = occurrence(2, incident_id=name(1), at=START + 2 * DAY)
    anew = arrive(table, event, now=START + 2 * DAY, owner="two")
    assert (anew.arrival, held(anew.record).generation) == (Arrival.OPENED, 2)
    back = join(table, held(anew.record), VPC, owner="two", now=START + 2 * DAY)
    assert back.alert.id == alert_id
    assert standing(table, alert_id) == (2, 2, State.OPEN)


def test_what_is_over_is_not_diagnosed_again(table):
    joined(table, 1)
    ended(table, 1)
    assert not held(incidents.read(table, name(1))).diagnosis_due(START + DAY, DEFAULT)


def test_joining_and_resolving_at_the_same_time_loses_nobody(table):
    alert_id = joined(table, 0).alert.id
    for number in range(1, 12):
        joined(table, number)
    records = {number: attended(table, number) for number in range(12, 24)}

    def act(number: int) -> None:
        if number < 12:
            assert ended(table, number)
        else:
            join(table, records[number], VPC, owner="one", now=START + number)

    order = [number for pair in zip(range(12), range(12, 24), strict=True) for number in pair]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, order))
    assert standing(table, alert_id) == (24, 12, State.OPEN)


def test_joining_without_the_lease_is_refused(table):
    record = attended(table, 1)
    with pytest.raises(LeaseLost):
        join(table, record, VPC, owner="somebody", now=START)
    assert held(incidents.read(table, name(1))).alert_id is None


def told(table, alert_id: str, *, owner: str = "one", now: int = START):
    alert = held(posting.claim(table, alert_id, owner=owner, now=now))
    posting.intend(table, alert_id, owner=owner, intent_id="intent", now=now)
    return posting.posted(table, alert, owner=owner, ts="1.2", channel="C0123", shown_hash="h1", shown_count=1, now=now)


def test_one_run_at_a_time_tells_slack(table):
    alert_id = joined(table, 1).alert.id
    assert posting.claim(table, alert_id, owner="one", now=START)
    assert posting.claim(table, alert_id, owner="two", now=START + 1) is None
    assert posting.claim(table, alert_id, owner="one", now=START + 1)
    over = START + 1 + DEFAULT.lease
    assert Due(DueKind.ALERT, alert_id) in due(table, over)
    assert posting.claim(table, alert_id, owner="two", now=over)
    with pytest.raises(LeaseLost):
        posting.intend(table, alert_id, owner="one", intent_id="x", now=over)


def test_a_posted_message_is_known_and_nothing_is_due(table):
    alert_id = joined(table, 1).alert.id
    after = told(table, alert_id)
    assert (after.ts, after.posted_channel, after.posted_at) == ("1.2", "C0123", START)
    assert (after.intent_id, after.unposted, after.attempts, after.due_at) == (None, None, 0, None)
    assert all(entry.kind is not DueKind.ALERT for entry in due(table, START + DAY))


def test_an_intent_survives_a_crash(table):
    alert_id = joined(table, 1).alert.id
    posting.claim(table, alert_id, owner="one", now=START)
    posting.intend(table, alert_id, owner="one", intent_id="abc", now=START)
    taken = held(posting.claim(table, alert_id, owner="two", now=START + DEFAULT.lease))
    assert (taken.intent_id, taken.intent_at, taken.ts) == ("abc", START, None)


def test_edits_keep_their_distance_unless_somebody_is_in_a_hurry(table):
    alert_id = joined(table, 1).alert.id
    told(table, alert_id)
    soon = START + DEFAULT.edit
    assert posting.claim(table, alert_id, owner="two", now=soon - 1) is None
    assert posting.claim(table, alert_id, owner="two", now=soon - 1, hurry=True)
    posting.release(table, alert_id, owner="two", again_at=soon, now=soon - 1)
    assert posting.claim(table, alert_id, owner="three", now=soon)


def test_what_changes_while_slack_is_told_stays_due(table):
    alert_id = joined(table, 1).alert.id
    alert = held(posting.claim(table, alert_id, owner="one", now=START))
    joined(table, 2)
    after = posting.posted(
        table, alert, owner="one", ts="1.2", channel="C0123", shown_hash="h", shown_count=1, now=START
    )
    assert after.due_at == START + DEFAULT.edit
    assert after.shown_revision < after.revision
    alert = held(posting.claim(table, alert_id, owner="one", now=START + DEFAULT.edit))
    after = posting.edited(table, alert, owner="one", shown_hash="h2", shown_count=2, now=START + DEFAULT.edit)
    assert (after.due_at, after.shown_hash, after.ts) == (None, "h2", "1.2")


def test_an_alert_that_slack_did_not_take_stays_due_until_it_does(table):
    alert_id = joined(table, 1).alert.id
    posting.claim(table, alert_id, owner="one", now=START)
    posting.unposted(table, alert_id, owner="one", reason="timeout", again_at=START + MINUTE, now=START)
    posting.claim(table, alert_id, owner="two", now=START + MINUTE)
    after = posting.unposted(
        table, alert_id, owner="two", reason="http 500", again_at=START + 3 * MINUTE, now=START + MINUTE
    )
    assert (after.unposted, after.unposted_since, after.attempts) == ("http 500", START, 2)
    assert Due(DueKind.ALERT, alert_id) not in due(table, START + 3 * MINUTE - 1)
    assert Due(DueKind.ALERT, alert_id) in due(table, START + 3 * MINUTE)
    after = told(table, alert_id, owner="three", now=START + 3 * MINUTE)
    assert (after.unposted, after.unposted_since, after.attempts) == (None, None, 0)


@pytest.mark.parametrize("again_at", [None, START + HOUR])
def test_a_refusal_is_kept_and_not_tried_for_ever(table, again_at):
    alert_id = joined(table, 1).alert.id
    posting.claim(table, alert_id, owner="one", now=START)
    posting.intend(table, alert_id, owner="one", intent_id="abc", now=START)
    after = posting.refused(table, alert_id, owner="one", code="not_in_channel", again_at=again_at, now=START)
    assert (after.refused, after.intent_id, after.due_at) == ("not_in_channel", None, again_at)
    # A storm does not ask Slack at every event; who is in a hurry does.
    assert posting.claim(table, alert_id, owner="two", now=START + 1) is None
    assert posting.claim(table, alert_id, owner="two", now=START + MINUTE)


def test_details_are_posted_once_for_a_verdict(table):
    alert_id = joined(table, 1).alert.id
    posting.claim(table, alert_id, owner="one", now=START)
    assert posting.detailed(table, alert_id, owner="one", verdict="v1").detailed_for == "v1"


def test_mutes(table):
    alert_id = joined(table, 1).alert.id
    told(table, alert_id)
    assert mutes.mute_alert(table, alert_id, START + HOUR, now=START)
    assert mutes.mute_incident(table, name(1), START + HOUR)
    alert, incident = alerts.read(table, alert_id), held(incidents.read(table, name(1)))
    assert alert.is_muted(START)
    assert incident.is_muted(START)
    assert not alert.is_muted(START + HOUR)
    assert Due(DueKind.ALERT, alert_id) in due(table, START)
    assert mutes.mute_alert(table, alert_id, None, now=START)
    assert not held(alerts.read(table, alert_id)).is_muted(START)
    assert not mutes.mute_alert(table, "alert-none", START, now=START)
    assert not mutes.mute_incident(table, INCIDENT, START)
