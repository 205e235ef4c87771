"""Slack's rules for a message, written down independently of the code that keeps to them."""

import json
import re
from html import unescape
from typing import Any

TEXT_LIMITS = {"header": 150, "section": 3000, "context": 3000}
ENTITY = re.compile(r"&(?:amp|lt|gt);")
OUR_LINK = re.compile(r"<(https://[^<>|\s]+)\|([^<>|]*)>")
MENTION = re.compile(r"<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>")
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


def check(text: str, blocks: list[dict[str, Any]], *, mention: str | None = None) -> None:
    """Raises AssertionError where Slack, or a reader, would object. At most `mention` may notify anybody, and once."""
    assert 1 <= len(blocks) <= 50
    assert len(json.dumps(blocks, ensure_ascii=False)) < 10_000
    assert units(json.dumps(blocks, ensure_ascii=False)) + units(text) < 10_000
    assert 0 < units(text) <= 300
    assert_mrkdwn(text)
    assert not MENTION.search(text)
    said = [part["text"] for part in texts(blocks) if isinstance(part.get("text"), str)]
    mentions = [one for text in said for one in MENTION.findall(text)]
    assert mentions in ([], [mention])
    names = [block["block_id"] for block in blocks if "block_id" in block]
    assert len(names) == len(set(names))
    for block in blocks:
        if block["type"] == "actions":
            assert_actions(block)
            continue
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


def assert_actions(block: dict[str, Any]) -> None:
    """Menus and buttons, within the limits of https://docs.slack.dev/reference/block-kit."""
    assert units(block.get("block_id", "")) <= 255
    assert 1 <= len(block["elements"]) <= 25
    names = [element["action_id"] for element in block["elements"]]
    assert len(names) == len(set(names))
    for element in block["elements"]:
        assert 0 < units(element["action_id"]) <= 255
        (assert_menu if element["type"] == "static_select" else assert_button)(element)


def assert_menu(element: dict[str, Any]) -> None:
    """A choice."""
    assert_plain(element["placeholder"], 150)
    assert 1 <= len(element["options"]) <= 100
    values = [option["value"] for option in element["options"]]
    assert len(values) == len(set(values))
    for option in element["options"]:
        assert_plain(option["text"], 75)
        assert 0 < units(option["value"]) <= 150


def assert_button(element: dict[str, Any]) -> None:
    """A button that names a run, and nothing else."""
    assert element["type"] == "button"
    assert_plain(element["text"], 75)
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,100}", element["value"])
    if confirm := element.get("confirm"):
        for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            assert_plain(confirm[name], most)


def assert_plain(text: dict[str, Any], most: int) -> None:
    """A text object that is no mrkdwn."""
    assert text["type"] == "plain_text"
    assert 0 < units(text["text"]) <= most
    assert_invisible_free(text["text"])


def assert_mrkdwn(text: str) -> None:
    """Only links, dates and mentions of ours, whole escapes, closed code."""
    assert_invisible_free(text)
    bare = MENTION.sub("", OUR_DATE.sub("", OUR_LINK.sub("", text)))
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
