"""A refused ExecuteCommand names a task: whose it is, is found out first, once, and without the rest."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.collect import collect_for
from ecs_medic.collect.identify import Identified, identify
from ecs_medic.diagnosis import diagnose
from ecs_medic.events.parse import parse
from ecs_medic.facts import Known, Unknown
from ecs_medic.vocabulary import Id
from sandbox.client import REGION
from sandbox.gallery import build
from tests.builders import ACCOUNT, NOW


@pytest.fixture
def reader(account):
    return Reader(REGION, account=ACCOUNT)


def test_the_session_of_a_task_is_an_incident_of_its_service(account, reader):
    incident = parse(build(account, "exec_not_enabled").event)
    assert incident.service is None
    found = identify(incident, reader)
    assert reader.calls == ("ecs:DescribeTasks",)
    assert found.calls == 1
    assert found.incident.service == "orders"
    assert found.incident.family == "orders"
    assert found.incident.launch_type == "FARGATE"
    assert found.incident.fingerprint != incident.fingerprint


def test_what_identified_the_incident_is_not_asked_again(account, reader):
    identified = identify(parse(build(account, "exec_not_enabled").event), reader)
    report = diagnose(identified, reader, NOW)
    assert report.verdict.cause is Id.EXEC_NOT_ENABLED
    assert report.incident.id == identified.incident.id
    assert Counter(reader.calls)["ecs:DescribeTasks"] == 1


def test_where_ecs_does_not_tell_the_incident_stays_as_it_is(account, reader):
    incident = parse(build(account, "exec_not_enabled").event)
    account.fault("ecs", "DescribeTasks", "access_denied")
    found = identify(incident, reader)
    assert found.incident is incident
    facts = collect_for(found, reader, NOW).facts
    assert isinstance(facts.task, Unknown)
    assert facts.task.missing_permission == "ecs:DescribeTasks"
    assert Counter(reader.calls)["ecs:DescribeTasks"] == 1


def test_an_event_that_shows_its_task_is_not_asked_about(account, reader):
    incident = parse(build(account, "app_exited").event)
    assert identify(incident, reader) == Identified(incident)
    assert reader.calls == ()


def test_a_services_event_that_was_grouped_first_still_leads_to_its_task(account, reader):
    scenario = build(account, "service_deployment_failed")
    identified = identify(parse(scenario.event), reader)
    assert reader.calls == ()
    assert diagnose(identified, reader, datetime.now(UTC)).verdict.cause == scenario.cause


def test_what_there_is_no_call_left_for_is_unknown_and_says_so(account, reader):
    incident = parse(build(account, "log_group_missing").event)
    facts = collect_for(Identified(incident, calls=18), reader, NOW).facts
    assert len(facts.calls) == 2
    assert isinstance(facts.service, Unknown)
    assert "at most 20" in facts.service.reason
    assert facts.service.missing_permission is None


def test_what_there_is_no_time_left_for_is_unknown_and_says_so(account, reader):
    incident = parse(build(account, "log_group_missing").event)
    facts = collect_for(Identified(incident, waves=1), reader, NOW).facts
    assert isinstance(facts.task_definition, Known)
    assert facts.log_groups
    spent = collect_for(Identified(incident, waves=3), Reader(REGION), NOW).facts
    assert spent.calls == ()
    assert isinstance(spent.task_definition, Unknown)
    assert "3 times" in spent.task_definition.reason
