"""What Slack and a terminal do with text, written down without the code that makes it safe.

Sources: https://docs.slack.dev/messaging/formatting-message-text, https://docs.slack.dev/reference/block-kit/blocks,
and ECMA-48. Each function raises AssertionError where something from outside would take effect.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.hostile.texts import CANARY, SECRETS

_OURS = re.compile(
    r"<https://(?:[a-z0-9%-]+\.console\.aws\.amazon\.com|[a-z0-9%-]+\.console\.amazonaws\.cn|console\.amazonaws-us-gov\.com"
    r"|(?:docs\.|repost\.)?aws\.amazon\.com|docs\.docker\.com)/[A-Za-z0-9%._~/?=&;#-]*\|[^<>|`\n]*>"
    r"|<!date\^-?\d+\^(?:\{date_short_pretty\} )?\{time_secs\}\|[0-9: UTC-]+>"
)
"""Every form of link and date that we write ourselves: to the consoles and documentation of AWS."""
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_BROADCAST = re.compile(r"@(?:here|channel|everyone)\b", re.IGNORECASE)
_FORMATTED = re.compile(
    rf"(?<!\w)(?P<sign>[*~])\S*{CANARY}\d*\S*(?P=sign)(?!\w)|(?<!\w)_{CANARY}\d*_(?!\w)|:[\w+-]*{CANARY}[\w+-]*:",
    re.ASCII,
)
_LIMITS = {"header": 150, "section": 3_000, "context": 2_000}
_WHOLE = 13_000

_BAD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\U000e0000-\U000e0fff\U0001d173-\U0001d17a]"
)
"""Controls of both kinds, whatever turns the direction of reading, whatever is invisible, and half characters.

Tabs and new lines are the two that may stay.
"""
_MARKS = re.compile(r"[\u0300-\u036f\u0489\u200b-\u200d\ufe00-\ufe0f]")
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_ASCII_JOINER = re.compile(r"[\x20-\x7e][\u200c\u200d\ufe00-\ufe0f]+[\x20-\x7e]")
_OUR_BREAK = re.compile(r"(?<=@)\u200b|(?<=`)\u200b(?=[`…])")
"""With this we take a mention, and a fence, apart ourselves."""
_STACK = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{12}")


def nothing_hides(text: str) -> None:
    """No control character, no turned direction, nothing invisible, and no tower of accents over other lines."""
    if text.isascii():
        found = _BAD.search(text)
    else:
        text = _OUR_BREAK.sub("", text)
        found = _BAD.search(text) or _ASCII_JOINER.search(text) or _STACK.search(text)
    assert found is None, f"{found[0]!a} in {text[max(0, found.start() - 40) : found.end() + 40]!a}"


def no_secret(text: str) -> None:
    """None of the planted secrets, not even with something invisible between its characters."""
    if not text.isascii():
        text = _MARKS.sub("", _BAD.sub("", text))
    for _, secret in SECRETS:
        assert secret not in text, secret


def slack_message(text: str, blocks: Sequence[Mapping[str, Any]]) -> None:
    """A message that Slack takes, in which nothing calls, links or formats but what we wrote."""
    whole = json.dumps({"text": text, "blocks": blocks}, ensure_ascii=False, allow_nan=False)
    whole.encode()
    assert len(whole.encode("utf-16-le")) // 2 <= _WHOLE
    assert 0 < len(blocks) <= 50
    assert 0 < _units(text) <= 3_000
    mrkdwn(text)
    for block in blocks:
        for kind, said, verbatim in _texts(block):
            assert 0 < _units(said) <= _LIMITS.get(block["type"], 300), block["type"]
            assert "\n" not in said or kind == "mrkdwn"
            if kind == "mrkdwn":
                assert verbatim is True, "Slack would make links and mentions of bare words"
                mrkdwn(said)
            else:
                nothing_hides(said)
                assert not {"<", ">"} & set(said), said
    no_secret(whole)


def mrkdwn(text: str) -> None:
    """What stands in angle brackets is ours, others are escaped, code is closed, and no word of theirs is formatted."""
    nothing_hides(text)
    bare = _OURS.sub("", text)
    assert "<" not in bare, bare
    assert ">" not in bare, bare
    assert "&" not in _ENTITY.sub("", bare), bare
    fenced = bare.split("```")
    assert len(fenced) % 2, "a code block stays open"
    for outside in fenced[::2]:
        assert "``" not in outside, outside
        spans = outside.split("`")
        assert len(spans) % 2, "code stays open"
        for words in spans[::2]:
            assert not _BROADCAST.search(words), words
            assert not _FORMATTED.search(words), words


def terminal(text: str, *, coloured: bool = False) -> None:
    """Nothing that a terminal obeys but new lines and, where asked for, rich's own colours."""
    if coloured:
        text = _STYLE.sub("", text)
    nothing_hides(text)
    no_secret(text)


def json_text(text: str) -> Any:
    """Valid JSON in the strict sense, which can be encoded."""
    text.encode()
    return json.loads(text, parse_constant=_no_constant)


def log_lines(written: str) -> list[dict[str, Any]]:
    """Everything that was written, which is one JSON object a line."""
    lines = [line for line in written.split("\n") if line]
    parsed = [json_text(line) for line in lines]
    assert all(isinstance(line, dict) for line in parsed)
    for line in lines:
        no_secret(json.dumps(json.loads(line), ensure_ascii=False))
    return parsed


def one_line(text: str, most: int = 400) -> None:
    """A complaint for people: one line, short, and harmless at a terminal."""
    nothing_hides(text)
    assert "\n" not in text
    assert 0 < len(text) <= most


def _texts(value: Any) -> Iterator[tuple[str, str, Any]]:
    if isinstance(value, Mapping):
        if value.get("type") in {"mrkdwn", "plain_text"} and isinstance(value.get("text"), str):
            yield value["type"], value["text"], value.get("verbatim")
        else:
            for item in value.values():
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def _units(text: str) -> int:
    """Length as JavaScript counts it."""
    return len(text.encode("utf-16-le")) // 2
