"""The time of the embedded account: real, or a fixed one that ticks a second at every look."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

type Clock = Callable[[], datetime]


def real() -> datetime:
    """Now, in UTC, in milliseconds as ECS keeps time."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def ticking(start: datetime) -> Clock:
    """A clock for reproducible events: `start`, then a second later at each further look."""
    seconds = itertools.count()
    return lambda: start + timedelta(seconds=next(seconds))
