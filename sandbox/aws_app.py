"""The WSGI application of the AWS port: notes each call, lets faults strike, and hands the rest to moto."""

import contextlib
import io
import logging
import socket
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from sandbox import durable_api, fault_forms, fault_pages, trail, wire
from sandbox.account import Account
from sandbox.fault_forms import ANSWERED, Kind
from sandbox.faults import Fault
from sandbox.lock import LOCK
from sandbox.wire import AwsCall, HttpAnswer

type Environ = dict[str, Any]
type StartResponse = Callable[..., Any]

logger = logging.getLogger(__name__)


class AwsApp:
    """WSGI application; one AWS request is handled at a time, so that moto's state never races."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request."""
        body = _read_whole(environ)
        call = wire.recognise(environ, body)
        if call is None:
            return self._start(self._handled(environ, None), start_response)
        entry = self._account.calls.add(call)
        fault = self._account.faults.strike(call)
        if fault and fault.kind in ANSWERED:
            answer = _fault_answer(fault, call)
        else:
            if fault and fault.kind in {Kind.TIMEOUT, Kind.DISCONNECT}:
                if fault.kind is Kind.TIMEOUT:
                    self._account.faults.wait(fault.duration)
                return _hang_up(environ)
            if fault and fault.kind is Kind.DELAY:
                self._account.faults.wait(fault.duration)
            if fault and fault.kind is Kind.PAGES:
                answer = self._page(environ, body, call)
            else:
                answer = self._elsewhere(environ, body, call) or self._handled(environ, call)
            if fault and fault.kind is Kind.EMPTY:
                answer = fault_pages.emptied(call, answer)
        entry.status = answer.status
        self._keep_in_trail(call, answer)
        if fault and fault.kind is Kind.TRUNCATED:
            return _start_truncated(answer, start_response)
        return self._start(answer, start_response)

    @staticmethod
    def _start(answer: HttpAnswer, start_response: StartResponse) -> Iterable[bytes]:
        start_response(answer.status_line, list(answer.headers))
        return [answer.body]

    def _keep_in_trail(self, call: AwsCall, answer: HttpAnswer) -> None:
        if event := trail.entry(call, answer):
            with LOCK:
                self._account.behaviour.trail_events.append(event)

    def _elsewhere(self, environ: Environ, body: bytes, call: AwsCall) -> HttpAnswer | None:
        """The answer of whoever runs durable functions. Not under the lock: what they do calls this account."""
        url = self._account.durable_functions
        if url is None or call.service != "lambda" or call.operation not in durable_api.OPERATIONS:
            return None
        return durable_api.forward(url, environ, body, call)

    def _page(self, environ: Environ, body: bytes, call: AwsCall) -> HttpAnswer:
        page = fault_pages.page_asked_for(environ, body)
        first, body = fault_pages.without_token(call, environ, body)
        first["wsgi.input"] = io.BytesIO(body)
        return fault_pages.paged(call, self._handled(first, call), page)

    def _handled(self, environ: Environ, call: AwsCall | None) -> HttpAnswer:
        with LOCK:
            try:
                return _collect(self._moto, environ)
            except NotImplementedError:
                if call is None:
                    return HttpAnswer(404, (("Content-Type", "text/plain"),), b"")
                return _unknown_operation(call)
            except Exception:
                logger.exception("the account failed at %s", call)
                nobody = AwsCall("unknown", "Unknown", "json", "")
                return fault_forms.answer(Kind.SERVER_ERROR, call or nobody)


def _read_whole(environ: Environ) -> bytes:
    """Reads the body before the lock is taken, and leaves a stream that can be read again."""
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body = bytes(stream.read())
        environ.pop("HTTP_TRANSFER_ENCODING", None)
    else:
        body = bytes(stream.read(int(environ.get("CONTENT_LENGTH") or 0)))
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _collect(app: Callable[..., Iterable[bytes]], environ: Environ) -> HttpAnswer:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[..., None]:
        if exc_info:
            started.clear()
        started.append((status, headers))
        return lambda _: None

    parts = app(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    status, headers = started[-1]
    return HttpAnswer(int(status.split(" ", 1)[0]), tuple(headers), body)


def _fault_answer(fault: Fault, call: AwsCall) -> HttpAnswer:
    return fault_forms.answer(
        fault.kind,
        call,
        principal=fault.principal,
        resource=fault.resource,
        code=fault.code,
        status=fault.status,
        message=fault.message,
    )


def _unknown_operation(call: AwsCall) -> HttpAnswer:
    # What a service says to an operation that it does not have; SDKs do not retry it.
    if call.protocol in {"query", "ec2"}:
        return wire.error(call, 400, "InvalidAction", f"The action {call.operation} is not valid for this web service.")
    return wire.error(call, 400, "UnknownOperationException", f"Unknown operation {call.operation}")


def _hang_up(environ: Environ) -> Iterable[bytes]:
    connection: socket.socket = environ["werkzeug.socket"]
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    # Writing to the closed connection makes the server drop the request.
    raise ConnectionAbortedError


def _start_truncated(answer: HttpAnswer, start_response: StartResponse) -> Iterable[bytes]:
    headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
    start_response(answer.status_line, [*headers, ("Content-Length", str(len(answer.body)))])
    return [answer.body[: len(answer.body) // 2]]
