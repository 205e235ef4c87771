"""While nobody wants to hear of it, a message is edited without a sound; what there was to say is said afterwards."""

from datetime import timedelta

import pytest

from ecs_medic.ledger import alerts, incidents, mutes
from ecs_medic.ledger.rhythm import HOUR, epoch_ms
from ecs_medic.response.routing import quiet_hours_from
from sandbox.gallery import build
from tests.response.office import Office, another_task, words
from tests.response.test_ending import deploy, repair, sign, steady

GREEN = "🟢"


def mute(office: Office, incident_id: str, hours: int) -> None:
    record = incidents.read(office.table, incident_id)
    assert record
    now = epoch_ms(office.now)
    assert mutes.mute_alert(office.table, str(record.alert_id), now + hours * HOUR, now=now, by="carol")
    mutes.mute_incident(office.table, incident_id, now + hours * HOUR)


@pytest.fixture
def resolved(office: Office):
    """An alert that is green, with its details and its end in the thread."""
    scenario = build(office.account, "ecr_dkr_endpoint_missing")
    answer = office.respond(scenario.event)
    repair(office, scenario)
    events = deploy(office, scenario)
    office.pass_time(minutes=5)
    office.respond(steady(events))
    assert sign(office) == GREEN
    return scenario, str(answer.incident_id)


def fail_again(office: Office, scenario, number: int = 7) -> None:
    office.pass_time(hours=1)
    office.respond(another_task(scenario.event, number, later=timedelta(hours=1, minutes=5 + number)))


def test_a_muted_alert_that_fails_again_is_edited_and_says_it_in_the_thread_when_the_mute_ends(office, resolved):
    scenario, incident_id = resolved
    mute(office, incident_id, 4)
    said = len(office.answers())
    fail_again(office, scenario)
    assert sign(office) != GREEN
    assert "muted until" in words(office.messages()[0])
    for _ in range(3):
        office.pass_time(minutes=30)
        office.sweep()
    assert len(office.answers()) == said
    office.pass_time(hours=3)
    office.sweep()
    assert len(office.answers()) == said + 1
    assert "Failed again" in words(office.answers()[-1])
    office.pass_time(minutes=1)
    office.sweep()
    assert "muted until" not in words(office.messages()[0])
    assert len(office.answers()) == said + 1


def test_quiet_hours_hold_the_answers_in_the_thread_back_as_well(office, resolved):
    scenario, _ = resolved
    said = len(office.answers())
    begin, over = office.now, office.now + timedelta(hours=2)
    office.quiet_hours = quiet_hours_from(f"{begin:%H:%M}-{over:%H:%M}")
    fail_again(office, scenario)
    assert sign(office) != GREEN
    assert len(office.answers()) == said
    office.pass_time(hours=1, minutes=1)
    office.sweep()
    assert len(office.answers()) == said + 1


def test_a_mute_without_news_leaves_the_message_when_it_ends(office):
    scenario = build(office.account, "log_group_missing")
    incident_id = str(office.respond(scenario.event).incident_id)
    mute(office, incident_id, 1)
    office.pass_time(minutes=1)
    office.sweep()
    assert "muted until" in words(office.messages()[0])
    assert "by carol" in words(office.messages()[0])
    office.pass_time(hours=1)
    office.sweep()
    assert "muted until" not in words(office.messages()[0])


def test_a_muted_incident_stays_muted_in_a_new_message(office):
    """Opened anew, after its alert was forgotten: the incident itself is muted."""
    scenario = build(office.account, "log_group_missing")
    incident_id = str(office.respond(scenario.event).incident_id)
    before = len(office.messages())
    record = incidents.read(office.table, incident_id)
    assert record
    until = epoch_ms(office.now) + 100 * 24 * HOUR
    mutes.mute_incident(office.table, incident_id, until)
    office.pass_time(days=91)
    assert not office.respond(another_task(scenario.event, 1, later=timedelta(days=91))).posted
    assert len(office.messages()) == before
    opened = incidents.read(office.table, incident_id)
    assert opened
    assert opened.alert_id != record.alert_id
    office.pass_time(days=10)
    office.sweep()
    assert len(office.messages()) == before + 1
    assert alerts.read(office.table, str(opened.alert_id)).ts
