"""Posting one message, by bot token or by incoming webhook."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecs_medic_notify.errors import BadInputError, SlackError
from ecs_medic_notify.request import Answer, Unreachable, ask, is_http

SLACK = "https://slack.com/api/"
ATTEMPTS = 3
REQUEST_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 30.0
"""A longer Retry-After is told, not waited for: a batch job has its own work to finish."""
_PAUSE_SECONDS = 1.0
_MOST_ANSWER = 256 * 1024
_CODE = re.compile(r"[a-z][a-z0-9_]{1,79}")
_WORD = re.compile(r"[!-~]+")
_NEEDED = "SLACK_BOT_TOKEN and SLACK_CHANNEL, or SLACK_WEBHOOK_URL"
_BUSY = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_PASSING = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
_ADVICE = {
    "channel_not_found": "the channel does not exist or is private; check its name or id, and invite the app to it",
    "not_in_channel": "the app is not in the channel; invite it there, or give it chat:write.public",
    "is_archived": "the channel is archived",
    "channel_is_archived": "the channel is archived",
    "missing_scope": "the app lacks the scope chat:write",
    "not_allowed_token_type": "use the bot token, which begins with xoxb-",
    "not_authed": "no token was sent",
    "invalid_auth": "Slack does not know this token",
    "token_revoked": "the token was revoked",
    "token_expired": "the token has expired",
    "account_inactive": "the token belongs to a removed app or user",
    "no_service": "the webhook was removed or disabled",
    "no_team": "the webhook's workspace does not exist any more",
    "invalid_token": "the webhook's address is wrong",
    "action_prohibited": "the workspace's settings keep this webhook from posting",
}


@dataclass(frozen=True)
class Destination:
    """Where to post; a webhook has its own channel. Neither address nor token is ever shown."""

    url: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    channel: str | None = None

    @property
    def name(self) -> str:
        """What may be said about it."""
        return self.channel or "the webhook's channel"


def destination(environment: Mapping[str, str] | None = None, channel: str | None = None) -> Destination:
    """Where the environment says to post: the bot token's channel where both are set, else the webhook.

    Raises:
        BadInputError: neither is set, or one is unusable.
    """
    environment = os.environ if environment is None else environment
    given = {
        name: environment.get(name, "").strip()
        for name in ("SLACK_BOT_TOKEN", "SLACK_CHANNEL", "SLACK_WEBHOOK_URL", "SLACK_API_URL")
    }
    token, webhook = given["SLACK_BOT_TOKEN"], given["SLACK_WEBHOOK_URL"]
    if channel is not None and not channel.strip():
        raise BadInputError("--channel: is empty, expected a channel's name or id")
    if channel is not None and not token:
        raise BadInputError("--channel: needs SLACK_BOT_TOKEN, a webhook has its own channel")
    target = (channel or given["SLACK_CHANNEL"]).strip()
    if token and target:
        if not _WORD.fullmatch(token):
            raise BadInputError("SLACK_BOT_TOKEN: expected a token without spaces or special characters")
        url = given["SLACK_API_URL"] or SLACK
        if not is_http(url):
            raise BadInputError("SLACK_API_URL: expected an http or https address")
        return Destination(f"{url.rstrip('/')}/chat.postMessage", token, target)
    if webhook:
        if not is_http(webhook):
            raise BadInputError("SLACK_WEBHOOK_URL: expected an http or https address")
        return Destination(webhook)
    if token:
        raise BadInputError("SLACK_CHANNEL: is not set, expected the channel that SLACK_BOT_TOKEN posts to")
    raise BadInputError(f"where to post is not set, expected {_NEEDED}")


def post(to: Destination, message: Mapping[str, Any]) -> None:
    """Post it; where Slack is busy, waits as long as Slack says and tries again, three times in all.

    Raises:
        SlackError: Slack refused, asked for more than 30 s of patience, or could not be reached.
    """
    request = _request(to, message)
    for attempt in range(1, ATTEMPTS + 1):
        last = attempt == ATTEMPTS
        try:
            answer = ask(request, seconds=REQUEST_SECONDS, most=_MOST_ANSWER, direct=False)
        except Unreachable as error:
            if error.perhaps_received:
                # Posting it again might post it twice.
                raise SlackError(f"Slack is unavailable ({error}); the message may have arrived") from None
            if last:
                raise SlackError(f"Slack cannot be reached ({error})") from None
            time.sleep(_PAUSE_SECONDS)
            continue
        code = _refusal(to, answer)
        if code is None:
            return
        wait = _patience(answer, code)
        if wait is None:
            raise SlackError(f"Slack refused the message ({code}): {_ADVICE.get(code, 'see its documentation')}", code)
        if last or wait > LONGEST_WAIT_SECONDS:
            raise SlackError(f"Slack is unavailable ({code}, asks to wait {wait:g} s)", code)
        time.sleep(wait)


def _request(to: Destination, message: Mapping[str, Any]) -> urllib.request.Request:
    content = {**message, "unfurl_links": False, "unfurl_media": False}
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "ecs-medic-notify"}
    if to.token is not None:
        content["channel"] = to.channel
        headers["Authorization"] = f"Bearer {to.token}"
    return urllib.request.Request(  # noqa: S310 - http or https, checked by `destination`
        to.url, data=json.dumps(content).encode("ascii"), headers=headers, method="POST"
    )


def _refusal(to: Destination, answer: Answer) -> str | None:
    """Slack's word for why not, or the HTTP status where Slack gave no word; None where the message was posted."""
    text = answer.body.decode("utf-8", "replace").strip()
    if to.token is None:
        if answer.status == 200:
            return None
        word: Any = text
    else:
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            said = None
        if isinstance(said, dict):
            if answer.status == 200 and said.get("ok") is True:
                return None
            word = said.get("error")
        else:
            word = None
    if isinstance(word, str) and _CODE.fullmatch(word):
        return word
    return f"HTTP {answer.status}" if answer.status != 200 else "an answer that cannot be read"


def _patience(answer: Answer, code: str) -> float | None:
    """Seconds to wait before another attempt makes sense; None where it makes none."""
    if answer.status == 429 or code in _BUSY:
        try:
            seconds = float(answer.headers.get("retry-after", ""))
        except ValueError:
            return _PAUSE_SECONDS
        return seconds if 0 <= seconds < float("inf") else _PAUSE_SECONDS
    return _PAUSE_SECONDS if answer.status >= 500 or code in _PASSING else None
