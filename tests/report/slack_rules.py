"""Slack's rules for a message, written down independently of the code that keeps to them."""

import json
import re
from html import unescape
from typing import Any

TEXT_LIMITS = {"header": 150, "section": 3000, "context": 3000}
ENTITY = re.compile(r"&(?:amp|lt|gt);")
OUR_LINK = re.compile(r"<(https://[^<>|\s]+)\|([^<>|]*)>")
OUR_DATE = re.compile(r"<!date\^\d+\^[^<>|]*\|[^<>|]*>")


def units(text: str) -> int:
    """Length as JavaScript counts it."""
    return len(text.encode("utf-16-le")) // 2


def texts(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every text object of the blocks."""
    found: list[dict[str, Any]] = []
    for block in blocks:
        if "text" in block:
            found.append(block["text"])
        found += block.get("elements", []) + block.get("fields", [])
    return found


def check(text: str, blocks: list[dict[str, Any]]) -> None:
    """Raises AssertionError where Slack, or a reader, would object."""
    assert 1 <= len(blocks) <= 50
    assert len(json.dumps(blocks, ensure_ascii=False)) < 10_000
    assert units(json.dumps(blocks, ensure_ascii=False)) + units(text) < 10_000
    assert 0 < units(text) <= 300
    assert_mrkdwn(text)
    for block in blocks:
        assert block["type"] in TEXT_LIMITS
        for part in texts([block]):
            assert 0 < units(part["text"]) <= TEXT_LIMITS[block["type"]]
            assert_invisible_free(part["text"])
            if part["type"] == "mrkdwn":
                assert part["verbatim"] is True
                assert_mrkdwn(part["text"])
            else:
                assert part["type"] == "plain_text"
                assert "<" not in part["text"]
                assert "\n" not in part["text"]


def assert_mrkdwn(text: str) -> None:
    """Only links and dates of ours, whole escapes, closed code, no mention."""
    assert_invisible_free(text)
    bare = OUR_DATE.sub("", OUR_LINK.sub("", text))
    assert "<" not in bare, bare
    assert ">" not in bare, bare
    assert "&" not in ENTITY.sub("", bare), bare
    fences = text.split("```")
    assert len(fences) % 2 == 1, "a code block is not closed"
    for outside in fences[::2]:
        spans = outside.split("`")
        assert len(spans) % 2 == 1, "inline code is not closed"
        for prose in spans[::2]:
            assert not re.search(r"@(?:here|channel|everyone)\b", prose, re.IGNORECASE)


def assert_invisible_free(text: str) -> None:
    """No control characters, no direction marks, nothing that cannot be encoded."""
    text.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ufeff]", text)


def shown(text: str) -> str:
    """What a reader copies out of the message."""
    return unescape(text.replace("\u200b", ""))


def code_blocks(text: str) -> list[str]:
    """The insides of all code blocks, as copied."""
    return [shown(inside).strip("\n") for inside in text.split("```")[1::2]]
