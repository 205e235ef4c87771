"""Events that were held up on their way, as among the dead letters: told as what they are, and nobody runs in vain."""

from datetime import UTC, datetime, timedelta

import pytest

from ecs_medic.ledger import incidents, runs
from ecs_medic.ledger.rhythm import DAY, epoch_ms
from ecs_medic.response.meter import Metric
from sandbox.gallery import build
from tests.response.office import another_task, words
from tests.response.test_ending import GREEN, deploy, repair, sign

HELD_UP = timedelta(days=-5, hours=-1)


@pytest.fixture
def failing(office):
    """A service that fails; of which nobody was told."""
    return build(office.account, "ecr_dkr_endpoint_missing")


def mend(office, scenario):
    """As somebody did meanwhile; its task has been up for a while."""
    repair(office, scenario)
    deploy(office, scenario)
    office.pass_time(minutes=10)


def test_what_still_fails_is_told_with_its_own_times_and_with_what_nobody_can_see_any_more(office, failing):
    answer = office.respond(another_task(failing.event, 1, later=HELD_UP))
    assert (answer.status, answer.posted) == ("diagnosed", True)
    (message,) = office.messages()
    assert sign(office) == "🔴"
    assert "the event is 5 days old, and all that was read beside it is as it is now" in words(message)
    record = incidents.read(office.table, answer.incident_id)
    failed_at = epoch_ms(datetime.fromisoformat(failing.event["detail"]["stoppedAt"]) + HELD_UP)
    assert record.first_seen == record.last_seen == failed_at
    # Nothing will happen that could end it: it is looked at again by itself.
    mend(office, failing)
    assert office.sweep().verifications == 1
    assert sign(office) == GREEN


def test_what_is_over_by_now_is_told_as_that(office, failing):
    office.allow("auto")
    mend(office, failing)
    answer = office.respond(another_task(failing.event, 1, later=HELD_UP))
    assert (answer.status, answer.posted, answer.remediation) == ("diagnosed", True, "none")
    assert sign(office) == GREEN
    assert "1 of 1 task running" in words(office.messages()[0])
    assert runs.runs_of(office.table, answer.incident_id) == ()
    assert office.metrics[Metric.RESOLVED] == 1
    office.pass_time(days=1)
    assert office.sweep().verifications == 0
    assert len(office.messages()) == 1


def test_those_that_follow_are_only_counted(office, failing):
    mend(office, failing)
    for number in (1, 2, 3):
        minutes = timedelta(minutes=number)
        answer = office.respond(another_task(failing.event, number, later=HELD_UP + minutes))
    office.pass_time(minutes=1)
    office.sweep()
    assert answer.status == "counted"
    (message,) = office.messages()
    assert "*3 times*" in words(message)
    last = datetime.fromisoformat(failing.event["detail"]["stoppedAt"]) + HELD_UP + minutes
    assert f"|{last.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC>" in words(message)


def test_what_comes_in_time_is_told_at_once(office, failing):
    """Nobody waits for proof: a service that fails may look well at that very moment."""
    mend(office, failing)
    just_now = another_task(failing.event, 1, later=timedelta(minutes=8))
    assert office.respond(just_now).posted
    assert sign(office) != GREEN


def test_an_event_counts_once_though_it_lay_there_as_long_as_anything_can(office, failing):
    event = failing.event
    answer = office.respond(event)
    office.pass_time(days=15)
    assert office.respond(event).status == "duplicate"
    assert incidents.read(office.table, answer.incident_id).count == 1
    assert office.rhythm.event_kept > 15 * DAY
