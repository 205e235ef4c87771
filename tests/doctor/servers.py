"""Servers on the loopback interface that behave, and misbehave, as networks do."""

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

type Handle = Callable[[socket.socket], None]


@contextlib.contextmanager
def serving(handle: Handle) -> Iterator[int]:
    """The port of a server that hands each connection to `handle`, in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stopped = threading.Event()

        def one(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                connection.settimeout(10)
                handle(connection)

        def accept() -> None:
            while not stopped.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=one, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)


def speaking_tls(context: ssl.SSLContext, *, clock: timedelta = timedelta(), dated: bool = True) -> Handle:
    """Shakes hands and answers one request, with the time as `clock` has it."""

    def handle(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            answer(secured, clock, dated=dated)

    return handle


def answer(connection: socket.socket, clock: timedelta = timedelta(), *, dated: bool = True) -> None:
    read_head(connection)
    date = f"Date: {format_datetime(datetime.now(UTC) + clock, usegmt=True)}\r\n" if dated else ""
    connection.sendall(f"HTTP/1.1 404 Not Found\r\n{date}Content-Length: 0\r\n\r\n".encode())


def read_head(connection: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = connection.recv(1000)
        if not chunk:
            break
        head += chunk
    return head.decode()


def cutting(connection: socket.socket) -> None:
    """Cuts the connection once it was spoken to, as a firewall that reads server names does."""
    connection.recv(10)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def speaking_something_else(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example.com ESMTP\r\n")
    connection.recv(1000)


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """A port whose connections open, and say nothing: nobody accepts them."""
    with socket.create_server(("127.0.0.1", 0), backlog=10) as listener:
        yield listener.getsockname()[1]


@contextlib.contextmanager
def black_hole() -> Iterator[int]:
    """A port that drops what is sent to it: its queue of connections is full."""
    with contextlib.ExitStack() as kept:
        listener = kept.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port = listener.getsockname()[1]
        for _ in range(4):
            filler = kept.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield port


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextlib.contextmanager
def proxy(leads: Mapping[str, int], *, status: int = 200) -> Iterator[tuple[int, list[str]]]:
    """A proxy that opens connections to the ports of `leads`, by host; and the heads of the requests that it got."""
    heads: list[str] = []

    def handle(connection: socket.socket) -> None:
        head = read_head(connection)
        heads.append(head)
        host = head.split()[1].partition(":")[0]
        if status != 200 or host not in leads:
            connection.sendall(f"HTTP/1.1 {status if status != 200 else 403} No\r\n\r\n".encode())
            return
        with socket.create_connection(("127.0.0.1", leads[host]), timeout=10) as onward:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_copy, args=(onward, connection), daemon=True)
            back.start()
            _copy(connection, onward)
            back.join(5)

    with serving(handle) as port:
        yield port, heads


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(4096):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def http(answers: Mapping[str, Any]) -> Iterator[tuple[str, list[tuple[str, str, dict[str, str]]]]]:
    """The address of an HTTP server, and (method, path, headers) of what it was asked.

    By path: a status, a text, both, or what becomes JSON.
    """
    asked: list[tuple[str, str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
            found = answers.get(self.path, 404)
            status, found = (
                found if isinstance(found, tuple) else (found, "") if isinstance(found, int) else (200, found)
            )
            text = found if isinstance(found, str) else json.dumps(found)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        do_PUT = do_GET  # noqa: N815 - its name in the base class

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the base class
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
