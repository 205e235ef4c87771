"""A value by which what was worked out of it can be remembered."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any


class Same[T]:
    """A value that is equal to itself alone: to compare two whole VPCs takes longer than to work a way out.

    For values that never change, as all facts are.
    """

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __hash__(self) -> int:
        """By identity."""
        return id(self.value)

    def __eq__(self, other: Any) -> bool:
        """Of the very same value alone."""
        return isinstance(other, Same) and other.value is self.value


def once[T, R](work: Callable[[T], R]) -> Callable[[T], R]:
    """Does the work once for the very same value; what it makes of the latest few dozen is remembered."""

    @lru_cache(maxsize=32)
    def known(value: Same[T]) -> R:
        return work(value.value)

    @wraps(work)
    def of(value: T) -> R:
        return known(Same(value))

    return of
