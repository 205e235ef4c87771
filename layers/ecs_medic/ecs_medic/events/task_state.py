"""ECS Task State Change events.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from ecs_medic.events.arn import cluster_name, cluster_of, ecs_arn
from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.envelope import Envelope
from ecs_medic.facts.from_task import task_from_description
from ecs_medic.incident import Incident, Kind, SymptomConfidence
from ecs_medic.partition import partition_of
from ecs_medic.symptoms.of_task import message_of
from ecs_medic.symptoms.recognise import recognise
from ecs_medic.vocabulary import Id

LONGEST_REASON = 16_384
"""Characters. AWS cuts its reasons far below this; a longer one was not written by AWS."""

Reason = Annotated[str, StringConstraints(max_length=LONGEST_REASON)]


class _ContainerDetail(BaseModel):
    """What a container in the event must look like where it is there at all."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)

    name: str | None = None
    reason: Reason | None = None
    exit_code: int | None = None


class _TaskDetail(BaseModel):
    """The fields that a diagnosis cannot do without, and the shapes of those it reads."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)

    cluster_arn: str
    last_status: str
    task_arn: str | None = None
    task_definition_arn: str | None = None
    stopped_reason: Reason | None = None
    stop_code: str | None = None
    containers: list[_ContainerDetail] | None = None
    attachments: list[dict[str, object]] | None = None


def task_state_change(envelope: Envelope) -> Incident:
    """The incident of a stopped task; of a task in any other state, the information that nothing happened.

    Raises:
        BadEventError: cluster, status or task is missing, or a field has another type.
    """
    try:
        detail = _TaskDetail.model_validate(envelope.detail)
    except ValidationError as error:
        raise BadEventError.from_validation(error, "detail") from None
    # Captured events exist that name the task in `resources` alone.
    named = detail.task_arn or next(iter(envelope.resources), None)
    if named is None:
        raise BadEventError("detail.taskArn", "expected the ARN of an ECS task (missing)")
    task_arn = ecs_arn(named, "task", "detail.taskArn" if detail.task_arn else "resources[0]")
    cluster_arn = ecs_arn(detail.cluster_arn, "cluster", "detail.clusterArn")
    task = task_from_description({**envelope.detail, "taskArn": task_arn, "clusterArn": cluster_arn})
    message = message_of(task)
    if detail.last_status.upper() == "STOPPED":
        recognition = recognise(message)
        symptom, confidence = recognition.symptom, recognition.confidence
    else:
        symptom, confidence = Id.NORMAL_OPERATION, SymptomConfidence.CERTAIN
    return Incident(
        kind=Kind.STOPPED_TASK,
        account=envelope.account,
        region=envelope.region,
        partition=partition_of(envelope.region, task_arn),
        cluster=cluster_of(task_arn) or cluster_name(cluster_arn),
        symptom=symptom,
        symptom_confidence=confidence,
        message=message,
        occurred_at=task.stopped_at or task.stopping_at or envelope.time,
        service=task.service_name,
        task_arn=task_arn,
        task_definition_arn=task.task_definition_arn,
        launch_type=task.launch_type,
        task=task,
        event_key=envelope.id if task.version is None else f"{task_arn}#{task.version}",
    )
