"""Incidents that somebody asks about."""

from collections import Counter

import pytest

from ecs_medic.aws.reader import AwsUnavailable, Reader
from ecs_medic.collect import collect_for
from ecs_medic.collect.budget import MOST_CALLS
from ecs_medic.collect.failed_task import failed_task_behind
from ecs_medic.collect.on_demand import incident_for_service, incident_for_task
from ecs_medic.collect.trail import check_of_exec_alerts
from ecs_medic.diagnosis import diagnose
from ecs_medic.events.parse import parse
from ecs_medic.facts import Known
from ecs_medic.incident import Kind
from ecs_medic.vocabulary import Id
from sandbox.client import REGION
from sandbox.gallery import build
from tests.builders import NOW


@pytest.fixture
def reader(account):
    return Reader(REGION)


def running_task(account) -> str:
    (arn,) = account.client("ecs").list_tasks(cluster="shop")["taskArns"]
    return str(arn)


def test_a_running_task_is_healthy(account, reader):
    build(account, "exec_not_enabled")
    incident = incident_for_task(reader, running_task(account), NOW).incident
    assert incident.symptom is Id.HEALTHY
    assert incident.kind is Kind.ON_DEMAND
    assert incident.service == "orders"


def test_a_running_task_whose_agent_has_stopped_is_not(account, reader):
    build(account, "exec_agent_stopped")
    assert incident_for_task(reader, running_task(account), NOW).incident.symptom is Id.EXEC_AGENT_STOPPED


def test_a_stopped_task_is_read_once_and_says_what_its_event_says(account, reader):
    event = parse(build(account, "ecr_dkr_endpoint_missing").event)
    assert event.task_arn is not None
    identified = incident_for_task(reader, event.task_arn, NOW)
    assert identified.incident.symptom is event.symptom
    assert identified.incident.fingerprint == event.fingerprint
    facts = collect_for(identified, reader, NOW).facts
    assert facts.calls.count("ecs:DescribeTasks") == 1
    assert facts.task.source == "ecs:DescribeTasks"


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:ecs:eu-west-1:123456789012:task/shop/00000000000000000000000000000000",
        "arn:aws:ecs:eu-west-1:123456789012:task/00000000-0000-0000-0000-000000000000",
    ],
)
def test_a_task_that_ecs_does_not_know_is_an_honest_unknown(account, reader, arn):
    account.client("ecs").create_cluster(clusterName="shop")
    incident = incident_for_task(reader, arn, NOW).incident
    assert incident.symptom is Id.UNKNOWN
    assert incident.account == "123456789012"
    assert "no such task" in (incident.message.stopped_reason or "")


def test_a_failing_service_speaks_through_its_newest_failed_task(account, reader):
    event = parse(build(account, "ecr_dkr_endpoint_missing").event)
    incident = incident_for_service(reader, "shop", event.service or "", NOW).incident
    assert incident.symptom is event.symptom
    assert incident.task is not None


def test_a_service_that_runs_is_healthy(account, reader):
    build(account, "exec_not_enabled")
    assert incident_for_service(reader, "shop", "orders", NOW).incident.symptom is Id.HEALTHY


def test_a_service_or_cluster_that_does_not_exist(account, reader):
    account.client("ecs").create_cluster(clusterName="shop")
    missing = incident_for_service(reader, "shop", "nothing", NOW).incident
    assert missing.symptom is Id.UNKNOWN
    assert missing.account == "123456789012"
    assert incident_for_service(reader, "nowhere", "nothing", NOW).incident.symptom is Id.CLUSTER_NOT_FOUND


def test_denied_reads_are_an_honest_unknown(account, reader):
    account.fault("*", "*", "access_denied")
    assert incident_for_service(reader, "shop", "orders", NOW).incident.symptom is Id.UNKNOWN
    assert (
        incident_for_task(reader, "arn:aws:ecs:eu-west-1:123456789012:task/shop/0", NOW).incident.symptom is Id.UNKNOWN
    )


def test_no_aws_is_no_answer(account, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(AwsUnavailable):
        incident_for_task(Reader(REGION), "arn:aws:ecs:eu-west-1:123456789012:task/shop/0", NOW)


def test_a_services_event_leads_to_the_task_that_failed(account, reader):
    scenario = build(account, "service_task_start_impaired")
    incident = parse(scenario.event)
    assert incident.symptom is Id.TASK_START_IMPAIRED
    found = failed_task_behind(incident, reader, incident.occurred_at)
    assert found.incident.task is not None
    assert found.incident.kind is Kind.SERVICE_EVENT
    facts = collect_for(found, reader, NOW).facts
    assert isinstance(facts.task, Known)
    assert reader.calls.count("ecs:DescribeTasks") == 1
    assert reader.calls.count("ecs:DescribeServices") == 1


def test_a_service_that_is_asked_about_is_read_once(account, reader):
    event = parse(build(account, "ecr_dkr_endpoint_missing").event)
    diagnose(incident_for_service(reader, "shop", event.service or "", NOW), reader, NOW)
    asked = Counter((call.name, repr(sorted(call.params.items())), call.region) for call in reader.trace)
    assert max(asked.values()) == 1
    assert asked.total() - reader.calls.count("sts:GetCallerIdentity") <= MOST_CALLS


def test_a_services_event_that_names_its_cause_is_left_alone(account, reader):
    incident = parse(build(account, "app_exited").event)
    assert failed_task_behind(incident, reader, NOW).incident is incident
    assert reader.calls == ()


def trail(account, *, logging: bool = True, selectors=None) -> None:
    account.client("s3").create_bucket(Bucket="audit", CreateBucketConfiguration={"LocationConstraint": REGION})
    cloudtrail = account.client("cloudtrail")
    cloudtrail.create_trail(Name="audit", S3BucketName="audit")
    if logging:
        cloudtrail.start_logging(Name="audit")
    if selectors:
        cloudtrail.put_event_selectors(TrailName="audit", EventSelectors=selectors)


WRITES = [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]


def test_alerts_of_sessions_come_where_a_trail_logs_writes(account, reader):
    trail(account, selectors=WRITES)
    assert check_of_exec_alerts(reader) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"logging": False, "selectors": WRITES},
        {"selectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]},
        {"selectors": [{"ReadWriteType": "All", "IncludeManagementEvents": False}]},
    ],
)
def test_alerts_of_sessions_do_not_come_from_such_a_trail(account, reader, changes):
    trail(account, **changes)
    found = check_of_exec_alerts(reader)
    assert found is not None
    assert found.missing_permission is None


@pytest.mark.parametrize("operation", ["DescribeTrails", "GetTrailStatus", "GetEventSelectors"])
def test_trails_that_cannot_be_read_are_not_missing(account, reader, operation):
    trail(account, selectors=WRITES)
    account.fault("cloudtrail", operation, "access_denied")
    found = check_of_exec_alerts(reader)
    assert found is not None
    assert found.missing_permission == f"cloudtrail:{operation}"


def test_no_trail_at_all(reader):
    found = check_of_exec_alerts(reader)
    assert found is not None
    assert "no CloudTrail trail" in found.reason
