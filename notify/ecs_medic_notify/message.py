"""The Slack message: the text, and under it who is speaking."""

from __future__ import annotations

import re
from typing import Any

from ecs_medic_notify.identity import Identity

MOST_TEXT = 3000
"""Characters that Slack takes in a section, after escaping."""
_MOST_VALUE = 120
_MOST_SUMMARY = 300
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BROADCAST = re.compile(r"@(?=(?:here|channel|everyone)\b)", re.IGNORECASE)
_UNSEEN = "\u2060"
"""A word joiner: after it, `@here` calls nobody."""
_CONTROL = {code: None for code in (*range(32), *range(127, 160), 0x2028, 0x2029) if chr(code) not in "\n\t"}


def message(text: str, who: Identity | None, unidentified: str | None, host: str | None) -> dict[str, Any]:
    """`text` and `blocks` of a message: `text` is what a notification on a telephone shows.

    Where `who` is None, the message says that its sender is unknown and why; nothing at all where both are None.
    """
    speaker = _identified(who) if who else _unknown(unidentified, host) if unidentified else None
    plain = clean(text)
    name = (who.task_definition if who else None) or (host if unidentified else None)
    summary = escaped(plain.strip(), _MOST_SUMMARY) + (f" ({escaped(_line(name), _MOST_VALUE)})" if name else "")
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": escaped(plain.strip("\n"), MOST_TEXT)}}
    ]
    if speaker:
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": speaker}]})
    return {"text": summary, "blocks": blocks}


def clean(text: str) -> str:
    """`text` without control characters other than new lines and tabs, and without halves of characters.

    What Python could not decode in an argument, for want of a locale, is read as UTF-8.
    """
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "replace")
    return raw.decode("utf-8", "replace").replace("\r\n", "\n").translate(_CONTROL)


def escaped(text: str, most: int) -> str:
    """`text` with what begins mentions, links and entities escaped; cut with "…" where that is longer than `most`.

    Length is counted in UTF-16 units; an escape is never split.
    """
    pieces = [_ESCAPES.get(one, one) for one in _BROADCAST.sub(f"@{_UNSEEN}", text)]
    lengths = [2 if one > "\uffff" else len(one) for one in pieces]
    if sum(lengths) <= most:
        return "".join(pieces)
    kept, left = [], most - 1
    for piece, length in zip(pieces, lengths):
        left -= length
        if left < 0:
            break
        kept.append(piece)
    return "".join(kept) + "…"


def _identified(who: Identity) -> str:
    promised = (
        ("", who.task_definition, "task definition"),
        ("container ", who.container, "container"),
        ("cluster ", who.cluster, "cluster"),
        ("task ", who.task, "task"),
        ("", who.zone, "zone"),
    )
    parts = [f"{label}{_code(value)}" if value else f"{name} unknown" for label, value, name in promised]
    parts += [
        f"{label}{_code(value)}"
        for label, value in (("service ", who.service), ("", who.region), ("", who.launch_type))
        if value
    ]
    return " · ".join(parts)


def _unknown(reason: str | None, host: str | None) -> str:
    where = f" · host {_code(host)}" if host else ""
    return f":warning: sender unknown: {escaped(_line(reason or ''), 400)}{where}"


def _code(value: str) -> str:
    return f"`{escaped(_line(value).replace('`', chr(39)), _MOST_VALUE)}`"


def _line(text: str) -> str:
    return " ".join(clean(text).split())
