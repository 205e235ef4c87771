"""The AWS calls that arrived at the embedded account, in order of arrival."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.json_types import Json
from sandbox.wire import AwsCall


@dataclass(slots=True)
class Entry:
    """One call; `status` is the HTTP status that was answered, None while the call is under way or when cut off."""

    call: AwsCall
    at: datetime
    status: int | None = None

    def as_json(self) -> dict[str, Json]:
        """The call as the control endpoint shows it; `at` is ISO 8601 in UTC."""
        return {
            "service": self.call.service,
            "operation": self.call.operation,
            "region": self.call.region,
            "parameters": dict(self.call.parameters),
            "at": self.at.isoformat(),
            "status": self.status,
        }


class CallLog:
    """A thread-safe list of calls."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()

    def add(self, call: AwsCall) -> Entry:
        """Notes a call that just arrived; its status is filled in when it is answered."""
        entry = Entry(call, datetime.now(UTC))
        with self._lock:
            self._entries.append(entry)
        return entry

    def entries(self) -> list[Json]:
        """All calls since the start or the last clearing."""
        with self._lock:
            return [entry.as_json() for entry in self._entries]

    def clear(self) -> None:
        """Forgets all calls."""
        with self._lock:
            self._entries.clear()
