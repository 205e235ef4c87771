"""Yes, no, or nobody can say: the logic of a judgement that may lack what it needs."""

from collections.abc import Iterable

type Ternary = bool | None
"""`None` is *undecided*."""


def all_of(values: Iterable[Ternary]) -> Ternary:
    """Yes when all are; one no decides."""
    answer: Ternary = True
    for value in values:
        if value is False:
            return False
        if value is None:
            answer = None
    return answer


def any_of(values: Iterable[Ternary]) -> Ternary:
    """Yes when one is; no only when all are no."""
    return negate(all_of(negate(value) for value in values))


def negate(value: Ternary) -> Ternary:
    """The opposite, where it is known."""
    return None if value is None else not value
