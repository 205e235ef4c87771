"""Slack's mrkdwn, made so that no input can break out of it and no result is longer than asked.

Every function takes untrusted text and a number of characters, and gives finished mrkdwn within it: escapes, code
fences and links are whole or not there. "Characters" are counted the dearest way that a service might count them: as
UTF-16 units of the JSON form, in which a quote or a new line costs two.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from ecs_medic.report.text import one_line, plain

ELLIPSIS = "…"
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BROADCAST = re.compile(r"@(?=(?:here|channel|everyone)\b)", re.IGNORECASE)
_FORMATS = re.compile(r"[*~]|^\W*_|_\W*$|:[\w+-]+:|arn:aws|https?://", re.IGNORECASE)
"""A word in which Slack would see bold, strike-through, italics, an emoji or a link of its own."""
_PUNCTUATION = ",.;:)"
_FENCE = "```"
_FENCES = re.compile("`{3,}")
_LABEL = str.maketrans("|`@", "¦'＠")
"""What would end a link's label, or begin something else in it."""


def size(text: str) -> int:
    """What `text` costs in a message."""
    return sum(map(_cost, text))


def escape(text: str) -> str:
    """`text` with the three characters escaped that begin mentions, links and entities."""
    return "".join(_pieces(plain(text)))


def clip(text: str, most: int) -> str:
    """`text`, escaped, and cut with "…" where it would cost more than `most`; an escape is never split."""
    return _cut(_pieces(plain(text)), most)


def prose(text: str, most: int) -> str:
    """`text` as running words on one line; whatever Slack would take for formatting stands in inline code instead."""
    done: list[str] = []
    left = most
    for word in one_line(text).split(" "):
        gap = " " if done else ""
        whole = _word(word)
        if size(gap + whole) <= left - 1:
            done.append(gap + whole)
            left -= size(gap + whole)
            continue
        cut = _shortened(word, left - size(gap))
        done.append(f"{gap}{cut}" if cut != ELLIPSIS else ELLIPSIS if left >= 1 else "")
        break
    return "".join(done)


def code(text: str, most: int = 400) -> str:
    """`text` on one line as inline code; empty where there is nothing to show or no room."""
    inside = _cut(_pieces(one_line(text).replace("`", "'")), most - 2)
    return f"`{inside}`" if inside.strip() else ""


def fence(text: str, most: int) -> str:
    """`text` as a code block, cut where it is too long; empty where there is no room."""
    room = most - size(f"{_FENCE}\n\n{_FENCE}")
    if room < 10:
        return ""
    inside = _cut(_pieces(_unfenced(text)), room)
    return f"{_FENCE}\n{inside}\n{_FENCE}"


def fence_whole(entries: Iterable[str], most: int) -> tuple[str, int]:
    """The entries (commands, policies) as one code block, and how many had no room.

    An entry is there whole or not at all: half a command must not be pasted.
    """
    pending = ["".join(_pieces(_unfenced(entry))) for entry in entries]
    room = most - size(f"{_FENCE}\n\n{_FENCE}")
    kept: list[str] = []
    for entry in pending:
        price = size(entry) + (size("\n") if kept else 0)
        if price > room:
            break
        kept.append(entry)
        room -= price
    block = "\n".join((_FENCE, *kept, _FENCE)) if kept else ""
    return block, len(pending) - len(kept)


def lines(finished: Iterable[str], most: int, *, separator: str = "\n") -> str:
    """Finished pieces of mrkdwn, joined, as many as there is room for; then "… (n more)"."""
    pending = [line for line in finished if line]
    kept: list[str] = []
    left = most
    for index, line in enumerate(pending):
        price = size(line) + (size(separator) if kept else 0)
        rest = len(pending) - index - 1
        reserve = size(separator) + size(more(rest)) if rest else 0
        if price + reserve > left:
            note = more(rest + 1)
            if size(note) + (size(separator) if kept else 0) <= left:
                kept.append(note)
            break
        kept.append(line)
        left -= price
    return separator.join(kept)


def more(count: int) -> str:
    """The mark of what had no room."""
    return f"… ({count} more)"


def link(url: str, label: str, most: int = 80) -> str:
    """A link; `url` is ours, percent-encoded, and only the label is text from outside."""
    return f"<{url}|{clip(one_line(label).translate(_LABEL), most)}>"


def code_whole(text: str, most: int) -> str:
    """`text` as inline code, or nothing where it would have to be cut: for commands."""
    whole = code(text, size(text) * 5 + 2)
    return whole if size(whole) <= most else ""


def _pieces(shown: str) -> list[str]:
    return [_ESCAPES.get(character, character) for character in shown]


def _unfenced(text: str) -> str:
    return _FENCES.sub(lambda match: "\u200b".join(match[0]), plain(text)).strip("\n")


def _word(word: str) -> str:
    if "`" not in word and not _FORMATS.search(word):
        return _BROADCAST.sub("@\u200b", escape(word))
    before = "(" if word.startswith("(") else ""
    inside = word.removeprefix("(").rstrip(_PUNCTUATION)
    after = word[len(before) + len(inside) :]
    if not inside.strip("`"):
        return ""
    return f"{escape(before)}{code(inside, size(inside) * 5 + 2)}{escape(after)}"


def _shortened(word: str, most: int) -> str:
    """The beginning of a word that does not fit; only long ones (ARNs, digests) are worth it."""
    if most < 24 or size(word) < 24:
        return ELLIPSIS
    return code(word, most) or ELLIPSIS


def _cut(pieces: list[str], most: int) -> str:
    """As many whole pieces as fit, with "…" for the rest; never between a letter and its accents."""
    prices = [sum(map(_cost, piece)) for piece in pieces]
    if sum(prices) <= most:
        return "".join(pieces)
    left, end = most - 1, 0
    while end < len(pieces) and prices[end] <= left:
        left -= prices[end]
        end += 1
    while 0 < end < len(pieces) and _joins(pieces[end]):
        end -= 1
    return "".join(pieces[:end]) + ELLIPSIS if most >= 1 else ""


def _joins(character: str) -> bool:
    return unicodedata.combining(character[0]) > 0 or character in "\u200d\ufe0e\ufe0f"


@lru_cache(maxsize=4096)
def _cost(character: str) -> int:
    return len(json.dumps(character, ensure_ascii=False)[1:-1].encode("utf-16-le", "surrogatepass")) // 2
