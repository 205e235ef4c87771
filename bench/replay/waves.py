"""How often somebody waited, by the times of the requests alone."""

from collections.abc import Iterable
from typing import Any


def dependent_waves(calls: Iterable[dict[str, Any]]) -> int:
    """The longest chain of requests each of which started after another one had ended.

    Requests of one wave overlap, as long as starting all of them takes less time than answering the first. A machine
    that is too busy for that makes this number larger, never smaller: of several runs, the least is right.
    """
    ended: list[tuple[float, int]] = []
    longest = 0
    for call in sorted(calls, key=lambda one: float(one["started"])):
        before = max((wave for end, wave in ended if end <= call["started"]), default=0)
        ended.append((call["ended"], before + 1))
        longest = max(longest, before + 1)
    return longest
