"""One HTTP request, bounded in time and size, that follows no redirects."""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What came back, whatever its status; `headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Unreachable(Exception):  # noqa: N818 - named after what happened
    """No answer. `perhaps_received` where the request may have arrived all the same."""

    def __init__(self, reason: str, *, perhaps_received: bool) -> None:
        self.perhaps_received = perhaps_received
        super().__init__(reason)


def is_http(url: str) -> bool:
    """Whether `url` is one that can be asked: http or https, with a host, and nothing that would break the request."""
    if any(character <= " " or character > "~" for character in url):
        return False
    try:
        parts = urllib.parse.urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        return False


def ask(request: urllib.request.Request, *, seconds: float, most: int, direct: bool) -> Answer:
    """The answer, its body cut after `most` bytes and read within `seconds` altogether; else Unreachable.

    `direct` bypasses the proxies of the environment: a link-local address is behind none.
    """
    outcome: list[Answer | Exception] = []

    def run() -> None:
        try:
            outcome.append(_once(request, seconds, most, direct))
        except Exception as error:  # noqa: BLE001 - handed on to the thread that asked
            outcome.append(error)

    # A socket's time-out is for each read: an answer that trickles in byte by byte would never meet it.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise Unreachable("no answer in time", perhaps_received=True)
    if isinstance(outcome[0], Answer):
        return outcome[0]
    raise _unreachable(outcome[0]) from None


def _once(request: urllib.request.Request, seconds: float, most: int, direct: bool) -> Answer:
    opener = _opener(secure=not direct or request.type == "https", direct=direct)
    try:
        with opener.open(request, timeout=seconds) as response:
            return _answer(response.status, response, most)
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error.code, error, most)


def _answer(status: int, response: Any, most: int) -> Answer:
    headers = {str(name).lower(): str(value) for name, value in response.headers.items()}
    body = response.read(most)
    promised = headers.get("content-length", "")
    if promised.isdecimal() and len(body) < min(int(promised), most):
        # Reading a part does not notice by itself that the connection broke.
        raise http.client.IncompleteRead(body)
    return Answer(status, headers, body)


def _opener(*, secure: bool, direct: bool) -> urllib.request.OpenerDirector:
    """No more than what is needed: HTTP, and no redirects, for a token must not travel on to wherever one points.

    Reading the certificates for HTTPS takes longer than a whole request to the metadata endpoint.
    """
    opener = urllib.request.OpenerDirector()
    opener.add_handler(urllib.request.ProxyHandler({} if direct else None))
    opener.add_handler(urllib.request.HTTPHandler())
    if secure:
        opener.add_handler(urllib.request.HTTPSHandler())
    opener.add_handler(urllib.request.HTTPDefaultErrorHandler())
    opener.add_handler(urllib.request.HTTPErrorProcessor())
    return opener


def _unreachable(error: Exception) -> Unreachable:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, (TimeoutError, OSError)) and "timed out" in str(reason):
        return Unreachable("no answer in time", perhaps_received=True)
    if isinstance(error, urllib.error.URLError):
        # Raised while connecting or sending: there was no answer to wait for yet.
        said = getattr(reason, "strerror", None) or type(reason).__name__
        return Unreachable(f"no connection: {said}", perhaps_received=False)
    if isinstance(error, (OSError, http.client.HTTPException)):
        return Unreachable("the connection broke", perhaps_received=True)
    return Unreachable(f"the request failed ({type(error).__name__})", perhaps_received=False)
