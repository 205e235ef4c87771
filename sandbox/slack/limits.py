"""Slack's limits on messages, and the errors it words when one is exceeded.

Sources: the Block Kit reference (docs.slack.dev/reference/block-kit) and the error lists of chat.postMessage; the limit
on a whole message is documented nowhere, see `WHOLE_MESSAGE`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

MAX_BLOCKS = 50
MAX_TEXT = 40_000
MAX_ATTACHMENTS = 100
# bolt-js#2509: a message of markdown blocks alone is refused from 13,298 characters on, and each further container
# takes its share. The share used here is an estimate.
WHOLE_MESSAGE = 13_200
CONTAINER_SHARE = 20

type Problem = str
type Check = Callable[[Any, str], Iterator[Problem]]


def message_error(text: str | None, blocks: Any, attachments: Any) -> tuple[str, list[Problem]] | None:
    """Slack's error code for a message that it would refuse, with the details it gives; None when it is fine."""
    refusals = (
        ("invalid_blocks_format", blocks is not None and not _objects(blocks)),
        ("invalid_attachments", attachments is not None and not _objects(attachments)),
        ("no_text", not text and not blocks and not attachments),
        ("msg_too_long", text is not None and len(text) > MAX_TEXT),
    )
    for code, refused in refusals:
        if refused:
            return code, []
    if len(attachments or ()) > MAX_ATTACHMENTS:
        return "too_many_attachments", []
    problems = list(check_blocks(blocks or [], "/blocks"))
    for index, attachment in enumerate(attachments or ()):
        if isinstance(nested := attachment.get("blocks"), list):
            problems += check_blocks(nested, f"/attachments/{index}/blocks")
    if problems:
        return "invalid_blocks", problems
    return ("msg_blocks_too_long", []) if weight(blocks or []) > WHOLE_MESSAGE else None


def _objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _type(value: Any) -> str:
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else ""


def weight(value: Any) -> int:
    """How much of the whole message's limit this takes: every text, and a share for every container."""
    if isinstance(value, dict):
        texts = sum(len(v) for k, v in value.items() if k == "text" and isinstance(v, str))
        return texts + CONTAINER_SHARE + sum(weight(v) for v in value.values() if isinstance(v, dict | list))
    if isinstance(value, list):
        return sum(weight(item) for item in value)
    return 0


def check_blocks(blocks: list[Any], at: str) -> Iterator[Problem]:
    """Everything that Slack would find wrong with these blocks."""
    if len(blocks) > MAX_BLOCKS:
        yield _problem(f"no more than {MAX_BLOCKS} items allowed", at)
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        where = f"{at}/{index}"
        kind = _type(block)
        if kind not in BLOCKS:
            yield _problem(f"unsupported type: {kind}" if kind else "missing required field: type", where)
            continue
        yield from _object(block, where, BLOCKS[kind])
        if isinstance(block_id := block.get("block_id"), str):
            if block_id in seen:
                yield _problem(f"`block_id` is already in use: {block_id}", f"{where}/block_id")
            seen.add(block_id)
        yield from _beyond_schema(block, where)


def _beyond_schema(block: Mapping[str, Any], at: str) -> Iterator[Problem]:
    if block["type"] == "section" and not block.get("text") and not block.get("fields"):
        yield _problem("missing required field: text", at)
    if block["type"] == "image" and not block.get("image_url") and not block.get("slack_file"):
        yield _problem("missing required field: image_url", at)
    if block["type"] == "actions":
        ids = [e.get("action_id") for e in block.get("elements", ()) if isinstance(e, dict) and e.get("action_id")]
        for action_id in {i for i in ids if ids.count(i) > 1}:
            yield _problem(f"`action_id` is already in use: {action_id}", f"{at}/elements")


def _problem(what: str, at: str) -> Problem:
    return f"{what} [json-pointer:{at}]"


def _object(value: Any, at: str, fields: Mapping[str, tuple[bool, Check]]) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield _problem("must provide an object", at)
        return
    for name in value:
        if name not in fields:
            yield _problem(f"invalid additional property: {name}", at)
    for name, (required, check) in fields.items():
        if value.get(name) is None:
            if required:
                yield _problem(f"missing required field: {name}", at)
        else:
            yield from check(value[name], f"{at}/{name}")


def _string(most: int, least: int = 1) -> Check:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield _problem("must provide a string", at)
        elif len(value) > most:
            yield _problem(f"must be less than {most + 1} characters", at)
        elif len(value) < least:
            yield _problem(f"must be more than {least - 1} characters", at)

    return check


def _flag(value: Any, at: str) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield _problem("must provide a boolean", at)


def _anything(_value: Any, _at: str) -> Iterator[Problem]:
    yield from ()


def _one_of(*allowed: str) -> Check:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if value not in allowed:
            yield _problem(f"must be one of: {', '.join(allowed)}", at)

    return check


def _text(most: int, *kinds: str) -> Check:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield _problem("must provide an object", at)
            return
        kind = value.get("type")
        if kind not in kinds:
            yield _problem(f"unsupported type: {kind}" if kind else "missing required field: type", at)
            return
        extra = "emoji" if kind == "plain_text" else "verbatim"
        yield from _object(value, at, {"type": (True, _anything), "text": (True, _string(most)), extra: (False, _flag)})

    return check


def _list(most: int, item: Check, least: int = 1) -> Check:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield _problem("must provide an array", at)
            return
        if len(value) > most:
            yield _problem(f"no more than {most} items allowed", at)
        if len(value) < least:
            yield _problem(f"must have at least {least} items", at)
        for index, element in enumerate(value):
            yield from item(element, f"{at}/{index}")

    return check


def _typed(table: Mapping[str, Mapping[str, tuple[bool, Check]]]) -> Check:
    def check(value: Any, at: str) -> Iterator[Problem]:
        kind = _type(value)
        if kind not in table:
            yield _problem(f"unsupported type: {kind}" if kind else "missing required field: type", at)
        else:
            yield from _object(value, at, table[kind])

    return check


ANY_TEXT = ("plain_text", "mrkdwn")
ID: tuple[bool, Check] = (False, _string(255))
TYPE: tuple[bool, Check] = (True, _anything)

CONFIRM: Check = lambda value, at: _object(  # noqa: E731 - a table entry like its neighbours
    value,
    at,
    {
        "title": (True, _text(100, "plain_text")),
        "text": (True, _text(300, *ANY_TEXT)),
        "confirm": (True, _text(30, "plain_text")),
        "deny": (True, _text(30, "plain_text")),
        "style": (False, _one_of("primary", "danger")),
    },
)
OPTION: Check = lambda value, at: _object(  # noqa: E731
    value,
    at,
    {
        "text": (True, _text(75, *ANY_TEXT)),
        "value": (True, _string(150)),
        "description": (False, _text(75, *ANY_TEXT)),
        "url": (False, _string(3000)),
    },
)
BUTTON: Mapping[str, tuple[bool, Check]] = {
    "type": TYPE,
    "text": (True, _text(75, "plain_text")),
    "action_id": ID,
    "url": (False, _string(3000)),
    "value": (False, _string(2000)),
    "style": (False, _one_of("primary", "danger")),
    "confirm": (False, CONFIRM),
    "accessibility_label": (False, _string(75)),
}
IMAGE: Mapping[str, tuple[bool, Check]] = {
    "type": TYPE,
    "image_url": (False, _string(3000)),
    "slack_file": (False, _anything),
    "alt_text": (True, _string(2000)),
}
OVERFLOW: Mapping[str, tuple[bool, Check]] = {
    "type": TYPE,
    "action_id": ID,
    "options": (True, _list(5, OPTION)),
    "confirm": (False, CONFIRM),
}
STATIC_SELECT: Mapping[str, tuple[bool, Check]] = {
    "type": TYPE,
    "action_id": ID,
    "placeholder": (False, _text(150, "plain_text")),
    "options": (False, _list(100, OPTION)),
    "option_groups": (False, _anything),
    "initial_option": (False, OPTION),
    "confirm": (False, CONFIRM),
    "focus_on_load": (False, _flag),
}
ELEMENTS = {"button": BUTTON, "overflow": OVERFLOW, "static_select": STATIC_SELECT}
CONTEXT_ELEMENTS: Check = lambda value, at: (  # noqa: E731
    _typed({"image": IMAGE})(value, at)
    if isinstance(value, dict) and value.get("type") == "image"
    else _text(3000, *ANY_TEXT)(value, at)
)
BLOCKS: Mapping[str, Mapping[str, tuple[bool, Check]]] = {
    "header": {"type": TYPE, "block_id": ID, "text": (True, _text(150, "plain_text"))},
    "divider": {"type": TYPE, "block_id": ID},
    "section": {
        "type": TYPE,
        "block_id": ID,
        "text": (False, _text(3000, *ANY_TEXT)),
        "fields": (False, _list(10, _text(2000, *ANY_TEXT))),
        "accessory": (False, _typed({**ELEMENTS, "image": IMAGE})),
        "expand": (False, _flag),
    },
    "context": {"type": TYPE, "block_id": ID, "elements": (True, _list(10, CONTEXT_ELEMENTS))},
    "actions": {"type": TYPE, "block_id": ID, "elements": (True, _list(25, _typed(ELEMENTS)))},
    "image": {**IMAGE, "block_id": ID, "title": (False, _text(2000, "plain_text"))},
    "markdown": {"type": TYPE, "block_id": ID, "text": (True, _string(12_000))},
    "rich_text": {"type": TYPE, "block_id": ID, "elements": (True, _list(1000, _anything))},
}


def parsed(value: Any) -> Any:
    """Blocks, attachments and metadata come as JSON text in forms; what is no JSON stays text (and is then refused)."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
