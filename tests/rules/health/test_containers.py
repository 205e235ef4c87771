"""A container's own health check."""

from datetime import timedelta

from ecs_medic.facts.ecs import HealthCheck
from ecs_medic.finding import Confidence
from ecs_medic.rules.health.container_health_check_failed import container_health_check_failed
from ecs_medic.vocabulary import Id
from tests.builders import (
    DENIED,
    NOW,
    assert_not_checked,
    assert_quiet,
    container,
    container_definition,
    definition,
    facts,
    incident,
    task,
    the_finding,
)

ABOUT = incident(Id.CONTAINER_HEALTH_CHECK_FAILED)
CHECK = HealthCheck(("CMD-SHELL", "curl -f http://localhost/"), interval=10, timeout=5, retries=3, start_period=20)
CHECKED = definition(containers=(container_definition(health_check=True, health_check_settings=CHECK),))


def given_up(status, lived=60):
    return task(
        last_status="STOPPED",
        stop_code="ServiceSchedulerInitiated",
        stopped_reason="Task failed container health checks",
        started_at=NOW - timedelta(seconds=lived),
        stopping_at=NOW,
        containers=(container(health_status=status),),
    )


def test_an_unhealthy_container_is_confirmed_with_its_check():
    read = facts(task=given_up("UNHEALTHY"), task_definition=CHECKED)
    finding = the_finding(container_health_check_failed, ABOUT, read)
    assert (finding.confidence, finding.params["container"]) == (Confidence.CONFIRMED, "app")
    assert finding.params["start_period_seconds"] == 20
    assert "never healthy" in finding.summary
    assert any("curl -f" in one.observed for one in finding.evidence)


def test_a_container_that_fell_ill_later_is_not_said_to_start_slowly():
    read = facts(task=given_up("UNHEALTHY", lived=9000), task_definition=CHECKED)
    assert "never" not in the_finding(container_health_check_failed, ABOUT, read).summary


def test_only_the_message_says_it():
    read = facts(task=given_up(None), task_definition=CHECKED)
    finding = the_finding(container_health_check_failed, ABOUT, read)
    assert (finding.confidence, finding.params["container"]) == (Confidence.LIKELY, "app")


def test_a_healthy_container_excludes_it():
    read = facts(task=given_up("HEALTHY"), task_definition=CHECKED)
    assert_quiet(container_health_check_failed, incident(Id.APP_EXITED), read)


def test_an_unread_task_is_not_checked():
    assert_not_checked(container_health_check_failed, ABOUT, facts(task=DENIED), "ecs:DescribeTasks")
