"""A service's event says that something fails; one of its tasks says what."""

from dataclasses import replace
from datetime import datetime, timedelta

from ecs_medic.aws.reader import Reader
from ecs_medic.collect.stopped_tasks import described, listing, newest_failure, stopped_at
from ecs_medic.incident import Incident
from ecs_medic.symptoms.of_task import message_of
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


def failed_task_behind(incident: Incident, reader: Reader, now: datetime) -> Incident:
    """The same incident with a failed task of its service, and with that task's own symptom.

    The newest one; for a deployment that was given up the first of its own, since later ones may fail by its rollback.

    Unchanged where the event names its cause itself, or where no failed task can be found.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    if incident.service is None or incident.symptom not in _SPEAKS_OF_ITS_TASKS:
        return incident
    call = listing(incident.cluster, incident.service)
    stopped = described(reader, incident.cluster, reader.read(call.service, call.operation, call.params))
    recent = [task for task in stopped if now - stopped_at(task) < _BELONGS_TO_THE_EVENT]
    own = [task for task in recent if incident.deployment_id and task.started_by == incident.deployment_id]
    found = newest_failure(reversed(own)) or newest_failure(recent)
    if found is None:
        return incident
    task, recognition = found
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
