"""Faults over the wire: what an AWS call meets instead of, before or after its answer."""

import itertools
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.fault_forms import DEFAULT_PRINCIPAL, Kind
from sandbox.json_types import Json
from sandbox.wire import AwsCall

ANY = "*"
# Longer than any client's read time-out in tests, short enough that a forgotten one ends.
DEFAULT_TIMEOUT_SECONDS = 30.0
DEFAULT_DELAY_SECONDS = 1.0


@dataclass(slots=True)
class Fault:
    """One fault. `service` and `operation` may be `*`; `times` counts down, None means for ever.

    `seconds` is how long a delay or a time-out lasts. `code`, `status` and `message` belong to kind `error` and
    override what the other kinds would say. `principal` and `resource` appear in the message of `access_denied`.
    """

    id: int
    service: str
    operation: str
    kind: Kind
    times: int | None = None
    seconds: float | None = None
    code: str | None = None
    status: int | None = None
    message: str | None = None
    principal: str = DEFAULT_PRINCIPAL
    resource: str = ANY
    hits: int = 0

    def concerns(self, call: AwsCall) -> bool:
        """Whether this call meets the fault (and the fault is not used up)."""
        if self.times is not None and self.hits >= self.times:
            return False
        return self.service in {ANY, call.service} and self.operation in {ANY, call.operation}

    @property
    def duration(self) -> float:
        """Seconds that a delay or time-out lasts."""
        if self.seconds is not None:
            return self.seconds
        return DEFAULT_TIMEOUT_SECONDS if self.kind is Kind.TIMEOUT else DEFAULT_DELAY_SECONDS

    def as_json(self) -> dict[str, Json]:
        """The fault as it was set, and how often it has struck."""
        return {
            "id": self.id,
            "service": self.service,
            "operation": self.operation,
            "kind": self.kind.value,
            "times": self.times,
            "seconds": self.seconds,
            "code": self.code,
            "status": self.status,
            "message": self.message,
            "principal": self.principal,
            "resource": self.resource,
            "hits": self.hits,
        }


SETTABLE = frozenset(
    {"service", "operation", "kind", "times", "seconds", "code", "status", "message", "principal", "resource"}
)


class Faults:
    """The faults in force. The first one set that concerns a call strikes; a call meets at most one."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        # Set when faults are cleared, so that nobody keeps waiting in a time-out that no longer exists.
        self._cleared = threading.Event()

    def add(self, settings: Mapping[str, Any]) -> Fault:
        """A new fault from its JSON form; ValueError names what is wrong with it."""
        unknown = set(settings) - SETTABLE
        if unknown:
            raise ValueError(f"unknown fault settings {sorted(unknown)}: expected some of {sorted(SETTABLE)}")
        kind = Kind(settings.get("kind", ""))
        if kind is Kind.ERROR and not settings.get("code"):
            raise ValueError("a fault of kind 'error' needs 'code'")
        times = settings.get("times")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise ValueError("'times' is a positive number or null")
        given = {name: value for name, value in settings.items() if name not in {"kind", "service", "operation"}}
        with self._lock:
            fault = Fault(
                id=next(self._ids),
                service=settings.get("service", ANY),
                operation=settings.get("operation", ANY),
                kind=kind,
                **given,
            )
            self._faults.append(fault)
            return fault

    def strike(self, call: AwsCall) -> Fault | None:
        """The fault that this call meets, counted as used."""
        with self._lock:
            for fault in self._faults:
                if fault.concerns(call):
                    fault.hits += 1
                    return fault
        return None

    def wait(self, seconds: float) -> None:
        """Waits, but not longer than the faults last."""
        with self._lock:
            cleared = self._cleared
        cleared.wait(seconds)

    def clear(self, fault_id: int | None = None) -> None:
        """Removes one fault or all; calls that hang in one go on."""
        with self._lock:
            self._faults = [f for f in self._faults if fault_id is not None and f.id != fault_id]
            self._cleared.set()
            self._cleared = threading.Event()

    def as_json(self) -> list[Json]:
        """All faults that were set, used up or not."""
        with self._lock:
            return [fault.as_json() for fault in self._faults]
