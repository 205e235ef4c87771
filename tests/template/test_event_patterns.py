"""The patterns of the template's rules, run on events as AWS sends them."""

import itertools
import json
from functools import cache
from typing import Any

import pytest
from moto.events.models import EventPattern

from tests.template.stack import ROOT, deployed, of_type

NOT_THERE = object()

SCALING = "Scaling activity initiated by (deployment ecs-svc/1234567890123456789)"
SCHEDULER = "ServiceSchedulerInitiated"

EVENT_FILES = sorted((ROOT / "events").glob("*.json"))
# Ordinary scaling never reaches the function; its event is there to show what a diagnosis says to it all the same.
DELIBERATELY_UNMATCHED = {"scale_in"}


@cache
def _patterns() -> dict[str, EventPattern]:
    rules = of_type(deployed(), "AWS::Events::Rule")
    return {
        name.removeprefix("DiagnoseFunction"): EventPattern.load(json.dumps(rule["EventPattern"]))
        for name, rule in rules.items()
        if "EventPattern" in rule
    }


def matching(event: Any) -> list[str]:
    return sorted(name for name, pattern in _patterns().items() if pattern.matches_event(event))


def event(detail_type: str, **detail: object) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "3317b2af-7005-947d-b652-f55e762e571a",
        "detail-type": detail_type,
        "source": "aws.ecs",
        "account": "123456789012",
        "time": "2026-03-01T09:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {name: value for name, value in detail.items() if value is not NOT_THERE},
    }


def task_event(
    stop_code: object = NOT_THERE, reason: object = NOT_THERE, status: str = "STOPPED", **more: object
) -> dict[str, Any]:
    return event(
        "ECS Task State Change",
        lastStatus=status,
        desiredStatus="STOPPED",
        stopCode=stop_code,
        stoppedReason=reason,
        **more,
    )


def call_event(name: str = "ExecuteCommand", **detail: object) -> dict[str, Any]:
    return event("AWS API Call via CloudTrail", eventSource="ecs.amazonaws.com", eventName=name, **detail)


FAILURES = {
    "image cannot be pulled": ("TaskFailedToStart", "CannotPullContainerError: pull image manifest has been retried"),
    "nothing reachable": ("TaskFailedToStart", "ResourceInitializationError: unable to pull secrets or registry auth"),
    "the application exited": ("EssentialContainerExited", "Essential container in task exited"),
    "health check of the load balancer": (SCHEDULER, "Task failed ELB health checks in (target-group shop)"),
    "health check of the container": (SCHEDULER, "Task failed container health checks"),
    "Service Connect": (SCHEDULER, "Task failed Service Connect health checks"),
    "no code, health check": (NOT_THERE, "Task failed ELB health checks in (elb shop)"),
    "no code, pull": (NOT_THERE, "CannotPullContainerError: unknown blob"),
    "no code, no reason": (NOT_THERE, NOT_THERE),
    "code alone": ("TaskFailedToStart", NOT_THERE),
    "scheduler's code alone": (SCHEDULER, NOT_THERE),
    "reason is empty": (SCHEDULER, ""),
    "reworded by AWS": (SCHEDULER, "The service scheduler replaced the task: scaling activity initiated by shop"),
    "a code of tomorrow": ("SomethingNew", SCALING),
    "the host is gone": ("TerminationNotice", "Host EC2 (instance i-0123456789abcdef0) terminated."),
    # Normal life that only the function can tell, with a reason.
    "stopped by somebody": ("UserInitiated", "Task stopped by user"),
    "Spot": ("SpotInterruption", "Your Spot Task was interrupted."),
}

ORDINARY = {
    "scale-in or deployment": (SCHEDULER, SCALING),
    "deployment replaced the task": (SCHEDULER, "Scaling activity initiated by deployment ecs-svc/987"),
    "the same without a code": (NOT_THERE, SCALING),
}


@pytest.mark.parametrize(("stop_code", "reason"), FAILURES.values(), ids=FAILURES)
def test_a_stop_in_failure_comes_through(stop_code, reason):
    assert matching(task_event(stop_code, reason)) == ["TaskStopped"]


@pytest.mark.parametrize(("stop_code", "reason"), ORDINARY.values(), ids=ORDINARY)
def test_ordinary_scaling_is_spared(stop_code, reason):
    assert matching(task_event(stop_code, reason)) == []


CODES = [
    NOT_THERE,
    SCHEDULER,
    "TaskFailedToStart",
    "EssentialContainerExited",
    "UserInitiated",
    "SpotInterruption",
    "TerminationNotice",
    "InfrastructureHealth",
]
REASONS = [
    NOT_THERE,
    "",
    SCALING,
    SCALING.lower(),
    f"Task stopped. {SCALING}",
    "Task failed ELB health checks in (shop)",
]


@pytest.mark.parametrize(("stop_code", "reason"), itertools.product(CODES, REASONS))
def test_nothing_else_is_spared(stop_code, reason):
    """The whole rule in Python: spared is what has the scheduler's code, or none, and its words for scaling."""
    ordinary = stop_code in {NOT_THERE, SCHEDULER} and reason == SCALING
    assert bool(matching(task_event(stop_code, reason))) is not ordinary


@pytest.mark.parametrize("status", ["PROVISIONING", "PENDING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING"])
def test_a_task_that_has_not_stopped_yet_is_no_news(status):
    assert matching(task_event("EssentialContainerExited", "Essential container in task exited", status=status)) == []


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidParameterException", "TargetNotConnectedException", ""])
def test_a_refused_exec_comes_through_whatever_its_error_code(code):
    assert matching(call_event(errorCode=code, errorMessage="…")) == ["ExecRefused"]


def test_an_accepted_exec_is_no_news():
    assert matching(call_event(responseElements={"session": {"sessionId": "ecs-execute-command-1"}})) == []


@pytest.mark.parametrize("name", ["DescribeTasks", "ListServices"])
def test_other_refused_calls_are_no_business_of_this_stack(name):
    assert matching(call_event(name, errorCode="AccessDenied")) == []


@pytest.mark.parametrize(
    "name", ["CreateService", "DeleteService", "RegisterTaskDefinition", "RunTask", "StopTask", "UpdateService"]
)
def test_a_refused_call_is_told_to_its_caller(name):
    assert matching(call_event(name, errorCode="AccessDenied")) == ["CallRefused"]
    words = "User: arn:aws:iam::123456789012:user/alex is not authorized to perform: iam:PassRole on resource: *"
    assert matching(call_event(name, errorCode="ClientException", errorMessage=words)) == ["CallRefused"]
    assert matching(call_event(name, errorCode="ClientException", errorMessage="There is no such cluster.")) == []
    assert matching(call_event(name)) == []


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("WARN", "SERVICE_TASK_START_IMPAIRED"),
        ("WARN", "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY"),
        ("ERROR", "SERVICE_TASK_PLACEMENT_FAILURE"),
        ("ERROR", "SERVICE_TASK_CONFIGURATION_FAILURE"),
        ("ERROR", "SOMETHING_NEW"),
        # Informative, and able to end an incident.
        ("INFO", "SERVICE_STEADY_STATE"),
        ("INFO", "SERVICE_DEPLOYMENT_COMPLETED"),
    ],
)
def test_what_the_scheduler_complains_of_and_what_can_end_an_incident_come_through(kind, name):
    assert matching(event("ECS Service Action", eventType=kind, eventName=name)) == ["ServiceAction"]


@pytest.mark.parametrize(
    "name",
    [
        "TASKS_STOPPED",
        "SERVICE_DESIRED_COUNT_UPDATED",
        "SERVICE_DEPLOYMENT_IN_PROGRESS",
        "CAPACITY_PROVIDER_STEADY_STATE",
    ],
)
def test_other_information_is_no_news(name):
    assert matching(event("ECS Service Action", eventType="INFO", eventName=name)) == []


@pytest.mark.parametrize(
    ("kind", "name", "rules"),
    [
        ("ERROR", "SERVICE_DEPLOYMENT_FAILED", ["DeploymentStateChange"]),
        ("INFO", "SERVICE_DEPLOYMENT_COMPLETED", ["DeploymentStateChange"]),
        ("INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS", []),
    ],
)
def test_deployments_that_failed_or_are_complete_come_through(kind, name, rules):
    assert matching(event("ECS Deployment State Change", eventType=kind, eventName=name)) == rules


def test_every_event_that_can_end_an_incident_reaches_the_function():
    from ecs_medic.events.service_action import CAN_END_AN_INCIDENT  # noqa: PLC0415

    for name in CAN_END_AN_INCIDENT:
        assert matching(event("ECS Service Action", eventType="INFO", eventName=name)) == ["ServiceAction"], name


@pytest.mark.parametrize("source", ["aws.ec2", "custom.ecs"])
def test_events_of_other_sources_are_not_ours(source):
    assert matching({**task_event("TaskFailedToStart"), "source": source}) == []


def test_there_are_events():
    assert EVENT_FILES


@pytest.mark.parametrize("path", EVENT_FILES, ids=lambda path: path.stem)
def test_every_event_of_the_repository_reaches_the_function_or_is_left_out_on_purpose(path):
    unmatched = not matching(json.loads(path.read_text()))
    assert unmatched is (path.stem in DELIBERATELY_UNMATCHED)
