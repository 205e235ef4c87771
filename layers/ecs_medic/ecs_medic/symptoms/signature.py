"""The form of a signature, and whether a message bears it."""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from itertools import product

from ecs_medic.incident import Kind
from ecs_medic.symptoms.normalise import normalise
from ecs_medic.vocabulary import Id


class Specificity(IntEnum):
    """How much a signature says. The most specific that matches wins; among equals the earlier row.

    `PREFIX`: the class of the error, which AWS puts before any tail ("ResourceInitializationError").
    `STAGE`: what ECS was doing when it failed.
    `FAMILY`: what kind of failure it was (unreachable, refused, not found).
    `CAUSE`: the words name the cause.
    `DECISIVE`: the words settle it whatever else the message contains.
    """

    PREFIX = 0
    STAGE = 10
    FAMILY = 20
    CAUSE = 30
    DECISIVE = 40


@dataclass(frozen=True, slots=True)
class Signature:
    """One form of words that AWS, docker, containerd or a client uses.

    `pattern` is written in the words of the message. ` … ` stands for anything in between, `{this|that}` for one of
    several words, `^` at the beginning and `$` at the end for the message's own beginning and end. White space, quotes
    and capitals do not count. There is no other syntax, so that matching takes linear time by construction.

    `unless` are words whose presence forbids the match. `kinds` limits it to messages of these kinds. `certain` says
    whether the words alone settle the symptom. `if_cut` is the answer instead where the end of the message is missing,
    because what is missing could say otherwise.
    """

    id: Id
    pattern: str
    meaning: str
    specificity: Specificity = Specificity.CAUSE
    certain: bool = True
    unless: tuple[str, ...] = ()
    kinds: frozenset[Kind] | None = None
    if_cut: Id | None = None


def bears(text: str, signature: Signature) -> bool:
    """Whether a normalised text bears the words of a signature."""
    return contains(text, signature.pattern) and not any(contains(text, words) for words in signature.unless)


def contains(text: str, pattern: str) -> bool:
    """Whether the fragments of `pattern` occur in a normalised text one after the other.

    Taking each fragment where it ends first misses nothing, so one pass is enough.
    """
    from_start, fragments, to_end = _parsed(pattern)
    position = 0
    for index, alternatives in enumerate(fragments):
        first, last = from_start and index == 0, to_end and index == len(fragments) - 1
        ends = [end for words in alternatives if (end := _end_of(words, text, position, first=first, last=last)) >= 0]
        if not ends:
            return False
        position = min(ends)
    return True


def fragments_of(pattern: str) -> tuple[tuple[str, ...], ...]:
    """The fragments of a pattern, each in all its spellings: of each, one occurs in every text that has the pattern."""
    return _parsed(pattern)[1]


def _end_of(words: str, text: str, position: int, *, first: bool, last: bool) -> int:
    """Where `words` end in the text from `position` on, or -1."""
    if first and last:
        return len(text) if text == words else -1
    if first:
        return len(words) if text.startswith(words) else -1
    if last:
        return len(text) if text.endswith(words) and len(text) - len(words) >= position else -1
    start = text.find(words, position)
    return start + len(words) if start >= 0 else -1


@cache
def _parsed(pattern: str) -> tuple[bool, tuple[tuple[str, ...], ...], bool]:
    from_start, to_end = pattern.startswith("^"), pattern.endswith("$")
    body = pattern.removeprefix("^").removesuffix("$")
    return from_start, tuple(_alternatives(fragment) for fragment in body.split("…")), to_end


@cache
def _alternatives(fragment: str) -> tuple[str, ...]:
    """Every spelling of a fragment, normalised as messages are."""
    parts = re.split(r"\{([^{}]*)\}", fragment)
    choices = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
    return tuple(normalise("".join(spelling)) for spelling in product(*choices))
