"""A diagnosis that time ran out for is completed with the event that it was of, or not at all."""

from datetime import timedelta
from typing import Any

import pytest

from ecs_medic.ledger import diagnoses, incidents, keys
from ecs_medic.ledger.table import Delete
from sandbox.gallery import build
from tests.response.office import Office, another_task


@pytest.fixture
def failing(office):
    """A service whose first failed task was diagnosed in full."""
    scenario = build(office.account, "ecr_dkr_endpoint_missing")
    office.respond(scenario.event)
    return scenario


def in_part(office: Office, event: Any) -> Any:
    """The incident of an event that is diagnosed without any time to read."""
    office.seconds_to_read = 0
    answer = office.respond(event)
    office.seconds_to_read = 600
    assert answer.status == "diagnosed"
    assert report(office, str(answer.incident_id))["partial"]
    return str(answer.incident_id)


def report(office: Office, incident_id: str) -> Any:
    kept: Any = diagnoses.report_of(office.table, incident_id)
    return kept.document["report"]


def sweeps(office: Office, minutes: int) -> int:
    """How often the sweep took the incident up meanwhile."""
    taken_up = 0
    for _ in range(minutes):
        office.pass_time(minutes=1)
        taken_up += office.sweep().incidents
    return taken_up


@pytest.mark.parametrize("days", [2, 5])
def test_it_is_completed_with_its_own_event_and_not_with_the_one_that_opened_the_incident(office, failing, days):
    office.pass_time(days=days)
    newest = another_task(failing.event, 7, later=timedelta(days=days))
    incident_id = in_part(office, newest)
    assert sweeps(office, 8) == 1
    whole = report(office, incident_id)
    assert not whole["partial"]
    assert whole["incident"]["task_arn"] == newest["detail"]["taskArn"]


def test_a_completion_that_is_cut_short_itself_is_completed_with_the_same_event(office, failing):
    office.pass_time(days=1)
    newest = another_task(failing.event, 7, later=timedelta(days=1))
    incident_id = in_part(office, newest)
    office.seconds_to_read = 0
    office.pass_time(minutes=3)
    office.sweep()
    assert report(office, incident_id)["partial"]
    office.seconds_to_read = 600
    assert sweeps(office, 4) == 1
    whole = report(office, incident_id)
    assert not whole["partial"]
    assert whole["incident"]["task_arn"] == newest["detail"]["taskArn"]


def test_where_no_event_is_kept_any_more_it_is_given_up(office, failing):
    office.pass_time(days=5)
    incident_id = in_part(office, another_task(failing.event, 7, later=timedelta(days=5)))
    for key in (keys.opener(incident_id), keys.unfinished(incident_id)):
        office.table.delete(Delete(key))
    assert sweeps(office, 8) == 1
    record = incidents.read(office.table, incident_id)
    assert (record.partial, record.due_at) == (0, None)


def test_the_next_event_after_that_is_diagnosed_as_ever(office, failing):
    office.pass_time(days=5)
    incident_id = in_part(office, another_task(failing.event, 7, later=timedelta(days=5)))
    for key in (keys.opener(incident_id), keys.unfinished(incident_id)):
        office.table.delete(Delete(key))
    sweeps(office, 20)
    assert office.respond(another_task(failing.event, 8, later=timedelta(days=5, minutes=20))).status == "diagnosed"
    assert not report(office, incident_id)["partial"]
