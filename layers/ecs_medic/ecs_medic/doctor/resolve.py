"""Resolving a name as every program on this machine does: through the system's resolver."""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ecs_medic.doctor.bounded import Overdue, at_once

type Lookup = Callable[[str], list[str]]
"""A host's addresses, in the system's order.

Raises:
    OSError: as `socket.getaddrinfo` does.
"""


class Resolved(StrEnum):
    """How the look-up ended."""

    ANSWERED = "answered"
    NO_SUCH_NAME = "no_such_name"
    NO_ADDRESS = "no_address"
    RESOLVER_FAILED = "resolver_failed"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The addresses of a host, or why there are none; `detail` is the system's own words."""

    host: str
    outcome: Resolved
    addresses: tuple[str, ...] = ()
    detail: str = ""
    seconds: float = 0.0


_OUTCOMES = {
    socket.EAI_NONAME: Resolved.NO_SUCH_NAME,
    getattr(socket, "EAI_NODATA", -5): Resolved.NO_ADDRESS,
    getattr(socket, "EAI_ADDRFAMILY", -9): Resolved.NO_ADDRESS,
}


def system_lookup(host: str) -> list[str]:
    """All addresses, IPv6 included even where this machine has no route for it."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolve(host: str, seconds: float, lookup: Lookup = system_lookup) -> Resolution:
    """Looks the host up, for at most `seconds`: the system's own limit is 10 seconds for each of its servers."""
    started = time.monotonic()

    def done() -> Resolution:
        try:
            addresses = tuple(lookup(host))
        except socket.gaierror as error:
            return Resolution(host, _OUTCOMES.get(error.errno or 0, Resolved.RESOLVER_FAILED), (), str(error.strerror))
        except (OSError, UnicodeError) as error:
            return Resolution(host, Resolved.RESOLVER_FAILED, (), str(error))
        return Resolution(host, Resolved.ANSWERED if addresses else Resolved.NO_ADDRESS, addresses)

    answer = at_once({host: done}, seconds)[host]
    took = round(time.monotonic() - started, 3)
    if isinstance(answer, Overdue):
        return Resolution(host, Resolved.TIMED_OUT, (), f"no answer within {seconds:.1f} s", took)
    return Resolution(host, answer.outcome, answer.addresses, answer.detail, took)
