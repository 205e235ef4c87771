"""The EventBridge events that the embedded account has emitted, in order."""

import copy
import threading
from typing import Any

type Event = dict[str, Any]


class Outbox:
    """A thread-safe list of whole EventBridge events (`version`, `id`, `detail-type`, `source` … `detail`)."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._changed = threading.Condition()

    def emit(self, event: Event) -> None:
        """Keeps a copy of the event: what the caller changes afterwards does not change what was emitted."""
        with self._changed:
            self._events.append(copy.deepcopy(event))
            self._changed.notify_all()

    def events(self) -> list[Event]:
        """Everything emitted and not yet taken, oldest first."""
        with self._changed:
            return copy.deepcopy(self._events)

    def take(self, *, wait_seconds: float = 0.0) -> list[Event]:
        """Removes and returns everything; waits at most so long for a first event when there is none."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._events), timeout=wait_seconds)
            taken, self._events = self._events, []
            return taken

    def clear(self) -> None:
        """Forgets everything that was emitted."""
        with self._changed:
            self._events.clear()
