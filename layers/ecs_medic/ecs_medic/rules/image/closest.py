"""The names that are nearest to one that does not exist."""

from collections.abc import Iterable
from difflib import get_close_matches

_MOST = 3


def closest(name: str, existing: Iterable[str]) -> list[str]:
    """Up to three names that look like this one, best first; without any, the first ones as they come."""
    names = list(dict.fromkeys(existing))
    alike = get_close_matches(name, names, n=_MOST, cutoff=0.5)
    return alike or names[:_MOST]
