"""One request to Slack, bounded in time; whatever comes back is an answer or one of `slack.errors`."""

import http.client
import json
import re
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, override
from urllib.error import HTTPError, URLError

from ecs_medic.slack.deadline import within
from ecs_medic.slack.errors import GONE, TRANSIENT, SlackMessageGone, SlackRejected, SlackUnavailable

TIMEOUT_SECONDS = 5
"""For connecting and for each read."""
DEADLINE_SECONDS = 8.0
"""For the whole request: an answer that trickles in must not hold the caller."""
LONGEST_SLEEP_SECONDS = 1.0
"""A longer Retry-After is the caller's to keep: no function waits here for minutes."""

JSON = "application/json; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
_CODE = re.compile(r"[a-z][a-z0-9_]{1,79}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever it says."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def is_ok(self) -> bool:
        """By its status; Slack says most of its refusals under 200, too."""
        return self.status == http.HTTPStatus.OK

    def as_object(self) -> Mapping[str, Any]:
        """The JSON object that it holds, empty where it is none."""
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    @override
    def redirect_request(self, *_: object) -> None:
        """None: the redirection itself is the answer, and a token or a secret address goes nowhere else."""


@cache
def opener() -> urllib.request.OpenerDirector:
    """What sends; slow to make, because it reads the certificates that this machine trusts."""
    return urllib.request.build_opener(_NoRedirection)


def json_body(content: Mapping[str, Any]) -> bytes:
    """As it is sent with the content type `JSON`."""
    return json.dumps(content).encode()


def sent(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """The answer to one POST; SlackUnavailable where there is none that can be read. No redirection is followed."""
    request = urllib.request.Request(url, data=body, headers={"User-Agent": "ecs-medic", **headers})  # noqa: S310

    def send() -> Answer:
        try:
            with opener().open(request, timeout=TIMEOUT_SECONDS) as answer:
                return Answer(answer.status, dict(answer.headers.items()), answer.read().decode())
        except HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers.items()), error.read().decode(errors="replace"))

    return reached(send)


def patiently[T](attempt: Callable[[], T]) -> T:
    """One more attempt where Slack asks for no more than a moment's patience."""
    try:
        return attempt()
    except SlackUnavailable as error:
        if error.retry_after is None or error.retry_after > LONGEST_SLEEP_SECONDS:
            raise
        time.sleep(error.retry_after)
        return attempt()


def reached[T](send: Callable[[], T]) -> T:
    """The answer, whatever it says; SlackUnavailable where there is none that can be read."""
    try:
        return within(DEADLINE_SECONDS, send)
    except TimeoutError as error:
        raise SlackUnavailable("no answer in time", may_have_arrived=True) from error
    except URLError as error:
        slow = isinstance(error.reason, TimeoutError)
        raise SlackUnavailable("no answer in time" if slow else "no connection", may_have_arrived=slow) from error
    except (OSError, http.client.HTTPException) as error:
        raise SlackUnavailable("the connection broke", may_have_arrived=True) from error
    except ValueError as error:
        # No UTF-8.
        raise SlackUnavailable("the answer cannot be read", may_have_arrived=True) from error


def refusal(
    status: int, headers: Mapping[str, Any], code: str | None, *, about_message: bool = False
) -> SlackRejected | SlackUnavailable | SlackMessageGone:
    """What an answer means that is no consent: HTTP status, headers, and Slack's word for it where there is one.

    `about_message`: the request was about a message that exists already, to edit it or to answer it.
    """
    if status == http.HTTPStatus.TOO_MANY_REQUESTS or code in {"ratelimited", "rate_limited"}:
        return SlackUnavailable("too many requests", retry_after=_retry_after(headers))
    failed = status >= http.HTTPStatus.INTERNAL_SERVER_ERROR
    if failed or status == http.HTTPStatus.REQUEST_TIMEOUT or code in TRANSIENT:
        return SlackUnavailable(f"HTTP {status}" if failed else code or f"HTTP {status}", may_have_arrived=True)
    if code is None:
        if status == http.HTTPStatus.OK:
            return SlackUnavailable("the answer cannot be read", may_have_arrived=True)
        return SlackRejected(f"http_{status}")
    return SlackMessageGone(code) if about_message and code in GONE else SlackRejected(code)


def code_of(word: object) -> str | None:
    """Slack's word for what went wrong; anything else (a page of a proxy, say) is none."""
    return word if isinstance(word, str) and _CODE.fullmatch(word) else None


def _retry_after(headers: Mapping[str, Any]) -> float | None:
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
