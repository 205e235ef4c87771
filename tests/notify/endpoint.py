"""A metadata endpoint that answers what a test gives it: recorded answers, or nonsense."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "recorded"
"""Answers in the form of the examples in the ECS developer guide, a folder each."""

type Answer = Callable[[BaseHTTPRequestHandler], None]


def recorded(name: str) -> dict[str, Any]:
    """By path under the variable's address: the container itself, and its task."""
    return {path: json.loads((RECORDED / name / f"{file}.json").read_text()) for path, file in FILES.items()}


FILES = {"": "container", "/task": "task"}
BASE = "/v4/some-id"


def say(status: int, body: bytes) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@contextmanager
def running(answers: Mapping[str, Any]) -> Iterator[str]:
    """The address for ECS_CONTAINER_METADATA_URI_V4. A value is JSON, an answer, or a list of answers in turn."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            value = answers.get(self.path.removeprefix(BASE), say(404, b'"not found"'))
            if isinstance(value, list):
                value = value.pop(0) if len(value) > 1 else value[0]
            try:
                (value if callable(value) else say(200, json.dumps(value).encode()))(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{BASE}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
