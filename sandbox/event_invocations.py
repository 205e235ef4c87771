"""Functions that are invoked as events, as Lambda does it: taken at once, run later, tried three times, then kept.

    with EventInvocations.start(sandbox, {"DiagnoseFunction": handler}, queue_url) as invocations:
        boto3.client("lambda").invoke(FunctionName="DiagnoseFunction", InvocationType="Event", Payload=b"{}")
        invocations.run()

The handlers run in the process that calls `run`, and find the account by its environment.
Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
"""

import contextlib
import json
import re
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from sandbox.client import REGION, Sandbox
from sandbox.lambda_context import LambdaContext

ACCOUNT = "123456789012"
MOST_TRIES = 3
LONGEST_PAYLOAD = 1024 * 1024
_INVOKE = re.compile(r"/2015-03-31/functions/(?P<function>[^/]+)/invocations")

type Handler = Callable[[Any, Any], Any]


class EventInvocations:
    """Started by `start`; `taken` are the payloads that were taken, in order."""

    def __init__(self, sandbox: Sandbox, handlers: Mapping[str, Handler], queue_url: str) -> None:
        self.taken: list[Any] = []
        self._sandbox = sandbox
        self._handlers = handlers
        self._queue_url = queue_url
        self._waiting: deque[tuple[str, Any]] = deque()

    @classmethod
    @contextlib.contextmanager
    def start(cls, sandbox: Sandbox, handlers: Mapping[str, Handler], queue_url: str) -> Iterator[Self]:
        """Answers Invoke under the account's endpoint until the block ends; what fails for good goes to the queue.

        It takes the place of durable functions: only one of the two can be offered at a time.
        """
        invocations = cls(sandbox, handlers, queue_url)
        server = ThreadingHTTPServer(("127.0.0.1", 0), _requests(invocations))
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        sandbox.offer_durable_functions(f"http://127.0.0.1:{server.server_port}")
        try:
            yield invocations
        finally:
            sandbox.offer_durable_functions(None)
            server.shutdown()
            server.server_close()
            serving.join()

    def run(self) -> list[Any]:
        """Runs what has been taken and not run yet; what the handlers answered, in order."""
        answers = []
        while self._waiting:
            function, payload = self._waiting.popleft()
            error: Exception | None = None
            for _ in range(MOST_TRIES):
                try:
                    answers.append(self._handlers[function](payload, LambdaContext(function_name=function)))
                except Exception as raised:  # noqa: BLE001 - whatever a handler raises, Lambda tries again
                    error = raised
                else:
                    error = None
                    break
            if error is not None:
                self._keep(function, payload, error)
        return answers

    def invoked(self, function: str, payload: bytes) -> tuple[int, dict[str, str]]:
        """What Invoke answers: a status, and an error's body."""
        name = function.rsplit(":function:", 1)[-1].split(":", 1)[0]
        if name not in self._handlers:
            message = f"Function not found: arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
            return 404, {"Type": "User", "Code": "ResourceNotFoundException", "Message": message}
        if len(payload) > LONGEST_PAYLOAD:
            message = f"{len(payload)} byte payload is too large for the Event invocation type (limit 1048576 bytes)"
            return 413, {"Type": "User", "Code": "RequestTooLargeException", "Message": message}
        event = json.loads(payload)
        self.taken.append(event)
        self._waiting.append((name, event))
        return 202, {}

    def _keep(self, function: str, payload: Any, error: Exception) -> None:
        """The record for the destination on failure.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        """
        record = {
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": MOST_TRIES,
            },
            "requestPayload": payload,
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": []},
        }
        self._sandbox.client("sqs").send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(record))


def _requests(invocations: EventInvocations) -> type[BaseHTTPRequestHandler]:
    class Requests(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = _INVOKE.fullmatch(urlsplit(self.path).path)
            kind = self.headers.get("X-Amz-Invocation-Type")
            if asked is None or kind != "Event":
                self._answer(400, {"Code": "InvalidParameterValueException", "Message": "Here only events are taken."})
                return
            self._answer(*invocations.invoked(unquote(asked["function"]), body))

        def _answer(self, status: int, error: Mapping[str, str]) -> None:
            body = json.dumps(error).encode() if error else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if error:
                self.send_header("x-amzn-ErrorType", error["Code"])
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """The account's /calls tells what arrived."""

    return Requests
