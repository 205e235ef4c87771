"""What was seen of an incident, packed: it outlives the hour for which AWS shows a stopped task."""

import gzip
import json
from dataclasses import dataclass

from ecs_medic.finding import JsonValue

LIMIT = 200 * 1024
"""Bytes of one packed document; DynamoDB takes 400 KB an item."""

_LONGEST_TEXT = 8192
_MOST_ITEMS = 256
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Packed:
    """A document as it is kept; `note` says what was left out, None where nothing was."""

    body: bytes
    note: str | None = None


def pack(document: JsonValue, *, limit: int = LIMIT) -> Packed:
    """The document in at most `limit` bytes. It must be redacted already.

    One that is larger keeps its shape: ever shorter texts, ever fewer items of a list, until it fits.
    """
    body = _zipped(document)
    text, items = _LONGEST_TEXT, _MOST_ITEMS
    note = None
    while len(body) > limit and items:
        body = _zipped(_shortened(document, text, items))
        note = f"cut to fit: texts after {text} characters, lists after {items} items"
        text, items = text // 2, items // 2
    if len(body) > limit:
        return Packed(_zipped(None), "left out: too large even when cut")
    return Packed(body, note)


def unpack(body: bytes) -> JsonValue:
    """The document that was packed, or what fitted of it."""
    document: JsonValue = json.loads(gzip.decompress(body))
    return document


def _zipped(document: JsonValue) -> bytes:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode("utf-8", "replace"), mtime=0)


def _shortened(document: JsonValue, text: int, items: int) -> JsonValue:
    match document:
        case str() if len(document) > text:
            return document[: text - 1] + _CUT
        case list():
            return [_shortened(item, text, items) for item in document[:items]]
        case dict():
            # A mapping has few keys where it is an object of AWS's, and many where it stands for a list.
            return {key: _shortened(value, text, items) for key, value in list(document.items())[: 4 * items]}
        case _:
            return document
