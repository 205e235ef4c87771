"""Services that somebody asks about, over the wire: what no event of EventBridge says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.collect.on_demand import incident_for_service
from ecs_medic.diagnosis import diagnose
from ecs_medic.finding import Confidence
from ecs_medic.report.model import Report
from ecs_medic.vocabulary import Id
from sandbox.client import REGION, Sandbox
from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy
from sandbox.gallery.workbench import Workbench


@pytest.fixture
def bench(account: Sandbox) -> Iterator[Workbench]:
    with account.environ():
        yield Workbench(account)


def report_on(service: str, now: datetime | None = None) -> Report:
    now = now or datetime.now(UTC)
    reader = Reader(REGION)
    return diagnose(incident_for_service(reader, CLUSTER, service, now), reader, now)


def verdict_on(service: str, now: datetime | None = None) -> tuple[Any, Any]:
    verdict = report_on(service, now).verdict
    return verdict.cause, verdict.confidence


def limits(minimum: int, maximum: int) -> dict[str, int]:
    return {"minimumHealthyPercent": minimum, "maximumPercent": maximum}


def service_with(bench: Workbench, **changes: Any) -> Application:
    app = Application("orders", net.with_endpoints(bench, "orders"), **changes)
    deploy(bench, app)
    return app


def update(bench: Workbench, **changes: Any) -> None:
    bench.client("ecs").update_service(cluster=CLUSTER, service="orders", **changes)


def protect(bench: Workbench, count: int, *, protected: bool = True) -> list[str]:
    ecs = bench.client("ecs")
    tasks = ecs.list_tasks(cluster=CLUSTER, serviceName="orders")["taskArns"][:count]
    ecs.update_task_protection(cluster=CLUSTER, tasks=tasks, protectionEnabled=protected)
    return list(tasks)


def test_percentages_that_leave_a_deployment_no_room(bench: Workbench):
    service_with(bench, deployment=limits(100, 100))
    assert verdict_on("orders") == (Id.HEALTHY, Confidence.CONFIRMED)
    update(bench, forceNewDeployment=True)
    verdict = report_on("orders").verdict
    assert (verdict.cause, verdict.confidence) == (Id.DEPLOYMENT_LIMITS_DEADLOCK, Confidence.CONFIRMED)
    assert (verdict.params["minimum_healthy_percent"], verdict.params["maximum_percent"]) == (100, 100)


def test_percentages_that_leave_room_are_no_deadlock(bench: Workbench):
    service_with(bench, deployment=limits(0, 100))
    update(bench, forceNewDeployment=True)
    assert verdict_on("orders") == (Id.HEALTHY, Confidence.CONFIRMED)


def test_protected_tasks_that_keep_a_service_from_shrinking(bench: Workbench):
    service_with(bench, desired_count=3)
    tasks = protect(bench, 2)
    update(bench, desiredCount=1)
    verdict = report_on("orders").verdict
    assert (verdict.cause, verdict.confidence) == (Id.TASKS_PROTECTED, Confidence.CONFIRMED)
    assert verdict.params["task_arn"] == tasks
    protect(bench, 2, protected=False)
    assert verdict_on("orders") == (Id.HEALTHY, Confidence.CONFIRMED)


def test_protection_that_may_not_be_read_leaves_aws_word(bench: Workbench):
    service_with(bench, desired_count=2)
    protect(bench, 2)
    update(bench, desiredCount=1)
    bench.sandbox.fault("ecs", "GetTaskProtection", "access_denied")
    report = report_on("orders")
    assert (report.verdict.cause, report.verdict.confidence) == (Id.TASKS_PROTECTED, Confidence.LIKELY)
    assert "ecs:GetTaskProtection" in {gap.missing_permission for gap in report.not_checked}


def test_protected_tasks_that_keep_a_deployment_from_ending(bench: Workbench):
    service_with(bench, desired_count=2)
    tasks = protect(bench, 1)
    update(bench, forceNewDeployment=True)
    verdict = report_on("orders").verdict
    assert (verdict.cause, verdict.confidence) == (Id.TASKS_PROTECTED, Confidence.LIKELY)
    assert verdict.params["task_arn"] == tasks


def test_a_service_that_runs_nothing_and_says_nothing(bench: Workbench):
    """Its tasks failed three hours ago, ECS has forgotten them, and what they lacked is there now."""
    before = datetime.now(UTC) - timedelta(hours=3)
    bench.begin(seed=1, clock=before.isoformat())
    app = service_with(bench, create_log_group=False)
    bench.begin(seed=2, clock=None)
    bench.client("logs").create_log_group(logGroupName=app.log_group)
    verdict = report_on("orders").verdict
    assert (verdict.cause, verdict.confidence) == (Id.SERVICE_SILENTLY_AT_ZERO, Confidence.CONFIRMED)
    assert verdict.params["desired_count"] == 1


def test_what_still_lacks_is_named_before_the_silence(bench: Workbench):
    """As before, and the log group is missing still: that is what blocks every start."""
    before = datetime.now(UTC) - timedelta(hours=3)
    bench.begin(seed=1, clock=before.isoformat())
    service_with(bench, create_log_group=False)
    bench.begin(seed=2, clock=None)
    report = report_on("orders")
    assert (report.verdict.cause, report.verdict.confidence) == (Id.LOG_GROUP_MISSING, Confidence.CONFIRMED)
    assert Id.SERVICE_SILENTLY_AT_ZERO in {finding.cause for finding in report.findings}


def test_the_first_failed_task_of_a_deployment_speaks_for_it(bench: Workbench):
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    service_with(bench, create_log_group=False, deployment=breaker)
    assert verdict_on("orders") == (Id.LOG_GROUP_MISSING, Confidence.CONFIRMED)
