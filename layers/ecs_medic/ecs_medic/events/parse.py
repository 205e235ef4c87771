"""From an EventBridge event to an incident."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from ecs_medic.events.bad_event import BadEventError, shown
from ecs_medic.events.ecs_call import ecs_call
from ecs_medic.events.encodable import encodable
from ecs_medic.events.envelope import Envelope, open_envelope
from ecs_medic.events.push_call import push_call
from ecs_medic.events.service_action import service_action
from ecs_medic.events.task_state import task_state_change
from ecs_medic.incident import Incident

type _Readers = Mapping[str, Callable[[Envelope], Incident]]

_READERS: Mapping[str, _Readers] = MappingProxyType(
    {
        "aws.ecs": {
            "ECS Task State Change": task_state_change,
            "AWS API Call via CloudTrail": ecs_call,
            "ECS Service Action": service_action,
            "ECS Deployment State Change": service_action,
        },
        "aws.ecr": {"AWS API Call via CloudTrail": push_call},
    }
)
"""By the event's source and its detail-type."""


def parse(event: object) -> Incident:
    """Read one whole EventBridge event.

    Raises:
        BadEventError: it is no event of Amazon ECS or ECR that this service knows, or a field that it cannot do without
            is missing, null or of another type. Everything else is tolerated.
    """
    envelope = open_envelope(encodable(event))
    readers = _READERS.get(envelope.source)
    if readers is None:
        raise BadEventError("source", f"expected {_one_of(_READERS)}, got {shown(envelope.source)}")
    reader = readers.get(envelope.detail_type)
    if reader is None:
        raise BadEventError("detail-type", f"expected {_one_of(readers)}, got {shown(envelope.detail_type)}")
    return reader(envelope)


def _one_of(names: Iterable[str]) -> str:
    quoted = [repr(name) for name in names]
    return quoted[0] if len(quoted) == 1 else f"one of {', '.join(quoted)}"
