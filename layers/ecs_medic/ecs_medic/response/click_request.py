"""A request to the function's public address, which anyone can send: taken apart before anything in it is believed."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_BODY = 1_000_000
"""Bytes. What Slack sends holds the message that was clicked on, some tens of thousands."""
FORM = "application/x-www-form-urlencoded"


class RefusedRequest(Exception):  # noqa: N818 - named after what happened
    """The request is not taken: an HTTP status, and one line without any of the request's own words.

    `answer` is for the person who clicked, where Slack has vouched for that person.
    """

    def __init__(self, status: int, reason: str, answer: str | None = None) -> None:
        self.status = status
        self.reason = reason
        self.answer = answer
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class ClickRequest:
    """Headers with names in lower case, and the raw body."""

    headers: Mapping[str, str]
    body: bytes


def click_request(event: object) -> ClickRequest:
    """The request in a function URL's event.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html.

    Raises:
        RefusedRequest: it is no form that was posted, or is too long.
    """
    if not isinstance(event, Mapping):
        raise RefusedRequest(400, "event: expected the request of a function URL")
    context = event.get("requestContext")
    http = context.get("http") if isinstance(context, Mapping) else None
    if not isinstance(http, Mapping) or http.get("method") != "POST":
        raise RefusedRequest(405, "method: expected POST")
    headers = _headers(event.get("headers"))
    if headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise RefusedRequest(415, f"content-type: expected {FORM}")
    return ClickRequest(headers, _body(event))


def _headers(given: object) -> dict[str, str]:
    if not isinstance(given, Mapping):
        return {}
    return {str(name).lower(): value for name, value in given.items() if isinstance(value, str)}


def _body(event: Mapping[str, object]) -> bytes:
    body = event.get("body")
    if not isinstance(body, str) or not body:
        raise RefusedRequest(400, "body: missing")
    if len(body) > 2 * LONGEST_BODY:
        raise RefusedRequest(413, "body: too long")
    try:
        raw = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") is True else body.encode()
    except (binascii.Error, ValueError):
        raise RefusedRequest(400, "body: neither text nor base64") from None
    if len(raw) > LONGEST_BODY:
        raise RefusedRequest(413, "body: too long")
    return raw
