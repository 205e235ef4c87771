"""What the sweep finds, and what it must not find."""

from dataclasses import replace

from ecs_medic.ledger import incidents, leases, verifications
from ecs_medic.ledger.arrivals import arrive
from ecs_medic.ledger.due import Due, DueKind, due
from ecs_medic.ledger.rhythm import DEFAULT, MINUTE
from tests.ledger.occurrences import INCIDENT, START, held, occurrence


def test_the_longest_overdue_comes_first_and_no_more_than_asked_for(table):
    for number in range(5):
        event = occurrence(1, incident_id=f"inc-{number}", service=f"s{number}")
        arrive(table, event, now=START + 10 - number, owner="crashed")
    after = START + 10 + DEFAULT.lease
    expected = [Due(DueKind.INCIDENT, f"inc-{number}") for number in (4, 3, 2, 1, 0)]
    assert list(due(table, after)) == expected
    assert list(due(table, after, limit=2)) == expected[:2]
    assert due(table, START) == ()


def test_a_verification_is_due_at_its_time_and_moves_with_a_new_one(table):
    verifications.schedule(table, INCIDENT, at=START + MINUTE)
    verifications.schedule(table, INCIDENT, at=START + 3 * MINUTE)
    assert due(table, START + 2 * MINUTE) == ()
    assert due(table, START + 3 * MINUTE) == (Due(DueKind.VERIFICATION, INCIDENT),)
    verifications.cancel(table, INCIDENT)
    assert due(table, START + 3 * MINUTE) == ()


def test_a_verification_is_noted_and_makes_no_incident(table):
    arrived = arrive(table, occurrence(1), now=START, owner="one")
    verifications.verified(table, held(arrived.record), now=START + 7)
    assert held(incidents.read(table, INCIDENT)).verified_at == START + 7
    gone = replace(held(arrived.record), id="inc-gone")
    verifications.verified(table, gone, now=START + 7)
    assert incidents.read(table, "inc-gone") is None


def test_what_is_not_shown_is_due_when_asked_for(table):
    arrive(table, occurrence(1), now=START, owner="one")
    record = leases.settle(table, INCIDENT, owner="one", now=START, again_at=START + 3 * MINUTE)
    assert (record.shown_count, record.due_at) == (0, START + 3 * MINUTE)
    assert leases.claim(table, INCIDENT, owner="two", now=START + 2 * MINUTE) is None
    assert leases.claim(table, INCIDENT, owner="two", now=START + 2 * MINUTE, only_if_due=False)
