"""The stand-in itself: a server that answers like the task metadata endpoint version 4."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from ecs_medic_notify.errors import BadInputError
from ecs_medic_notify.local.answers import LocalTask, container_answer, task_answer
from ecs_medic_notify.local.definition import LocalContainer
from ecs_medic_notify.local.stats import container_stats, task_stats

REQUEST_SECONDS = 5
MOST_CONNECTIONS = 64
"""At a time; further ones wait."""
_PREFIX = "v4"


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Not http.server's own: that one looks its own name up, which can take seconds on a laptop without a network."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._room = threading.BoundedSemaphore(MOST_CONNECTIONS)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._room.acquire()
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._room.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nothing to tell."""


@contextmanager
def serving(task: LocalTask, address: str, port: int) -> Iterator[str]:
    """Serve in the background; gives the server's address, without a path, and stops at the end.

    Raises:
        BadInputError: the address or port cannot be used.
    """
    try:
        server = _Server((address, port), _handler(task))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInputError(f"--port: cannot listen on {address}:{port}: {reason}") from None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield f"http://{address}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(REQUEST_SECONDS)


def path_of(task: LocalTask, container: LocalContainer) -> str:
    """The path that stands for the container: what ECS_CONTAINER_METADATA_URI_V4 ends in."""
    return f"/{_PREFIX}/{task.docker_id(container)}"


def answer(task: LocalTask, path: str, now: datetime) -> Any:
    """The JSON value at `path`; None where the endpoint has nothing there.

    A container goes by its id or its name; without either, `/v4` and `/` are the first one.
    """
    parts = [part for part in path.split("?", 1)[0].split("/") if part]
    if parts[:1] == [_PREFIX]:
        parts = parts[1:]
    container: LocalContainer | None = task.definition.containers[0]
    if parts and parts[0] not in {"task", "stats"}:
        container = _container(task, parts[0])
        parts = parts[1:]
    if container is None:
        return None
    if parts == []:
        return container_answer(task, container)
    if parts == ["stats"]:
        return container_stats(task, container, now)
    if parts == ["task"]:
        return task_answer(task)
    return task_stats(task, now) if parts == ["task", "stats"] else None


def _container(task: LocalTask, name: str) -> LocalContainer | None:
    return next((one for one in task.definition.containers if name in {task.docker_id(one), one.name}), None)


def _handler(task: LocalTask) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = REQUEST_SECONDS

        def do_GET(self) -> None:
            """Answer one request."""
            value = answer(task, self.path, datetime.now(timezone.utc))
            status = HTTPStatus.OK if value is not None else HTTPStatus.NOT_FOUND
            body = json.dumps(f"nothing at {self.path[:200]}" if value is None else value).encode("ascii")
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Requests are not logged."""

    return Handler
