"""A service's event is explained by a task: of a deployment that was given up, by its first one."""

from datetime import UTC, datetime

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.collect.failed_task import failed_task_behind
from ecs_medic.diagnosis import diagnose
from ecs_medic.events.parse import parse
from ecs_medic.finding import Confidence
from ecs_medic.vocabulary import Id
from sandbox.gallery import build


def test_the_first_failed_task_of_the_deployment_speaks(account):
    scenario = build(account, "service_deployment_failed")
    incident = parse(scenario.event)
    ecs = account.client("ecs")
    # What fails later, by another deployment, is not why this one was given up.
    ecs.update_service(cluster=scenario.cluster, service=scenario.service, forceNewDeployment=True)
    arns = ecs.list_tasks(cluster=scenario.cluster, serviceName=scenario.service, desiredStatus="STOPPED")["taskArns"]
    tasks = ecs.describe_tasks(cluster=scenario.cluster, tasks=arns)["tasks"]
    own = [task for task in tasks if task["startedBy"] == incident.deployment_id]
    first = min(own, key=lambda task: task["stoppedAt"])
    assert len(tasks) > len(own) > 1
    found = failed_task_behind(incident, Reader("eu-west-1"), datetime.now(UTC)).incident
    assert found.symptom is Id.LOGS_UNREACHABLE
    assert found.task is not None
    assert found.task.stopped_at == first["stoppedAt"]
    assert found.task.started_by == incident.deployment_id


@pytest.mark.parametrize("more", [True, False])
def test_where_not_all_stopped_tasks_were_looked_at_it_is_said(account, more):
    scenario = build(account, "service_deployment_failed")
    report = diagnose(parse(scenario.event), Reader("eu-west-1"), datetime.now(UTC))
    assert "stopped tasks" not in " ".join(gap.reason for gap in report.not_checked)
    if more:
        account.fault("ecs", "ListTasks", "pages")
    else:
        account.fault("ecs", "ListTasks", "access_denied")
    report = diagnose(parse(scenario.event), Reader("eu-west-1"), datetime.now(UTC))
    assert report.verdict.confidence != Confidence.CONFIRMED
    said = any("at most 100" in gap.reason for gap in report.not_checked)
    assert said is more


def test_an_event_that_explains_itself_keeps_its_words(account):
    scenario = build(account, "insufficient_memory")
    incident = parse(scenario.event)
    assert failed_task_behind(incident, Reader("eu-west-1"), datetime.now(UTC)).incident is incident
