"""Slack's blocks as its API takes them; which of their parts have which limits is the caller's to keep.

Source: https://docs.slack.dev/reference/block-kit/blocks and …/block-elements.
"""

from collections.abc import Iterable, Mapping
from typing import Any

type Json = dict[str, Any]


def plain(text: str) -> Json:
    """Text without any markup."""
    return {"type": "plain_text", "text": text}


def _mrkdwn(text: str) -> Json:
    # Verbatim: Slack makes no links of what only looks like one.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(text: str) -> Json:
    """One line in large type."""
    return {"type": "header", "text": plain(text) | {"emoji": False}}


def section(text: str) -> Json:
    """Paragraphs of mrkdwn, shown whole."""
    return {"type": "section", "text": _mrkdwn(text), "expand": True}


def context(text: str) -> Json:
    """Mrkdwn in small grey type."""
    return {"type": "context", "elements": [_mrkdwn(text)]}


def actions(block_id: str, elements: Iterable[Json]) -> Json:
    """A row of buttons and choices."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def choice(action_id: str, placeholder: str, options: Mapping[str, str]) -> Json:
    """A menu; `options` are the words shown, by the value that is sent back."""
    offered = [{"text": plain(words), "value": value} for value, words in options.items()]
    return {"type": "static_select", "action_id": action_id, "placeholder": plain(placeholder), "options": offered}


def button(action_id: str, text: str, value: str, *, style: str, confirm: Json | None = None) -> Json:
    """A button; `style` is "primary" or "danger", `confirm` what is asked before the click counts."""
    made = {"type": "button", "action_id": action_id, "text": plain(text), "value": value, "style": style}
    return made | {"confirm": confirm} if confirm else made


def confirmation(title: str, text: str, *, yes: str, no: str) -> Json:
    """The question before a click counts."""
    return {"title": plain(title), "text": plain(text), "confirm": plain(yes), "deny": plain(no)}
