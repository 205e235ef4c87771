"""A kind of thing that a verification makes: how those that are named so are found, and how one is deleted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from verify.place import Place


def _surely(_: Place, __: str) -> bool:
    """Of what is found by the tag, or in what is ours."""
    return True


@dataclass(frozen=True, slots=True)
class Kind:
    """`find` gives all that are named so, `ours` says whether one is the verification's.

    What is `last` is deleted when nothing else was found any more.
    """

    name: str
    find: Callable[[Place], Iterable[str]]
    delete: Callable[[Place, str], object]
    ours: Callable[[Place, str], bool] = _surely
    last: bool = False


def tag_map(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags as most services list them, by their key."""
    return {one["Key"]: one["Value"] for one in tags}
