"""What a message of the dead-letter queue holds, in whichever envelope it came there.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html (the event itself; why it was not
delivered is in the message's attributes), https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
(the record of an invocation that failed for good; the event is its `requestPayload`). The third envelope is this
service's own: `ecs_medic.aws.dead_letters.put_aside`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, cast

_MOST_ENVELOPES = 4
"""An envelope that was sent to the function by hand comes back in another one."""
_LONGEST_BEGINNING = 2000
_MOST_DIGITS = 9
"""More are no number of tries; and Python turns more than 4300 into none at all."""
_TICKS = frozenset({"aws.events", "aws.scheduler"})


class Origin(StrEnum):
    """Who put it there."""

    NOT_DELIVERED = "not_delivered"
    """EventBridge: the function could not be given the event."""
    FAILED = "failed"
    """Lambda: the function was given the event and failed, each time."""
    REJECTED = "rejected"
    """The function itself: it could not use the event."""
    UNKNOWN = "unknown"
    """Nobody that this service knows."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message, opened. Nothing in it is redacted.

    `event` is what the function was to be given, which may be any JSON value; it means something only where `missing`,
    why there is no event to give, is None. `reason` is why it is here; `tries` is how often it was tried, None where
    nobody says. `tick` is whether it is a schedule's: it carries nothing.
    """

    origin: Origin
    event: object = None
    missing: str | None = None
    reason: str | None = None
    tries: int | None = None
    beginning: str | None = None
    """How the message begins, where that is all that can be told of it."""
    tick: bool = False


def opened(body: str, attributes: Mapping[str, str]) -> DeadLetter:
    """Open a message; `attributes` are its message attributes as text. What is no known envelope is Origin.UNKNOWN.

    Never raises, whatever the message is.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return _unopened("it is not JSON", body, attributes)
    try:
        return _unwrapped(value, body, attributes)
    except Exception as error:  # noqa: BLE001 - one message is not to keep anybody from all the others
        return _unopened(f"this version fails at opening it: {type(error).__name__}", body, attributes)


def _unopened(missing: str, body: str, attributes: Mapping[str, str]) -> DeadLetter:
    reason = attributes.get("ERROR_MESSAGE")
    return DeadLetter(Origin.UNKNOWN, missing=missing, reason=reason, beginning=body[:_LONGEST_BEGINNING])


def _unwrapped(value: object, body: str, attributes: Mapping[str, str]) -> DeadLetter:
    letter = _opened(value, attributes)
    if letter.missing is not None and letter.beginning is None:
        letter = replace(letter, beginning=body[:_LONGEST_BEGINNING])
    for _ in range(_MOST_ENVELOPES):
        if letter.missing is not None or _is_event(letter.event):
            break
        inner = _opened(letter.event, {})
        if inner.origin is Origin.UNKNOWN:
            break
        # Why the outer one came back is that nobody had opened it.
        letter = replace(inner, origin=letter.origin, reason=inner.reason or letter.reason)
    return replace(letter, tick=letter.missing is None and _is_tick(letter.event))


def _opened(value: object, attributes: Mapping[str, str]) -> DeadLetter:
    if not isinstance(value, dict):
        return DeadLetter(Origin.UNKNOWN, missing="it holds no event")
    fields = cast("dict[str, Any]", value)
    if _is_event(fields):
        return _not_delivered(fields, attributes)
    if isinstance(fields.get("requestContext"), dict) and ("requestPayload" in fields or "responseContext" in fields):
        return _failed(fields)
    if isinstance(fields.get("reason"), str) and ("event" in fields or "event_beginning" in fields):
        return _rejected(fields)
    return DeadLetter(Origin.UNKNOWN, missing="it holds no event")


def _not_delivered(event: dict[str, Any], attributes: Mapping[str, str]) -> DeadLetter:
    words = (attributes.get("ERROR_CODE"), attributes.get("ERROR_MESSAGE"))
    tries = attributes.get("RETRY_ATTEMPTS", "")
    return DeadLetter(
        Origin.NOT_DELIVERED,
        event,
        reason=": ".join(filter(None, words)) or attributes.get("EXHAUSTED_RETRY_CONDITION"),
        # Attempts after the first one.
        tries=int(tries) + 1 if tries.isascii() and tries.isdigit() and len(tries) <= _MOST_DIGITS else None,
    )


def _failed(record: dict[str, Any]) -> DeadLetter:
    context, answer = record["requestContext"], record.get("responsePayload")
    tries = context.get("approximateInvokeCount")
    return DeadLetter(
        Origin.FAILED,
        record.get("requestPayload"),
        missing=None if "requestPayload" in record else "Lambda left the event out of its record",
        reason=_words(answer) or _text(context.get("condition")),
        tries=tries if isinstance(tries, int) and not isinstance(tries, bool) else None,
    )


def _words(answer: object) -> str | None:
    """The error as Lambda shows it: its type and its words."""
    if not isinstance(answer, dict):
        return None
    words = (_text(answer.get("errorType")), _text(answer.get("errorMessage")))
    return ": ".join(filter(None, words)) or None


def _rejected(letter: dict[str, Any]) -> DeadLetter:
    cut = "event" not in letter
    missing = "the event was too long for the queue: only its beginning is kept" if cut else None
    return DeadLetter(
        Origin.REJECTED,
        letter.get("event"),
        missing=missing,
        reason=letter["reason"],
        tries=1,
        beginning=_text(letter.get("event_beginning")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _is_event(value: object) -> bool:
    return isinstance(value, dict) and {"source", "detail-type", "detail"} <= value.keys()


def _is_tick(event: object) -> bool:
    return isinstance(event, dict) and isinstance(event.get("source"), str) and event["source"] in _TICKS
