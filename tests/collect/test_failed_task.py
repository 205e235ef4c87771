"""A service's event is explained by a task: of a deployment that was given up, by its first one."""

from datetime import UTC, datetime

from ecs_medic.aws.reader import Reader
from ecs_medic.collect.failed_task import failed_task_behind
from ecs_medic.events.parse import parse
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


def test_an_event_that_explains_itself_keeps_its_words(account):
    scenario = build(account, "insufficient_memory")
    incident = parse(scenario.event)
    assert failed_task_behind(incident, Reader("eu-west-1"), datetime.now(UTC)).incident is incident
