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
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]"
)
"""What a terminal obeys and shows nothing of: CSI; OSC, DCS, SOS, PM and APC with what they carry; and the rest."""
_INTRODUCER = re.compile("[\x1b\x90\x98\x9b\x9d-\x9f]")
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
    readings = [text]
    if not (text.isascii() and text.isprintable()):
        readings.append(_visible(text))
    if _INTRODUCER.search(text):
        # Of a sequence, nothing is shown; where it is left without its beginning, all of the rest.
        readings.append(_visible(_SEQUENCE.sub("", text)))
    for _, secret in SECRETS:
        assert not any(secret in one for one in readings), secret


def no_secret_in(value: Any) -> None:
    """The same of every name and text of what JSON holds: written down, it has escapes between its characters."""
    no_secret("\n".join(_strings(value)))


def _visible(text: str) -> str:
    return _MARKS.sub("", _BAD.sub("", text))


def slack_message(text: str, blocks: Sequence[Mapping[str, Any]]) -> None:
    """A message that Slack takes, in which nothing calls, links or formats but what we wrote."""
    whole = json.dumps({"text": text, "blocks": blocks}, ensure_ascii=False, allow_nan=False)
    whole.encode()
    assert len(whole.encode("utf-16-le")) // 2 <= _WHOLE
    assert 0 < len(blocks) <= 50
    assert 0 < _units(text) <= 3_000
    mrkdwn(text)
    for block in blocks:
        _of_our_own(block)
        for kind, said, verbatim in _texts(block):
            assert 0 < _units(said) <= _LIMITS.get(block["type"], 300), block["type"]
            assert "\n" not in said or kind == "mrkdwn"
            if kind == "mrkdwn":
                assert verbatim is True, "Slack would make links and mentions of bare words"
                mrkdwn(said)
            else:
                nothing_hides(said)
                assert not {"<", ">"} & set(said), said
    no_secret_in([text, blocks])


_HEADLINE = {"type": "plain_text", "text": str, "emoji": False}
_PLAIN = {"type": "plain_text", "text": str}
_MRKDWN = {"type": "mrkdwn", "text": str, "verbatim": True}
_BUTTON = {
    "type": "button",
    "action_id": re.compile(r"ecs-medic-[a-z]+"),
    "text": _PLAIN,
    "value": re.compile(r"[A-Za-z0-9._-]{1,100}"),
    "style": re.compile("primary|danger"),
}
_MENU = {
    "type": "static_select",
    "action_id": re.compile(r"ecs-medic-[a-z]+"),
    "placeholder": _PLAIN,
    "options": [({"text": _PLAIN, "value": re.compile(r"[A-Za-z0-9._-]{1,100}\|\d+")},)],
}
_CONFIRM = {"title": _PLAIN, "text": _PLAIN, "confirm": _PLAIN, "deny": _PLAIN}
_BLOCKS = (
    {"type": "header", "text": _HEADLINE},
    {"type": "section", "text": _MRKDWN, "expand": True},
    {"type": "context", "elements": [(_MRKDWN,)]},
    {
        "type": "actions",
        "block_id": re.compile(r"ecs-medic-[a-z]+(?::[A-Za-z0-9._-]{1,100})?"),
        "elements": [(_BUTTON, _BUTTON | {"confirm": _CONFIRM}, _MENU)],
    },
)
"""Every form of a block that a message of ours has, to the last key: none has an address, nor parts that call somebody.

A value is what it is, of its type, or in the words of its expression; a list holds items of any of its forms.
"""


def _of_our_own(block: Mapping[str, Any]) -> None:
    assert any(_has_form(block, form) for form in _BLOCKS), f"no block of ours: {block}"


def _has_form(value: Any, form: Any) -> bool:
    match form:
        case dict():
            named = isinstance(value, Mapping) and value.keys() == form.keys()
            return named and all(_has_form(value[name], one) for name, one in form.items())
        case [tuple(forms)]:
            return isinstance(value, list) and all(any(_has_form(item, one) for one in forms) for item in value)
        case re.Pattern():
            return isinstance(value, str) and form.fullmatch(value) is not None
        case type():
            return isinstance(value, form)
        case _:
            return type(value) is type(form) and bool(value == form)


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
    no_secret_in(parsed)
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


def _strings(value: Any) -> Iterator[str]:
    """Every text in it, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield str(name)
            yield from _strings(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _strings(item)


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def _units(text: str) -> int:
    """Length as JavaScript counts it."""
    return len(text.encode("utf-16-le")) // 2
