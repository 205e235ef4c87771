"""How much may be done without anybody: the order in which modes are stricter."""

from collections.abc import Iterable
from enum import StrEnum


class Mode(StrEnum):
    """From the strictest to the laxest."""

    OBSERVE = "observe"
    """Nothing is changed; said of one action, or in a tag, it is `off`."""
    ASK = "ask"
    """Only what somebody approves."""
    AUTO = "auto"
    """Also, unattended, what is safe by itself."""


_ORDER = tuple(Mode)


def strictest(modes: Iterable[Mode]) -> Mode:
    """The strictest of some modes; the laxest where there are none."""
    return min(modes, key=_ORDER.index, default=Mode.AUTO)
