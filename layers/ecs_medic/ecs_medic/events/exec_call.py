"""ExecuteCommand calls, as CloudTrail records them and EventBridge delivers them.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from ecs_medic.events.arn import cluster_name
from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.envelope import Envelope
from ecs_medic.events.trail_call import TrailCall, trail_call
from ecs_medic.incident import ExecAttempt, Incident, Kind, Message, SymptomConfidence
from ecs_medic.partition import partition_of
from ecs_medic.policies.refusal import refusal_in
from ecs_medic.symptoms.recognise import recognise
from ecs_medic.vocabulary import Id

_NEVER_HAPPENED = (Id.NORMAL_OPERATION, SymptomConfidence.CERTAIN)


class _RequestParameters(BaseModel):
    """The command is deliberately not read: it can hold secrets."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)

    cluster: str | None = None
    task: str | None = None
    container: str | None = None


def execute_command_call(envelope: Envelope) -> Incident:
    """The incident of a refused ExecuteCommand; a call that AWS accepted is normal operation.

    Raises:
        BadEventError: a field has another type.
    """
    detail = trail_call(envelope)
    asked = _asked(detail) or _named_in_the_refusal(detail.error_message)
    # AWS's own default: a call that names no cluster means the cluster named "default".
    cluster = cluster_name(asked.cluster or "default")
    message = Message(kind=Kind.EXEC_ERROR, stopped_reason=detail.error_message, error_code=detail.error_code)
    recognition = recognise(message)
    symptom, confidence = (
        (recognition.symptom, recognition.confidence) if detail.error_code is not None else _NEVER_HAPPENED
    )
    return Incident(
        kind=Kind.EXEC_ERROR,
        account=envelope.account,
        region=envelope.region,
        partition=partition_of(envelope.region, asked.task),
        cluster=cluster,
        symptom=symptom,
        symptom_confidence=confidence,
        message=message,
        occurred_at=envelope.time,
        task_arn=_task_arn(asked.task, cluster, envelope),
        event_key=detail.event_id or envelope.id,
        exec_attempt=ExecAttempt(
            caller_arn=detail.caller_arn,
            task=asked.task,
            container=asked.container,
            source_ip=detail.source_ip_address,
            issuer_arn=detail.issuer_arn,
        ),
    )


def _asked(detail: TrailCall) -> _RequestParameters | None:
    if not detail.request_parameters:
        return None
    try:
        return _RequestParameters.model_validate(detail.request_parameters)
    except ValidationError as error:
        raise BadEventError.from_validation(error, "detail.requestParameters") from None


def _named_in_the_refusal(message: str | None) -> _RequestParameters:
    """CloudTrail leaves the parameters of a refused call out; the words of the refusal name the resource."""
    refusal = refusal_in(message)
    kind, _, path = (refusal.resource or "").split(":", 5)[-1].partition("/") if refusal else ("", "", "")
    if kind == "cluster":
        return _RequestParameters(cluster=path)
    if refusal and kind == "task" and "*" not in path:
        named, _, identifier = path.partition("/")
        return _RequestParameters(cluster=named if identifier else None, task=refusal.resource)
    return _RequestParameters()


def _task_arn(task: str | None, cluster: str, envelope: Envelope) -> str | None:
    """The caller may have named the task by its id alone."""
    if task is None or task.startswith("arn:"):
        return task
    return f"arn:{partition_of(envelope.region)}:ecs:{envelope.region}:{envelope.account}:task/{cluster}/{task}"
