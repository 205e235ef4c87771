"""A termination that lets the command say what it leaves behind."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ended_like_an_error() -> Iterator[None]:
    """Have SIGTERM raise SystemExit(143), as Ctrl-C raises KeyboardInterrupt: a job's time limit ends a repair, too."""

    def end(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
