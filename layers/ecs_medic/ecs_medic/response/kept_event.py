"""An event as it may be kept: every text in it redacted, and nothing else changed."""

from collections.abc import Mapping

from ecs_medic.finding import JsonValue
from ecs_medic.redaction import redact


def redacted(event: object) -> JsonValue:
    """The same JSON value without secrets; what is no JSON becomes its text."""
    if isinstance(event, str):
        return redact(event)
    if event is None or isinstance(event, bool | int | float):
        return event
    if isinstance(event, Mapping):
        return {redact(str(key)): redacted(value) for key, value in event.items()}
    if isinstance(event, list | tuple):
        return [redacted(value) for value in event]
    return redact(str(event))
