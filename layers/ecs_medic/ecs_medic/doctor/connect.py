"""Opening a TCP connection to one address, and saying how it went."""

import errno
import socket
from enum import StrEnum


class Connected(StrEnum):
    """How the connection, or what was tried over it, ended."""

    OPEN = "open"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    NO_ROUTE = "no_route"
    RESET = "reset"
    FAILED = "failed"


_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EACCES})
_RESET = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED})


class NotConnectedError(Exception):
    """No connection; `outcome` says how it failed, the text in the system's words."""

    def __init__(self, outcome: Connected, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome


def outcome_of(error: OSError) -> Connected:
    """What kind of failure the system reports."""
    if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT:
        return Connected.TIMED_OUT
    if error.errno == errno.ECONNREFUSED:
        return Connected.REFUSED
    if error.errno in _NO_ROUTE:
        return Connected.NO_ROUTE
    return Connected.RESET if error.errno in _RESET else Connected.FAILED


def connect(address: str, port: int, seconds: float) -> socket.socket:
    """An open connection, whose every further step may take `seconds` too.

    Raises:
        NotConnectedError: there is none.
    """
    # A socket with a time-out of zero is one that never waits.
    seconds = max(seconds, 0.001)
    try:
        return socket.create_connection((address, port), timeout=seconds)
    except OSError as error:
        outcome = outcome_of(error)
        words = f"no answer within {seconds:.1f} s" if outcome is Connected.TIMED_OUT else str(error.strerror or error)
        raise NotConnectedError(outcome, words) from error
