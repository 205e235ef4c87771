"""Texts as a report may hold them: safe to show, without secrets, and of a bounded length."""

from collections.abc import Mapping
from typing import cast

from pydantic import JsonValue as Json

from ecs_medic.finding import JsonValue
from ecs_medic.redaction import redact
from ecs_medic.report.text import plain

MOST_TEXT = 6000
"""Characters of one text that are kept; ECS's own messages have about a thousand."""
_LONGEST_WORD = 300


def clean(text: str) -> str:
    """Safe to show and without secrets; cut between words where it is absurdly long, lest half a secret stay unseen."""
    return redact(plain(bounded(text)))


def clean_if(text: str | None) -> str | None:
    """The same of a text that may be missing; an empty one is."""
    return clean(text) if text else None


def clean_object(value: Mapping[str, JsonValue]) -> dict[str, Json]:
    """An object with all texts in it clean, names included."""
    return cast("dict[str, Json]", _clean_json(dict(value)))


def bounded(text: str) -> str:
    """The text, cut where it is absurdly long."""
    if len(text) <= MOST_TEXT:
        return text
    head, space, tail = text[:MOST_TEXT].rpartition(" ")
    return f"{head if space and len(tail) <= _LONGEST_WORD else text[:MOST_TEXT]}…"


def _clean_json(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(key): _clean_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_json(item) for item in value]
    return value
