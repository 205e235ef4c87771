"""An event as it may be kept: every text in it redacted, and no command line and no environment at all."""

from collections.abc import Mapping

from ecs_medic.finding import JsonValue
from ecs_medic.redaction import redact
from ecs_medic.redaction.mark import MARK

_NEVER_KEPT = frozenset({"command", "environment"})
"""Anything in them may be a secret, whatever it looks like, and no diagnosis reads them."""


_MOST_LEVELS = 40
"""AWS's events have nine or so; what is nested thousands deep, nothing could be done with."""


def redacted(event: object, levels: int = _MOST_LEVELS) -> JsonValue:
    """The same JSON value without secrets; what is no JSON becomes its text, and what is nested too deep goes."""
    if isinstance(event, str):
        return redact(event)
    if event is None or isinstance(event, bool | int | float):
        return event
    if not levels:
        return MARK
    if isinstance(event, Mapping):
        return {
            redact(str(key)): MARK if key in _NEVER_KEPT else redacted(value, levels - 1)
            for key, value in event.items()
        }
    if isinstance(event, list | tuple):
        return [redacted(value, levels - 1) for value in event]
    return redact(str(event))
