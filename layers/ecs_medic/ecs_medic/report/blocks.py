"""Fits the parts of a message into Slack's limits.

Source of the limits: https://docs.slack.dev/reference/block-kit/blocks. A message as a whole has a limit too, which is
not documented and lies somewhat above 13,000 characters.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ecs_medic.report.block_kit import context, header, section
from ecs_medic.report.model import Report
from ecs_medic.report.mrkdwn import ELLIPSIS, size

MOST_MESSAGE = 9_800
"""Everything together, in characters of the JSON form."""
MOST_SECTION = 2_900
MOST_HEADER = 148
MOST_BLOCKS = 50
_OVERHEAD = 120
"""More than the JSON around a block's text."""
_WORTH_A_BLOCK = 60


class SlackMessage(NamedTuple):
    """A message as Slack's API takes it: blocks, and the text for notifications and screen readers."""

    text: str
    blocks: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Part[T = Report]:
    """One section: what writes it (empty: it is left out) and how much room it may take."""

    write: Callable[[T, int], str]
    most: int
    small: bool = False
    """In the small grey type of a context block."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A block that stands where it is put, whatever else has room: buttons."""

    block: Mapping[str, Any]


def message[T](report: T, heading: str, text: str, parts: Iterable[Part[T] | Finished]) -> SlackMessage:
    """The message of all parts that have something to say, in their order, within every limit.

    A part gets its own room or what is left of the message, whichever is less, and keeps to it.
    """
    given = tuple(parts)
    finished = [one.block for one in given if isinstance(one, Finished)]
    blocks: list[Mapping[str, Any]] = [_header(heading)]
    left = MOST_MESSAGE - size(text) - sum(map(_price, (*blocks, *finished)))
    free = MOST_BLOCKS - len(blocks) - len(finished)
    for part in given:
        if isinstance(part, Finished):
            blocks.append(part.block)
            continue
        room = min(part.most, MOST_SECTION, left - _OVERHEAD)
        if room < _WORTH_A_BLOCK or not free:
            free = 0
            continue
        written = part.write(report, room)
        if written:
            block = context(written) if part.small else section(written)
            blocks.append(block)
            left, free = left - _price(block), free - 1
    return SlackMessage(text, [dict(block) for block in blocks])


_NO_ANGLES = str.maketrans("<>", "‹›")
"""A header is not mrkdwn; this way not even a careless client finds a mention in it."""


def _header(text: str) -> dict[str, Any]:
    text = text.translate(_NO_ANGLES)
    short = text if size(text) <= MOST_HEADER else text[: _prefix(text, MOST_HEADER - 1)] + ELLIPSIS
    return header(short)


def _prefix(text: str, most: int) -> int:
    end = spent = 0
    for character in text:
        spent += size(character)
        if spent > most:
            break
        end += 1
    return end


def _price(block: Mapping[str, Any]) -> int:
    return len(json.dumps(block, ensure_ascii=False).encode("utf-16-le")) // 2 + 2
