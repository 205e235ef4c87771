"""A server in Slack's place that answers what a test tells it to, and keeps what it was sent."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

type Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Slack:
    url: str
    answers: list[Answer] = field(default_factory=list)
    """One for each request; the last stays."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)


def send(status: int = 200, body: bytes = b"ok", headers: dict[str, str] | None = None) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json; charset=utf-8", **(headers or {})}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def send_json(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return send(status, json.dumps(content).encode(), headers)


POSTED = send_json({"ok": True, "channel": "C012AB3CD", "ts": "1763719445.000100"})


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Closes the connection without a word."""
    handler.close_connection = True


def promise_more(handler: BaseHTTPRequestHandler) -> None:
    """Breaks off in the middle of the body."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"ok":')
    handler.close_connection = True


def be_silent(seconds: float) -> Answer:
    def answer(_: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)

    return answer


def trickle(seconds: float) -> Answer:
    """A byte now and then: never a time-out of one read."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.02)

    return answer


@contextmanager
def running() -> Iterator[Slack]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_form = self.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
            slack.requests.append(dict(parse_qsl(body.decode())) if is_form else json.loads(body))
            slack.paths.append(self.path)
            slack.authorizations.append(self.headers.get("Authorization"))
            answer = slack.answers.pop(0) if len(slack.answers) > 1 else slack.answers[0]
            try:
                answer(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    slack = Slack(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield slack
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
