"""Looks in a channel's or a thread's history for a message by the mark that it was posted with.

Source: https://docs.slack.dev/reference/methods/conversations.history and …/conversations.replies.
"""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ecs_medic.slack import web_api
from ecs_medic.slack.delivery import Channel
from ecs_medic.slack.errors import SlackRejected, SlackUnavailable
from ecs_medic.slack.metadata import Metadata

PAGE = 200
"""Messages asked for at once; Slack may give fewer."""
MAX_PAGES = 5
PAGES_SECONDS = 8.0
"""No further page is asked for after that."""
CLOCK_SKEW_SECONDS = 60.0
"""How far this machine's clock may be ahead of Slack's, which stamps the messages."""


def look_for(destination: Channel, metadata: Metadata, *, since: datetime, thread_ts: str | None) -> str | None:
    """The `ts` of the message with this mark; None where the history was read to its end and it is not there.

    Raises SlackRejected (with Slack's code, or `history_too_long`) where that cannot be told, SlackUnavailable where it
    cannot be told for now.
    """
    oldest = f"{since.timestamp() - CLOCK_SKEW_SECONDS:.6f}"
    cursor: str | None = None
    began = time.monotonic()
    for _ in range(MAX_PAGES):
        answer = _page(destination, thread_ts, oldest, cursor)
        messages = answer.get("messages")
        if not isinstance(messages, list):
            raise SlackUnavailable("the answer holds no messages")
        for message in messages:
            if (ts := _marked(message, metadata)) is not None:
                return ts
        cursor = _next_cursor(answer)
        if cursor is None:
            return None
        if time.monotonic() - began > PAGES_SECONDS:
            break
    raise SlackRejected("history_too_long")


def _page(destination: Channel, thread_ts: str | None, oldest: str, cursor: str | None) -> Mapping[str, Any]:
    return web_api.read(
        destination.token,
        "conversations.history" if thread_ts is None else "conversations.replies",
        {
            "channel": destination.channel,
            "ts": thread_ts,
            "oldest": oldest,
            "include_all_metadata": True,
            "limit": PAGE,
            "cursor": cursor,
        },
        about_message=thread_ts is not None,
    )


def _marked(message: object, metadata: Metadata) -> str | None:
    if not isinstance(message, dict) or message.get("metadata") != metadata.as_json():
        return None
    ts = message.get("ts")
    return ts if isinstance(ts, str) else None


def _next_cursor(answer: Mapping[str, Any]) -> str | None:
    more = answer.get("response_metadata")
    cursor = more.get("next_cursor") if isinstance(more, dict) else None
    return cursor if isinstance(cursor, str) and cursor else None
