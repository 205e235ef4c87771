"""Which signatures a text can bear at all: of hundreds a message bears few, and only few are worth a closer look."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from ecs_medic.symptoms.signature import Signature, fragments_of
from ecs_medic.symptoms.signatures import SIGNATURES

_LENGTH = 7
"""Characters by which a fragment is looked up; one with a shorter spelling is not looked up at all."""


def candidates(text: str) -> Iterator[Signature]:
    """The signatures, in their order, whose words may be in a normalised text; none whose words are is missing."""
    by_middle, always = _index()
    found = set(always)
    for part in {text[at : at + _LENGTH] for at in range(len(text) - _LENGTH + 1)} & by_middle.keys():
        found |= by_middle[part]
    return (SIGNATURES[position] for position in sorted(found))


@cache
def _index() -> tuple[Mapping[str, frozenset[int]], frozenset[int]]:
    """Positions of signatures, by the middles of the spellings of one of their fragments; and of those without one.

    Not by how they begin: half of all messages have words such as "failed to" and "error".
    """
    by_middle: defaultdict[str, set[int]] = defaultdict(set)
    always = set()
    for position, signature in enumerate(SIGNATURES):
        spellings = _most_telling(signature)
        if min(map(len, spellings)) < _LENGTH:
            always.add(position)
            continue
        for spelling in spellings:
            by_middle[_middle(spelling)].add(position)
    return {part: frozenset(positions) for part, positions in by_middle.items()}, frozenset(always)


def _most_telling(signature: Signature) -> tuple[str, ...]:
    """The fragment with the fewest spellings, of those that are long enough if there are any."""
    return min(
        fragments_of(signature.pattern),
        key=lambda spellings: (min(map(len, spellings)) < _LENGTH, len(spellings), -min(map(len, spellings))),
    )


def _middle(spelling: str) -> str:
    at = (len(spelling) - _LENGTH) // 2
    return spelling[at : at + _LENGTH]
