"""The part of Lambda's API that concerns durable executions, on a loopback port: AWS's own test server, and Invoke."""

import re
from dataclasses import replace
from http.server import ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from aws_durable_execution_sdk_python_testing.exceptions import AwsApiException
from aws_durable_execution_sdk_python_testing.executor import Executor
from aws_durable_execution_sdk_python_testing.web.models import HTTPResponse
from aws_durable_execution_sdk_python_testing.web.routes import Router
from aws_durable_execution_sdk_python_testing.web.server import RequestHandler, WebServer

_INVOKE = re.compile(r"/2015-03-31/functions/(?P<function>[^/]+)/invocations")


class AlreadyStarted(AwsApiException):
    """The name of an execution is taken."""

    http_status_code = 409

    def to_dict(self) -> dict[str, Any]:
        """As Lambda says it."""
        return {"Type": "DurableExecutionAlreadyStartedException", "Message": str(self)}


class Functions(Protocol):
    """What Invoke asks."""

    def start_execution(self, function: str, qualifier: str | None, name: str | None, kind: str, payload: str) -> str:
        """Starts an execution and gives its ARN; raises AwsApiException."""
        ...


class Server(WebServer):
    """Listens on any free port."""

    def __init__(self, executor: Executor, functions: Functions) -> None:
        # Not by the parent's own: it sets up the whole process's logging.
        self.executor = executor
        self.functions = functions
        self.router = Router()
        self.endpoint_handlers = self._create_endpoint_handlers()
        ThreadingHTTPServer.__init__(self, ("127.0.0.1", 0), _Request)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Request(RequestHandler):
    server: Server

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
        """Invoke, or whatever the test server answers."""
        address = urlsplit(self.path)
        invoke = _INVOKE.fullmatch(address.path)
        if invoke is None:
            super().do_POST()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        qualifier = parse_qs(address.query).get("Qualifier", [None])[0]
        try:
            answer = self._invoked(unquote(invoke["function"]), qualifier, body.decode())
        except AwsApiException as refused:
            answer = HTTPResponse.create_error_from_exception(refused)
        self._send_response(answer)

    def _invoked(self, function: str, qualifier: str | None, payload: str) -> HTTPResponse:
        arn = self.server.functions.start_execution(
            function,
            qualifier,
            self.headers.get("X-Amz-Durable-Execution-Name"),
            self.headers.get("X-Amz-Invocation-Type", "RequestResponse"),
            payload,
        )
        return HTTPResponse(202, {"X-Amz-Durable-Execution-Arn": arn}, {})

    def _send_response(self, response: HTTPResponse) -> None:
        # SDKs read an error's code here, and nowhere in what the test server says.
        code = response.body.get("Type") if response.status_code >= 400 else None
        headers = {**response.headers, "x-amzn-ErrorType": code} if code else response.headers
        super()._send_response(replace(response, headers=headers))

    def log_message(self, format_string: str, *args: Any) -> None:
        """Says nothing: the account's /calls tells what arrived."""
