"""How long anything may take by the clock on the wall: what hangs uses none of a process's own time."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def at_most(seconds: float, what: object = "this") -> Iterator[None]:
    """Fails where the body takes longer, and ends a body that hangs; for the main thread.

    What is raised is no Exception: nothing that is tested can take it for an error of its own and go on.
    """

    def too_long(*_: object) -> None:
        pytest.fail(f"{what} took more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
