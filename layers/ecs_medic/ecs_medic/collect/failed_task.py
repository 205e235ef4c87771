"""A service's event says that something fails; one of its tasks says what."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ecs_medic.aws.reader import Reader
from ecs_medic.collect.changes import previous_definition_key
from ecs_medic.collect.ecs import service_from_answer
from ecs_medic.collect.identify import Identified
from ecs_medic.collect.interfaces import subnet_questions
from ecs_medic.collect.question import Questions, answer_to
from ecs_medic.collect.stopped_tasks import description, listing, newest_failure, stopped_at, tasks_in
from ecs_medic.collect.task import definition_question, service_question
from ecs_medic.facts.ecs import Service, Task
from ecs_medic.facts.fact import Fact, Known
from ecs_medic.incident import Incident
from ecs_medic.symptoms.of_task import message_of
from ecs_medic.symptoms.recognise import Recognition
from ecs_medic.vocabulary import Id

_BELONGS_TO_THE_EVENT = timedelta(hours=1)
_SPEAKS_OF_ITS_TASKS = frozenset(
    {
        Id.TASK_START_IMPAIRED,
        Id.DEPLOYMENT_CIRCUIT_BREAKER,
        Id.UNKNOWN,
    }
)
"""What a service's event says without saying why: placement, capacity and targets explain themselves."""


def failed_task_behind(incident: Incident, reader: Reader, now: datetime) -> Identified:
    """The same incident with a failed task of its service, and with that task's own symptom.

    The newest one; for a deployment that was given up the first of its own, since later ones may fail by its rollback.
    While the tasks are described, what its deployment starts them with is read already: waiting is what takes the time.

    Unchanged where the event names its cause itself, or where no failed task can be found.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    if incident.service is None or incident.symptom not in _SPEAKS_OF_ITS_TASKS:
        return Identified(incident)
    asked: Questions = {
        ("stopped_tasks",): listing(incident.cluster, incident.service),
        ("service",): service_question(incident.cluster, incident.service),
    }
    first = reader.together(asked)
    found = service_from_answer(answer_to(first, "service"), incident.service)
    deployed = _deployed(incident, found)
    stopped = description(incident.cluster, answer_to(first, "stopped_tasks"))
    second = reader.together({("stopped",): stopped, **deployed}) if stopped else {}
    task = _chosen(incident, tasks_in(answer_to(second, "stopped")), now)
    judged = _with(incident, *task) if task else incident
    spoken_of = judged.task_definition_arn or (found.value.task_definition_arn if isinstance(found, Known) else None)
    kept = {**first, **second}
    asked_definition = deployed.get(("definition",))
    if asked_definition and ("definition",) in kept and asked_definition.params["taskDefinition"] != spoken_of:
        # By now the service runs another revision than the task that failed: what that changed is asked later.
        kept[previous_definition_key(asked_definition.params["taskDefinition"])] = kept.pop(("definition",))
    return Identified(judged, kept, calls=len(first) + len(second), waves=1 if second else 0)


def _deployed(incident: Incident, found: Fact[Service]) -> Questions:
    """The definition and the subnets of the deployment that the event names, else of the service as it is."""
    if not isinstance(found, Known):
        return {}
    service = found.value
    own = next((one for one in service.deployments if one.id == incident.deployment_id), None)
    definition = (own.task_definition_arn if own else None) or service.task_definition_arn
    awsvpc = (own.awsvpc if own else None) or service.awsvpc
    asked: Questions = {("definition",): definition_question(definition)} if definition else {}
    return asked | (subnet_questions(awsvpc.subnet_ids) if awsvpc else {})


def _chosen(incident: Incident, stopped: Sequence[Task], now: datetime) -> tuple[Task, Recognition] | None:
    recent = [task for task in stopped if now - stopped_at(task) < _BELONGS_TO_THE_EVENT]
    own = [task for task in recent if incident.deployment_id and task.started_by == incident.deployment_id]
    return newest_failure(reversed(own)) or newest_failure(recent)


def _with(incident: Incident, task: Task, recognition: Recognition) -> Incident:
    return replace(
        incident,
        symptom=recognition.symptom,
        symptom_confidence=recognition.confidence,
        message=message_of(task),
        task=task,
        task_arn=task.arn,
        task_definition_arn=task.task_definition_arn,
        launch_type=task.launch_type,
    )
