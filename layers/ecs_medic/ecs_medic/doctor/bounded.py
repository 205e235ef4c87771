"""Things done at the same time, none of them for longer than it may take.

A name's look-up cannot be interrupted, and a file on a network can hang for minutes: each job has a thread of its own,
which is left behind when its time is over and does not keep the process from ending.
"""

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass


class Deadline:
    """A moment that the whole examination must not pass."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that remain, never below zero."""
        return max(0.0, self._end - time.monotonic())

    def within(self, seconds: float) -> float:
        """`seconds`, or what remains where that is less."""
        return min(seconds, self.left)


@dataclass(frozen=True, slots=True)
class Overdue:
    """The job had not ended after so many seconds."""

    seconds: float


def at_once[K: Hashable, T](jobs: Mapping[K, Callable[[], T]], seconds: float) -> dict[K, T | Overdue]:
    """The jobs' results, in the order of the jobs.

    Raises:
        Exception: what a job raised, as it was.
    """
    done: dict[K, T] = {}
    failed: list[BaseException] = []

    def run(key: K, job: Callable[[], T]) -> None:
        try:
            done[key] = job()
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            failed.append(error)

    deadline = Deadline(seconds)
    threads = [threading.Thread(target=run, args=item, daemon=True, name=f"doctor {item[0]}") for item in jobs.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(deadline.left)
    if failed:
        raise failed[0]
    return {key: done[key] if key in done else Overdue(seconds) for key in jobs}
