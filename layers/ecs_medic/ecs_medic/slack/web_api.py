"""One call of Slack's Web API by bot token."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse, WebClient

from ecs_medic.slack import wire

SLACK = "https://slack.com/api/"


def base_url() -> str:
    """The Web API's address; `SLACK_API_URL` in the environment stands in for Slack's own."""
    return os.environ.get("SLACK_API_URL") or SLACK


def call(token: str, method: Callable[[WebClient], SlackResponse], *, about_message: bool = False) -> Mapping[str, Any]:
    """Slack's answer, always one with `ok: true`; where Slack asks for a moment's patience, one more attempt is made.

    `about_message`: the call is about a message that exists already.

    Raises SlackRejected where Slack will not have it, SlackUnavailable where trying again may help, and
    SlackMessageGone where that message is not there, or not open to change, any more.
    """
    return wire.patiently(lambda: _once(token, method, about_message=about_message))


def _once(token: str, method: Callable[[WebClient], SlackResponse], *, about_message: bool) -> Mapping[str, Any]:
    client = WebClient(
        token=token, base_url=base_url(), timeout=wire.TIMEOUT_SECONDS, retry_handlers=[], logger=wire.silent()
    )
    try:
        response = wire.reached(lambda: method(client))
    except SlackApiError as error:
        answer = error.response
        code = wire.code_of(answer.data.get("error")) if isinstance(answer.data, dict) else None
        raise wire.refusal(answer.status_code, answer.headers, code, about_message=about_message) from error
    return response.data if isinstance(response.data, dict) else {}
