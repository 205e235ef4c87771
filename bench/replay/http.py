"""As much of HTTP/1.1 as AWS's clients speak: requests with a length, answers with a length, connections kept."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Request:
    """A request that has arrived whole; `headers` by lower-case name, and as they came in `lines`."""

    method: str
    target: str
    lines: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """By lower-case name."""
        return {name.lower(): value for name, value in self.lines}


async def read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    """The next request of a connection, None where it has been closed.

    Raises:
        ValueError: it is none, or its body comes without a length.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *rest = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    lines = tuple((name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in rest))
    headers = {name.lower(): value for name, value in lines}
    if "transfer-encoding" in headers:
        raise ValueError("a body without a length")
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, lines, body)


def answer_bytes(status: int, headers: Iterable[tuple[str, str]], body: bytes, *, of_head: bool = False) -> bytes:
    """A whole answer as it goes over the wire; to a HEAD request without its body, whose length `headers` tell."""
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Not Recorded"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers)]
    if not of_head:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return head if of_head else head + body
