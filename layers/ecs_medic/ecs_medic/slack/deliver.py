"""Posts a finished message, by bot token or by incoming webhook. What the message says is none of its business."""

import http.client
import json
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.models.blocks import Block
from slack_sdk.web import WebClient
from slack_sdk.webhook import WebhookClient

from ecs_medic.slack.deadline import within
from ecs_medic.slack.delivery import Channel, Delivery, Destination, Message
from ecs_medic.slack.errors import TRANSIENT, SlackRejected, SlackUnavailable

TIMEOUT_SECONDS = 5
"""For connecting and for each read."""
DEADLINE_SECONDS = 8.0
"""For the whole call: an answer that trickles in must not hold the caller."""
LONGEST_SLEEP_SECONDS = 1.0
"""A longer Retry-After is the caller's to keep: no function waits here for minutes."""

_SLACK = "https://slack.com/api/"
_CODE = re.compile(r"[a-z][a-z0-9_]{1,79}")


def post(message: Message, destination: Destination, *, thread_ts: str | None = None) -> Delivery:
    """Posts `message`; with `thread_ts`, as an answer to that message.

    `SLACK_API_URL` in the environment stands in for Slack's own address. A webhook cannot answer: a message for a
    thread is refused there with ValueError, before anything is sent.

    Raises SlackRejected where Slack will not have it, SlackUnavailable where trying again may help.
    """
    if isinstance(destination, Channel):
        return _patiently(lambda: _by_token(message, destination, thread_ts))
    if thread_ts is not None:
        raise ValueError("an incoming webhook cannot answer in a thread")
    return _patiently(lambda: _by_webhook(message, destination.url))


def _patiently(attempt: Callable[[], Delivery]) -> Delivery:
    """One more attempt where Slack asks for no more than a moment's patience."""
    try:
        return attempt()
    except SlackUnavailable as error:
        if error.retry_after is None or error.retry_after > LONGEST_SLEEP_SECONDS:
            raise
        time.sleep(error.retry_after)
        return attempt()


def _by_token(message: Message, destination: Channel, thread_ts: str | None) -> Delivery:
    client = WebClient(
        token=destination.token,
        base_url=os.environ.get("SLACK_API_URL") or _SLACK,
        timeout=TIMEOUT_SECONDS,
        retry_handlers=[],
        logger=_silent(),
    )

    def send() -> Mapping[str, Any]:
        response = client.chat_postMessage(
            channel=destination.channel,
            text=message.text,
            blocks=_blocks(message),
            thread_ts=thread_ts,
            unfurl_links=False,
            unfurl_media=False,
        )
        return response.data if isinstance(response.data, dict) else {}

    try:
        answer = _reached(send)
    except SlackApiError as error:
        raise _refusal(error.response.status_code, error.response.headers, _error_code(error.response.data)) from error
    channel, ts = answer.get("channel"), answer.get("ts")
    if not isinstance(channel, str) or not isinstance(ts, str):
        raise SlackUnavailable("the answer names no channel and ts", may_have_arrived=True)
    return Delivery(channel, ts)


def _by_webhook(message: Message, url: str) -> Delivery:
    client = WebhookClient(url, timeout=TIMEOUT_SECONDS, retry_handlers=[], logger=_silent())
    response = _reached(
        lambda: client.send(text=message.text, blocks=_blocks(message), unfurl_links=False, unfurl_media=False)
    )
    body = response.body.strip()
    status = response.status_code
    if status == http.HTTPStatus.OK and body == "ok":
        return Delivery()
    # A refusal is one bare word; under 200 there is no such thing, so that anything else is somebody else's answer.
    word = _in_json(body) or (None if status == http.HTTPStatus.OK else body)
    raise _refusal(status, response.headers, _code(word))


def _blocks(message: Message) -> list[dict[str, Any] | Block]:
    return [dict(block) for block in message.blocks]


def _reached[T](send: Callable[[], T]) -> T:
    """The answer, whatever it says; SlackUnavailable where there is none that can be read."""
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


def _refusal(status: int, headers: Mapping[str, Any], code: str | None) -> SlackRejected | SlackUnavailable:
    if status == http.HTTPStatus.TOO_MANY_REQUESTS or code in {"ratelimited", "rate_limited"}:
        return SlackUnavailable("too many requests", retry_after=_retry_after(headers))
    if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return SlackUnavailable(f"HTTP {status}", may_have_arrived=True)
    if status == http.HTTPStatus.REQUEST_TIMEOUT or code in TRANSIENT:
        return SlackUnavailable(code or f"HTTP {status}", may_have_arrived=True)
    if code is not None:
        return SlackRejected(code)
    if status == http.HTTPStatus.OK:
        return SlackUnavailable("the answer cannot be read", may_have_arrived=True)
    return SlackRejected(f"http_{status}")


def _retry_after(headers: Mapping[str, Any]) -> float | None:
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _error_code(data: object) -> str | None:
    return _code(data.get("error")) if isinstance(data, dict) else None


def _in_json(body: str) -> object:
    try:
        parsed = json.loads(body)
    except ValueError:
        return None
    return parsed.get("error") if isinstance(parsed, dict) else None


def _code(word: object) -> str | None:
    """Slack's word for what went wrong; anything else (a page of a proxy, say) is none."""
    return word if isinstance(word, str) and _CODE.fullmatch(word) else None


def _silent() -> logging.Logger:
    """At DEBUG, slack-sdk logs whole messages and the webhook's address; failures are raised here, not logged twice."""
    logger = logging.getLogger("ecs_medic.slack.sdk")
    logger.setLevel(logging.CRITICAL)
    return logger
