"""What keeps a service from doing what it should."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecs_medic.facts.ecs import Deployment, DeploymentConfiguration, ServiceEvent
from ecs_medic.facts.fact import NOT_READ, Absent, Known, Unknown
from ecs_medic.facts.placement import Placement
from ecs_medic.finding import Confidence, Phase
from ecs_medic.incident import Kind, Message
from ecs_medic.rules.service.deployment_circuit_breaker import deployment_circuit_breaker
from ecs_medic.rules.service.deployment_limits_deadlock import deployment_limits_deadlock
from ecs_medic.rules.service.service_role_broken import service_role_broken
from ecs_medic.rules.service.service_silently_at_zero import service_silently_at_zero
from ecs_medic.rules.service.tasks_protected import tasks_protected
from ecs_medic.vocabulary import Id
from tests import builders
from tests.builders import (
    ACCOUNT,
    NOW,
    SERVICE_ARN,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    incident,
    role,
    the_finding,
)

REFUSED = Unknown("ecs:DescribeServices", "denied", "ecs:DescribeServices")
OWN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
BREAKER = "ECS deployment circuit breaker: tasks failed to start."


def event(symptom: Id, reason: str = "words", **changes):
    given = {
        "kind": Kind.SERVICE_EVENT,
        "task_arn": None,
        "message": Message(Kind.SERVICE_EVENT, stopped_reason=reason),
        **changes,
    }
    return incident(symptom, **given)


def facts(*, task=NOT_READ, **service):
    return builders.facts(task=task, service=builders.service(**service))


def deployment(identifier="ecs-svc/2", status="PRIMARY", rollout="FAILED", **changes):
    return replace(Deployment(identifier, status, rollout, BREAKER, failed_tasks=3), **changes)


@pytest.mark.parametrize("source", ["ecs:ListTasks", "ecs:DescribeTasks"])
def test_a_failed_deployment_whose_tasks_could_not_be_read_is_likely_and_does_not_call_them_gone(source):
    about = event(Id.DEPLOYMENT_CIRCUIT_BREAKER, BREAKER, deployment_id="ecs-svc/2")
    unread = replace(facts(deployments=(deployment(),)), failed_reads=(Unknown(source, "denied", source),))
    finding = the_finding(deployment_circuit_breaker, about, unread)
    assert finding.confidence is Confidence.LIKELY
    assert "Its failed tasks could not be read" in finding.summary
    assert "known to ECS any more" not in finding.summary


def test_a_failed_deployment_whose_tasks_are_gone_says_so():
    about = event(Id.DEPLOYMENT_CIRCUIT_BREAKER, BREAKER, deployment_id="ecs-svc/2")
    finding = the_finding(deployment_circuit_breaker, about, facts(deployments=(deployment(),)))
    assert finding.confidence is Confidence.CONFIRMED
    assert "failed after 3 failed tasks" in finding.summary
    assert "None of its failed tasks is known to ECS any more" in finding.summary
    assert finding.params["rolled_back"] is False


def test_a_deployment_that_was_rolled_back_leaves_only_aws_word():
    about = event(Id.DEPLOYMENT_CIRCUIT_BREAKER, BREAKER, deployment_id="ecs-svc/2")
    now = deployment("ecs-svc/1", rollout="COMPLETED", task_definition_arn="arn:x:task-definition/orders:6")
    finding = the_finding(deployment_circuit_breaker, about, facts(deployments=(now,)))
    assert (finding.confidence, finding.params["rolled_back"]) == (Confidence.LIKELY, True)
    assert "It was rolled back: orders:6 is deployed now." in finding.summary


def test_a_known_task_outranks_the_breaker():
    about = incident(Id.LOG_GROUP_MISSING, task=builders.task())
    read = facts(task=builders.task(), deployments=(deployment(),))
    finding = the_finding(deployment_circuit_breaker, about, read)
    assert "None of its failed tasks" not in finding.summary
    assert finding.phase > Phase.HEALTH


def test_without_a_failed_deployment_nothing_is_said_of_it():
    assert_silent(
        deployment_circuit_breaker, event(Id.TASK_START_IMPAIRED), facts(deployments=(deployment(rollout="COMPLETED"),))
    )
    assert_silent(deployment_circuit_breaker, event(Id.TASK_START_IMPAIRED), builders.facts(service=REFUSED))


def limited(desired, minimum, maximum, **service):
    return facts(desired_count=desired, deployment_configuration=DeploymentConfiguration(minimum, maximum), **service)


@pytest.mark.parametrize(
    ("desired", "minimum", "maximum", "stuck"),
    [
        (1, 100, 100, True),
        (1, 100, 199, True),
        (1, 50, 100, True),
        (1, 0, 100, False),
        (1, 100, 200, False),
        (2, 50, 100, False),
        (2, 51, 149, True),
        (2, 51, 150, False),
        (4, 100, 125, False),
        (4, 76, 124, True),
        (10, 100, 110, False),
        (10, 91, 109, True),
    ],
)
def test_the_room_that_the_percentages_leave(desired, minimum, maximum, stuck):
    about = event(Id.DEPLOYMENT_LIMITS_DEADLOCK)
    read = limited(desired, minimum, maximum)
    if stuck:
        finding = the_finding(deployment_limits_deadlock, about, read)
        assert (finding.confidence, finding.subject) == (Confidence.CONFIRMED, SERVICE_ARN)
    else:
        assert_not_checked(deployment_limits_deadlock, about, read)
        assert_quiet(deployment_limits_deadlock, event(Id.TASK_START_IMPAIRED), read)


def test_a_daemon_never_has_two_on_an_instance():
    about = event(Id.DEPLOYMENT_LIMITS_DEADLOCK)
    stuck = the_finding(deployment_limits_deadlock, about, limited(3, 100, 200, scheduling_strategy="DAEMON"))
    assert stuck.params["desired_count"] == 3
    assert_not_checked(deployment_limits_deadlock, about, limited(3, 0, 100, scheduling_strategy="DAEMON"))


def test_limits_of_nothing_and_of_what_was_not_read():
    about = event(Id.DEPLOYMENT_LIMITS_DEADLOCK)
    assert_silent(deployment_limits_deadlock, about, limited(0, 100, 100))
    assert_silent(deployment_limits_deadlock, about, limited(1, None, None))
    unread = builders.facts(service=REFUSED)
    assert_not_checked(deployment_limits_deadlock, about, unread, "ecs:DescribeServices")


@pytest.mark.parametrize(("strategy", "stuck"), [(None, True), ("ROLLING", True), ("BLUE_GREEN", False)])
def test_only_a_rolling_update_is_held_by_its_percentages(strategy, stuck):
    configuration = DeploymentConfiguration(100, 100, strategy=strategy)
    read = facts(desired_count=2, deployment_configuration=configuration)
    about = event(Id.DEPLOYMENT_LIMITS_DEADLOCK)
    if stuck:
        the_finding(deployment_limits_deadlock, about, read)
    else:
        assert_silent(deployment_limits_deadlock, about, read)


def test_the_service_linked_role():
    about = event(Id.SERVICE_ROLE_BROKEN)
    gone = facts()
    gone = replace(gone, roles={OWN_ROLE: Absent("iam:GetRole", "NoSuchEntity")})
    assert the_finding(service_role_broken, about, gone).confidence is Confidence.CONFIRMED
    there = replace(gone, roles={OWN_ROLE: Known(role(OWN_ROLE), "iam:GetRole")})
    assert the_finding(service_role_broken, about, there).confidence is Confidence.LIKELY
    assert_quiet(service_role_broken, event(Id.TARGET_NOT_REGISTERED), there)
    refused = replace(gone, roles={OWN_ROLE: Unknown("iam:GetRole", "denied", "iam:GetRole")})
    assert_not_checked(service_role_broken, about, refused, "iam:GetRole")
    assert_silent(service_role_broken, about, facts())


ASKED = incident(Id.UNKNOWN, kind=Kind.ON_DEMAND, task_arn=None)
LONG_AGO = NOW - timedelta(days=14)


def quiet_service(**changes):
    given = {
        "desired_count": 2,
        "running_count": 0,
        "deployments": (deployment(rollout="IN_PROGRESS", created_at=LONG_AGO),),
        "events": (ServiceEvent(LONG_AGO, "(service orders) has started 1 tasks"),),
        **changes,
    }
    return facts(**given)


def test_a_service_that_is_silently_at_zero():
    finding = the_finding(service_silently_at_zero, ASKED, quiet_service())
    assert (finding.confidence, finding.params["desired_count"]) == (Confidence.CONFIRMED, 2)


@pytest.mark.parametrize("changes", [{"desired_count": 0}, {"running_count": 1}, {"pending_count": 1}])
def test_a_service_that_runs_or_need_not(changes):
    assert_quiet(service_silently_at_zero, ASKED, quiet_service(**changes))


def test_silence_is_neither_young_nor_an_event():
    young = (deployment(rollout="IN_PROGRESS", created_at=NOW - timedelta(minutes=5)),)
    assert_silent(service_silently_at_zero, ASKED, quiet_service(deployments=young))
    heard = (ServiceEvent(NOW - timedelta(minutes=5), "(service orders) has started 1 tasks"),)
    assert_silent(service_silently_at_zero, ASKED, quiet_service(events=heard))
    assert_silent(service_silently_at_zero, event(Id.UNKNOWN), quiet_service())
    assert_silent(service_silently_at_zero, ASKED, builders.facts(service=REFUSED))


def protected(*tasks, desired=1):
    read = facts(desired_count=desired)
    return replace(read, placement=Placement(protected_tasks=Known(tasks, "ecs:GetTaskProtection")))


def test_protected_tasks_beyond_the_desired_count():
    about = event(Id.TASKS_PROTECTED)
    finding = the_finding(tasks_protected, about, protected("task/1", "task/2"))
    assert (finding.confidence, finding.params["protected"]) == (Confidence.CONFIRMED, 2)
    assert_not_checked(tasks_protected, about, protected("task/1"))
    assert_quiet(tasks_protected, event(Id.DEPLOYMENT_LIMITS_DEADLOCK), protected("task/1"))
    refused = Placement(protected_tasks=Unknown("ecs:GetTaskProtection", "denied", "ecs:GetTaskProtection"))
    assert_not_checked(tasks_protected, about, replace(facts(), placement=refused), "ecs:GetTaskProtection")
    assert_silent(tasks_protected, about, facts())


@pytest.mark.parametrize(
    ("count", "new", "old", "stuck"),
    [(1, 2, 1, True), (2, 2, 2, True), (0, 2, 1, False), (1, 1, 1, False), (1, 2, 0, False)],
)
def test_protected_tasks_of_an_older_deployment(count, new, old, stuck):
    deployments = (
        deployment("ecs-svc/2", "PRIMARY", "IN_PROGRESS", running_count=new),
        deployment("ecs-svc/1", "ACTIVE", "COMPLETED", running_count=old),
    )
    tasks = tuple(f"task/{number}" for number in range(count))
    read = replace(
        facts(desired_count=2, running_count=new + old, deployments=deployments),
        placement=Placement(protected_tasks=Known(tasks, "ecs:GetTaskProtection")),
    )
    if stuck:
        finding = the_finding(tasks_protected, ASKED, read)
        assert (finding.confidence, finding.params["protected"]) == (Confidence.LIKELY, count)
        assert "Deployment ecs-svc/2 of orders cannot end" in finding.summary
    else:
        assert_quiet(tasks_protected, ASKED, read)
