"""One request to Slack, bounded in time; whatever comes back is an answer or one of `slack.errors`."""

import http.client
import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError

from ecs_medic.slack.deadline import within
from ecs_medic.slack.errors import GONE, TRANSIENT, SlackMessageGone, SlackRejected, SlackUnavailable

TIMEOUT_SECONDS = 5
"""For connecting and for each read."""
DEADLINE_SECONDS = 8.0
"""For the whole request: an answer that trickles in must not hold the caller."""
LONGEST_SLEEP_SECONDS = 1.0
"""A longer Retry-After is the caller's to keep: no function waits here for minutes."""

_CODE = re.compile(r"[a-z][a-z0-9_]{1,79}")


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
    """The answer, whatever it says; SlackUnavailable where there is none that can be read.

    A SlackApiError of slack-sdk is an answer, and goes through.
    """
    try:
        return within(DEADLINE_SECONDS, send)
    except SlackApiError:
        raise
    except TimeoutError as error:
        raise SlackUnavailable("no answer in time", may_have_arrived=True) from error
    except URLError as error:
        slow = isinstance(error.reason, TimeoutError)
        raise SlackUnavailable("no answer in time" if slow else "no connection", may_have_arrived=slow) from error
    except (OSError, http.client.HTTPException) as error:
        raise SlackUnavailable("the connection broke", may_have_arrived=True) from error
    except (ValueError, LookupError, AttributeError, TypeError, SlackClientError) as error:
        # slack-sdk does not check that an answer is a JSON object in a known character set.
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


def silent() -> logging.Logger:
    """At DEBUG, slack-sdk logs whole messages and the webhook's address; failures are raised here, not logged twice."""
    logger = logging.getLogger("ecs_medic.slack.sdk")
    logger.setLevel(logging.CRITICAL)
    return logger


def _retry_after(headers: Mapping[str, Any]) -> float | None:
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
