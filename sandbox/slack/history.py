"""conversations.history and conversations.replies: which messages, in which order, in pages.

Source: https://docs.slack.dev/reference/methods/conversations.history.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.slack.workspace import Message

DEFAULT_LIMIT = 100
MAX_LIMIT = 999
_TS = re.compile(r"-?\d+(\.\d+)?")


class BadArgument(ValueError):  # noqa: N818 - the word is Slack's
    """An argument that Slack refuses, in Slack's own word."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, and how to ask for the next one; `cursor` is empty at the end."""

    messages: list[Message]
    cursor: str


def between(messages: Sequence[Message], arguments: Mapping[str, Any]) -> list[Message]:
    """The messages between `oldest` and `latest`, these two with `inclusive` alone."""
    oldest, latest = _time(arguments, "oldest"), _time(arguments, "latest")
    inclusive = is_true(arguments.get("inclusive"))

    def is_between(message: Message) -> bool:
        at = Decimal(message.ts)
        if at in {oldest, latest}:
            return inclusive
        return (oldest is None or oldest < at) and (latest is None or at < latest)

    return [message for message in messages if is_between(message)]


def page(messages: Sequence[Message], arguments: Mapping[str, Any]) -> Page:
    """As many of `messages` as `limit` allows, from `cursor` on."""
    start = 0
    if cursor := arguments.get("cursor"):
        ts = _cursor_ts(str(cursor))
        start = next((index for index, message in enumerate(messages) if message.ts == ts), len(messages))
    end = start + _limit(arguments)
    following = messages[end].ts if end < len(messages) else None
    next_cursor = base64.b64encode(f"next_ts:{following}".encode()).decode() if following else ""
    return Page(list(messages[start:end]), next_cursor)


def is_true(value: object) -> bool:
    """A flag, as JSON and forms give it."""
    return value in (True, "true", "1")


def _limit(arguments: Mapping[str, Any]) -> int:
    try:
        limit = int(arguments.get("limit") or DEFAULT_LIMIT)
    except (ValueError, TypeError):
        raise BadArgument("invalid_limit") from None
    if not 1 <= limit <= MAX_LIMIT:
        raise BadArgument("invalid_limit")
    return limit


def _time(arguments: Mapping[str, Any], name: str) -> Decimal | None:
    value = arguments.get(name)
    if value in (None, ""):
        return None
    if not _TS.fullmatch(str(value)):
        raise BadArgument(f"invalid_ts_{name}")
    return Decimal(str(value))


def _cursor_ts(cursor: str) -> str:
    try:
        kind, _, ts = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise BadArgument("invalid_cursor") from None
    if kind != "next_ts":
        raise BadArgument("invalid_cursor")
    return ts
