"""Calls of Amazon ECR that push an image, as CloudTrail records them: docker's push is made of these.

Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html
"""

import re

from ecs_medic.events.bad_event import BadEventError, shown
from ecs_medic.events.envelope import Envelope
from ecs_medic.events.trail_call import TrailCall, refused_call, trail_call
from ecs_medic.incident import Incident, Kind, Message, SymptomConfidence
from ecs_medic.needs.push import REPOSITORY_ACTIONS, TOKEN
from ecs_medic.partition import partition_of
from ecs_medic.symptoms.ecr_named import ecr_named
from ecs_medic.symptoms.recognise import Recognition, recognise
from ecs_medic.vocabulary import Id

PUSH_CALLS = tuple(action.removeprefix("ecr:") for action in (TOKEN, *REPOSITORY_ACTIONS))

_NOTHING_NEW = frozenset({"ImageAlreadyExistsException", "LayerAlreadyExistsException"})
"""What was pushed is there already, in every detail: docker's push succeeds."""
_BY_ITSELF_SOON = frozenset({"ThrottlingException", "Throttling", "RequestLimitExceeded"})
"""docker repeats the call."""
_AGENT = re.compile(r"ecs[ -]?agent|fargate", re.IGNORECASE)
"""In a user agent: ECS itself asks for a token in order to pull. Its failure is told by the task's own event."""
_ECS = "ecs-tasks.amazonaws.com"


def push_call(envelope: Envelope) -> Incident:
    """The incident of a push that ECR refused; a call that went well, or that failed to no harm, is normal operation.

    Raises:
        BadEventError: it is another call, or a field has another type.
    """
    detail = trail_call(envelope)
    if detail.event_name not in PUSH_CALLS:
        raise BadEventError(
            "detail.eventName", f"expected one of {', '.join(PUSH_CALLS)}, got {shown(detail.event_name)}"
        )
    message = Message(kind=Kind.ECR_PUSH, stopped_reason=detail.error_message, error_code=detail.error_code)
    recognition = _recognised(detail, message)
    named = ecr_named(detail.error_message)
    return Incident(
        kind=Kind.ECR_PUSH,
        account=envelope.account,
        region=envelope.region,
        partition=partition_of(envelope.region, detail.caller_arn),
        cluster="",
        symptom=recognition.symptom,
        symptom_confidence=recognition.confidence,
        message=message,
        occurred_at=envelope.time,
        event_key=detail.event_id or envelope.id,
        refused_call=refused_call(
            detail,
            "ecr",
            registry=detail.asked("registryId") or named.account,
            repository=detail.asked("repositoryName") or named.repository,
            tag=detail.asked("imageTag") or named.tag,
        ),
    )


def _recognised(detail: TrailCall, message: Message) -> Recognition:
    code = detail.error_code
    if code is None or code in _NOTHING_NEW | _BY_ITSELF_SOON or _is_a_pull(detail):
        return Recognition(Id.NORMAL_OPERATION, SymptomConfidence.CERTAIN)
    recognition = recognise(message)
    if recognition.symptom is Id.UNKNOWN:
        return Recognition(Id.PUSH_REJECTED, SymptomConfidence.LIKELY)
    return recognition


def _is_a_pull(detail: TrailCall) -> bool:
    if _AGENT.search(detail.user_agent or ""):
        return True
    return detail.user_identity is not None and detail.user_identity.invoked_by == _ECS
