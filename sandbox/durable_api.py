"""Lambda's API for durable executions, handed on to the process in which the functions run (`sandbox.durable`)."""

import http.client
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox import wire
from sandbox.wire import AwsCall, HttpAnswer

OPERATIONS = frozenset(
    {
        "CheckpointDurableExecution",
        "GetDurableExecution",
        "GetDurableExecutionHistory",
        "GetDurableExecutionState",
        "Invoke",
        "ListDurableExecutionsByFunction",
        "SendDurableExecutionCallbackFailure",
        "SendDurableExecutionCallbackHeartbeat",
        "SendDurableExecutionCallbackSuccess",
        "StopDurableExecution",
    }
)
LONGEST_SECONDS = 60.0
_OF_THE_CONNECTION = frozenset({"connection", "content-length", "date", "server", "transfer-encoding"})


def forward(url: str, environ: Mapping[str, Any], body: bytes, call: AwsCall) -> HttpAnswer:
    """The answer from there, or Lambda's own error for having broken down."""
    connection = http.client.HTTPConnection(str(urlsplit(url).netloc), timeout=LONGEST_SECONDS)
    try:
        connection.request(environ["REQUEST_METHOD"], _target(environ), body, _headers(environ))
        response = connection.getresponse()
        headers = tuple(pair for pair in response.getheaders() if pair[0].lower() not in _OF_THE_CONNECTION)
        return HttpAnswer(response.status, headers, response.read())
    except (OSError, http.client.HTTPException) as error:
        return wire.error(call, 500, "ServiceException", f"The durable functions do not answer: {error}")
    finally:
        connection.close()


def _target(environ: Mapping[str, Any]) -> str:
    """Path and query as they arrived: an ARN in the path has its slashes encoded, which WSGI's path has lost."""
    return str(environ["REQUEST_URI"])


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    names = {"HTTP_X_AMZ_DURABLE_EXECUTION_NAME": "X-Amz-Durable-Execution-Name"}
    names["HTTP_X_AMZ_INVOCATION_TYPE"] = "X-Amz-Invocation-Type"
    return {name: environ[key] for key, name in names.items() if key in environ}
