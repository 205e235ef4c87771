"""From an EventBridge event to an incident."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.envelope import Envelope, open_envelope
from ecs_medic.events.exec_call import execute_command_call
from ecs_medic.events.service_action import service_action
from ecs_medic.events.task_state import task_state_change
from ecs_medic.incident import Incident

_READERS: Mapping[str, Callable[[Envelope], Incident]] = MappingProxyType(
    {
        "ECS Task State Change": task_state_change,
        "AWS API Call via CloudTrail": execute_command_call,
        "ECS Service Action": service_action,
        "ECS Deployment State Change": service_action,
    }
)


def parse(event: object) -> Incident:
    """Read one whole EventBridge event.

    Raises:
        BadEventError: it is no event of Amazon ECS that this service knows, or a field that it cannot do without is
            missing, null or of another type. Everything else is tolerated.
    """
    envelope = open_envelope(event)
    if envelope.source != "aws.ecs":
        raise BadEventError("source", f"expected 'aws.ecs', got {envelope.source[:60]!r}")
    reader = _READERS.get(envelope.detail_type)
    if reader is None:
        known = ", ".join(repr(name) for name in _READERS)
        raise BadEventError("detail-type", f"expected one of {known}, got {envelope.detail_type[:60]!r}")
    return reader(envelope)
