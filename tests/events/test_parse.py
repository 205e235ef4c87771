"""What becomes of an event: an incident, or one line that names the field."""

import json

import pytest

from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.parse import parse
from ecs_medic.events.task_state import LONGEST_REASON
from ecs_medic.incident import Kind
from ecs_medic.vocabulary import Id
from tests.events.samples import CLUSTER_ARN, TASK_ARN, TASK_ID, envelope, refused_exec, service_event, stopped_task


def test_a_stopped_task_becomes_an_incident():
    incident = parse(stopped_task())
    assert incident.kind is Kind.STOPPED_TASK
    assert (incident.cluster, incident.service, incident.task_definition) == ("shop", "orders", "orders:7")
    assert incident.symptom is Id.APP_EXITED
    assert incident.occurred_at.isoformat() == "2026-03-01T11:59:58.100000+00:00"
    assert incident.task is not None
    assert incident.task.enable_execute_command is False
    assert incident.task.interface_attachment is not None
    assert incident.task.interface_attachment.details["subnetId"] == "subnet-0aaa"


def test_a_task_named_in_resources_alone_is_found():
    incident = parse(stopped_task(taskArn=..., taskDefinitionArn=...))
    assert incident.task_arn == TASK_ARN
    assert incident.task_definition is None


def test_the_old_arn_form_takes_the_cluster_from_the_cluster_arn():
    old = f"arn:aws:ecs:eu-west-1:111122223333:task/{TASK_ID}"
    incident = parse(stopped_task(taskArn=old))
    assert incident.cluster == "shop"


def test_a_standalone_task_has_no_service():
    assert parse(stopped_task(group="family:batch")).service is None


def test_a_running_task_is_normal_operation():
    assert parse(stopped_task(lastStatus="RUNNING")).symptom is Id.NORMAL_OPERATION


def test_other_partitions():
    event = stopped_task(
        taskArn=TASK_ARN.replace("arn:aws:", "arn:aws-us-gov:").replace("eu-west-1", "us-gov-west-1"),
        clusterArn=CLUSTER_ARN.replace("arn:aws:", "arn:aws-us-gov:").replace("eu-west-1", "us-gov-west-1"),
    )
    event["region"] = "us-gov-west-1"
    assert parse(event).partition == "aws-us-gov"


def test_a_refused_exec_names_caller_and_target_and_never_keeps_the_command():
    incident = parse(refused_exec())
    assert incident.kind is Kind.EXEC_ERROR
    assert incident.symptom is Id.EXEC_TARGET_NOT_CONNECTED
    assert incident.task_arn == TASK_ARN
    assert incident.exec_attempt is not None
    assert incident.exec_attempt.caller_arn == "arn:aws:sts::111122223333:assumed-role/developer/alex"
    assert incident.exec_attempt.container == "app"
    assert "hunter2" not in repr(incident)


@pytest.mark.parametrize("task", [TASK_ID, TASK_ARN])
@pytest.mark.parametrize("cluster", ["shop", CLUSTER_ARN])
def test_exec_targets_by_name_and_by_arn_are_the_same(task, cluster):
    incident = parse(refused_exec(requestParameters={"cluster": cluster, "task": task}))
    assert (incident.cluster, incident.task_arn) == ("shop", TASK_ARN)


def test_exec_without_a_cluster_means_the_default_cluster():
    assert parse(refused_exec(requestParameters={"task": TASK_ID})).cluster == "default"


@pytest.mark.parametrize(
    ("resource", "cluster", "task"),
    [
        (TASK_ARN, "shop", TASK_ARN),
        (CLUSTER_ARN, "shop", None),
        (
            f"arn:aws:ecs:eu-west-1:111122223333:task/{TASK_ID}",
            "default",
            f"arn:aws:ecs:eu-west-1:111122223333:task/{TASK_ID}",
        ),
        ("arn:aws:ecs:eu-west-1:111122223333:task/shop/*", "default", None),
    ],
)
def test_an_unauthorized_exec_has_no_parameters_and_its_refusal_names_the_target(resource, cluster, task):
    words = f"User: x is not authorized to perform: ecs:ExecuteCommand on resource: {resource} because no"
    incident = parse(refused_exec(requestParameters=None, errorCode="AccessDenied", errorMessage=words))
    assert (incident.cluster, incident.task_arn) == (cluster, task)
    assert incident.symptom is Id.EXEC_CALLER_DENIED


@pytest.mark.parametrize(
    ("identity", "issuer"),
    [
        (
            {"sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/team/dev"}}},
            "arn:aws:iam::111122223333:role/team/dev",
        ),
        ({"sessionContext": {}}, None),
        ({"sessionContext": None}, None),
    ],
)
def test_the_role_behind_the_callers_session(identity, issuer):
    incident = parse(refused_exec(userIdentity={"arn": "arn:aws:sts::111122223333:assumed-role/dev/alex", **identity}))
    assert incident.exec_attempt is not None
    assert incident.exec_attempt.issuer_arn == issuer


def test_exec_refused_before_it_had_parameters():
    incident = parse(refused_exec(requestParameters=None, userIdentity=None))
    assert incident.task_arn is None


def test_an_accepted_exec_is_normal_operation():
    assert parse(refused_exec(errorCode=..., errorMessage=...)).symptom is Id.NORMAL_OPERATION


def test_a_steady_state_can_end_an_incident_and_opens_none():
    incident = parse(service_event("SERVICE_STEADY_STATE", "INFO"))
    assert incident.can_end
    assert incident.symptom is Id.NORMAL_OPERATION


def test_a_failed_deployment_is_an_incident():
    incident = parse(
        service_event(
            "SERVICE_DEPLOYMENT_FAILED",
            "ERROR",
            detail_type="ECS Deployment State Change",
            deploymentId="ecs-svc/1",
            reason="ECS deployment circuit breaker: task failed to start.",
        )
    )
    assert incident.symptom is Id.DEPLOYMENT_CIRCUIT_BREAKER
    assert (incident.service, incident.deployment_id, incident.can_end) == ("orders", "ecs-svc/1", False)


def test_the_fingerprint_knows_neither_task_nor_time():
    first = parse(stopped_task())
    event = stopped_task(taskArn=TASK_ARN[:-1] + "0", stoppedAt="2026-03-02T00:00:00Z", version=9)
    second = parse(event)
    assert first.fingerprint == second.fingerprint
    assert first.id == second.id


def test_same_named_services_in_two_clusters_stay_apart():
    other = stopped_task(taskArn=TASK_ARN.replace("/shop/", "/office/"))
    assert parse(other).fingerprint != parse(stopped_task()).fingerprint


BAD = {
    "null": (None, "event: expected a JSON object"),
    "an array": ([stopped_task()], "event: expected a JSON object (one EventBridge event), got an array"),
    "a string": ("x", "got a string"),
    "an empty object": ({}, "event: expected an EventBridge event, got an empty object"),
    "another service": (
        stopped_task() | {"source": "aws.ec2"},
        "source: expected one of 'aws.ecs', 'aws.ecr', got 'aws.ec2'",
    ),
    "another kind": (envelope("ECS Container Instance State Change", {}), "detail-type: expected one of"),
    "no detail": ({k: v for k, v in stopped_task().items() if k != "detail"}, "detail: field required (missing)"),
    "null detail": (stopped_task() | {"detail": None}, "detail: "),
    "no account": (stopped_task() | {"account": None}, "account: "),
    "a nonsense time": (stopped_task() | {"time": "yesterday"}, "time: "),
    "no cluster": (stopped_task(clusterArn=...), "detail.clusterArn: field required (missing)"),
    "a null cluster": (stopped_task(clusterArn=None), "detail.clusterArn: "),
    "a cluster that is none": (
        stopped_task(clusterArn="shop"),
        "detail.clusterArn: expected the ARN of an ECS cluster",
    ),
    "no status": (stopped_task(lastStatus=...), "detail.lastStatus: field required (missing)"),
    "no task at all": (stopped_task(taskArn=...) | {"resources": []}, "detail.taskArn: expected the ARN"),
    "containers of another type": (stopped_task(containers="none"), "detail.containers: "),
    "an absurd reason": (
        stopped_task(stoppedReason="x" * (LONGEST_REASON + 1)),
        "detail.stoppedReason: string should have at most 16384 characters",
    ),
    "a service event without its service": (
        service_event("SERVICE_STEADY_STATE", "INFO") | {"resources": []},
        "resources: expected the ARN of an ECS service",
    ),
    "a service event without its name": (
        envelope("ECS Service Action", {"eventType": "ERROR"}),
        "detail.eventName: field required (missing)",
    ),
}


@pytest.mark.parametrize(("event", "expected"), BAD.values(), ids=BAD)
def test_bad_input_is_one_line_that_names_the_field(event, expected):
    with pytest.raises(BadEventError) as caught:
        parse(event)
    line = str(caught.value)
    assert expected in line
    assert "\n" not in line
    assert len(line) < 300


def test_a_time_without_a_zone_is_utc():
    event = refused_exec() | {"time": "2026-01-01T00:00:00"}
    assert parse(event).occurred_at.isoformat() == "2026-01-01T00:00:00+00:00"


def test_unknown_fields_are_tolerated():
    event = stopped_task(somethingNew={"deep": [1]})
    event["alsoNew"] = True
    assert parse(json.loads(json.dumps(event))).task_arn == TASK_ARN
