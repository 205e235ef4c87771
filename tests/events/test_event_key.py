"""Two deliveries of one event have one key; two events never do."""

from ecs_medic.events.parse import parse
from tests.events.samples import TASK_ARN, refused_exec, service_event, stopped_task


def test_a_stopped_task_is_known_by_its_arn_and_version_whatever_envelope_it_comes_in():
    first, again = stopped_task(), {**stopped_task(), "id": "99999999-2222-3333-4444-555555555555"}
    assert parse(first).event_key == parse(again).event_key == f"{TASK_ARN}#5"


def test_another_version_of_the_same_task_is_another_event():
    assert parse(stopped_task(version=6)).event_key != parse(stopped_task()).event_key


def test_a_task_without_a_version_is_known_by_its_envelope():
    assert parse(stopped_task(version=...)).event_key == stopped_task()["id"]


def test_a_call_is_known_by_its_record_in_the_trail():
    event = refused_exec(eventID="6d1a0c9e-0000-4000-8000-000000000001")
    assert parse(event).event_key == "6d1a0c9e-0000-4000-8000-000000000001"
    assert parse(refused_exec()).event_key == refused_exec()["id"]


def test_a_service_event_is_known_by_its_envelope():
    event = service_event("SERVICE_TASK_START_IMPAIRED", "WARN")
    assert parse(event).event_key == event["id"]


def test_an_event_without_any_id_has_no_key():
    event = service_event("SERVICE_TASK_START_IMPAIRED", "WARN")
    del event["id"]
    assert parse(event).event_key is None
