"""As much of HTTP/1.1 as a probe needs: a request without a body, and the head of its answer."""

import socket
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST_HEAD = 16_384


class NoAnswerError(Exception):
    """Nothing that can be read as HTTP came back; the text says what happened."""


def ask(connection: socket.socket, request: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str]]:
    """The status and the headers, in lower case, that `request` ("HEAD / HTTP/1.1") is answered with.

    Raises:
        NoAnswerError: there is no answer, or it is none of HTTP's.
    """
    lines = [request, *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    head = b""
    try:
        connection.sendall("\r\n".join(lines).encode("latin-1"))
        while b"\r\n\r\n" not in head and len(head) < _LONGEST_HEAD:
            # One byte more than the head would belong to what follows it: a handshake through a proxy.
            chunk = connection.recv(1)
            if not chunk:
                break
            head += chunk
    except TimeoutError as error:
        raise NoAnswerError("no answer in time") from error
    except OSError as error:
        raise NoAnswerError(str(error)) from error
    first, *rest = head.decode("latin-1").split("\r\n")
    version, _, status = first.partition(" ")
    if not version.startswith("HTTP/") or not status[:3].isdigit():
        raise NoAnswerError("the answer is no HTTP")
    found = (line.partition(":") for line in rest)
    return int(status[:3]), {name.strip().lower(): value.strip() for name, colon, value in found if colon}


def clock_ahead(connection: socket.socket, host: str) -> float | None:
    """By how many seconds the server's clock is ahead of this machine's; None where it does not say.

    Its `Date` has whole seconds, and the way there and back is shared equally: good to about a second.
    """
    before = time.time()
    try:
        _, headers = ask(
            connection, "HEAD / HTTP/1.1", {"Host": host, "User-Agent": "ecs-medic doctor", "Connection": "close"}
        )
        told = parsedate_to_datetime(headers.get("date", ""))
    except (NoAnswerError, ValueError, TypeError):
        return None
    if told.tzinfo is None:
        told = told.replace(tzinfo=UTC)
    here = datetime.fromtimestamp((before + time.time()) / 2, UTC)
    return round((told - here).total_seconds() + 0.5, 1)
