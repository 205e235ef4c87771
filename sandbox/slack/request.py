"""A request from Slack, as a handler gets it."""

import base64
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class SlackRequest:
    """Headers and raw body of an HTTP POST."""

    headers: Mapping[str, str]
    body: bytes

    def send(self, url: str) -> tuple[int, bytes]:
        """POSTs it to `url`; the answer's status and body."""
        request = urllib.request.Request(url, data=self.body, headers=dict(self.headers))  # noqa: S310 - a test's own
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=SECONDS) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def as_function_url_event(self, *, in_base64: bool = True) -> dict[str, Any]:
        """The event that a Lambda function URL makes of it (payload format 2.0): header names in lower case.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html.
        """
        body = base64.b64encode(self.body).decode() if in_base64 else self.body.decode()
        return {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/",
            "rawQueryString": "",
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "sandbox",
                "domainName": "sandbox.lambda-url.eu-west-1.on.aws",
                "http": {"method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
                "requestId": "sandbox",
                "routeKey": "$default",
                "stage": "$default",
            },
            "body": body,
            "isBase64Encoded": in_base64,
        }
