"""ECS Service Action events, and ECS Deployment State Change events, which have the same form.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
"""

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from ecs_medic.events.arn import cluster_name, cluster_of, ecs_arn, service_name
from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.envelope import Envelope
from ecs_medic.events.task_state import Reason
from ecs_medic.incident import Incident, Kind, Message, SymptomConfidence
from ecs_medic.partition import partition_of
from ecs_medic.symptoms.recognise import Recognition, recognise
from ecs_medic.vocabulary import Id

CAN_END_AN_INCIDENT = frozenset({"SERVICE_STEADY_STATE", "SERVICE_DEPLOYMENT_COMPLETED"})
"""INFO events after which a service may be well again; a rollback reaches them too, so they only prompt a check."""


class _ServiceDetail(BaseModel):
    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)

    event_type: str
    event_name: str
    cluster_arn: str | None = None
    deployment_id: str | None = None
    reason: Reason | None = None


def service_action(envelope: Envelope) -> Incident:
    """The incident of a WARN or ERROR event; an INFO event opens none and may end one.

    Raises:
        BadEventError: the event's type, name or service is missing or of another type.
    """
    try:
        detail = _ServiceDetail.model_validate(envelope.detail)
    except ValidationError as error:
        raise BadEventError.from_validation(error, "detail") from None
    if not envelope.resources:
        raise BadEventError("resources", "expected the ARN of an ECS service, got an empty list")
    service_arn = ecs_arn(envelope.resources[0], "service", "resources[0]")
    cluster = cluster_of(service_arn) or cluster_name(detail.cluster_arn or "default")
    message = Message(
        kind=Kind.SERVICE_EVENT, stopped_reason=detail.reason or detail.event_name, error_code=detail.event_name
    )
    recognition = (
        Recognition(Id.NORMAL_OPERATION, SymptomConfidence.CERTAIN)
        if detail.event_type.upper() == "INFO"
        else recognise(message)
    )
    return Incident(
        kind=Kind.SERVICE_EVENT,
        account=envelope.account,
        region=envelope.region,
        partition=partition_of(envelope.region, service_arn),
        cluster=cluster,
        symptom=recognition.symptom,
        symptom_confidence=recognition.confidence,
        message=message,
        occurred_at=envelope.time,
        service=service_name(service_arn),
        deployment_id=detail.deployment_id,
        can_end=detail.event_name in CAN_END_AN_INCIDENT,
        event_key=envelope.id,
    )
