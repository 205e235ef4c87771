"""A function's public address: HTTP requests in, a Lambda handler's answers out.

Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.slack.request import SlackRequest

LONGEST_BODY = 6 * 1024 * 1024
"""Lambda's own limit for a request."""

type Handler = Callable[[Mapping[str, Any], Any], Mapping[str, Any]]


@contextlib.contextmanager
def function_url(handler: Handler, context: Callable[[], Any]) -> Iterator[str]:
    """Serves the handler on this machine until the block ends; the address. `context` makes each run's own."""

    class Requests(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if length > LONGEST_BODY:
                self._answer(413, b"")
                return
            request = SlackRequest(dict(self.headers), self.rfile.read(length))
            answer = handler(request.as_function_url_event(), context())
            self._answer(int(answer["statusCode"]), str(answer.get("body", "")).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """The handler has its own log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
