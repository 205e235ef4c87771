"""One call of Slack's Web API by bot token.

Spoken over the standard library: what an alert waits for in a new execution environment is mostly imports, and an SDK
of Slack's whole API is as much to import as everything that is said here. Source: https://docs.slack.dev/apis/web-api
"""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ecs_medic.slack import wire

SLACK = "https://slack.com/api/"


def base_url() -> str:
    """The Web API's address; `SLACK_API_URL` in the environment stands in for Slack's own."""
    return os.environ.get("SLACK_API_URL") or SLACK


def write(token: str, method: str, arguments: Mapping[str, Any], *, about_message: bool = False) -> Mapping[str, Any]:
    """Slack's answer to a method that changes something ("chat.postMessage"): always one with `ok: true`.

    An argument that is None is left out. Where Slack asks for a moment's patience, one more attempt is made.
    `about_message`: the call is about a message that exists already.

    Raises SlackRejected where Slack will not have it, SlackUnavailable where trying again may help, and
    SlackMessageGone where that message is not there, or not open to change, any more.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    return call(token, method, wire.json_body(given), wire.JSON, about_message=about_message)


def read(token: str, method: str, arguments: Mapping[str, Any], *, about_message: bool = False) -> Mapping[str, Any]:
    """The same of a method that tells something ("conversations.history"): those take no JSON."""
    given = {name: _in_a_form(value) for name, value in arguments.items() if value is not None}
    return call(token, method, urlencode(given).encode(), wire.FORM, about_message=about_message)


def _in_a_form(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def call(token: str, method: str, body: bytes, content_type: str, *, about_message: bool) -> Mapping[str, Any]:
    """One method with its arguments as they are sent; see `write` and `read`."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": content_type}

    def attempt() -> Mapping[str, Any]:
        answer = wire.sent(f"{base_url().rstrip('/')}/{method}", body, headers)
        said = answer.as_object()
        if answer.is_ok and said.get("ok") is True:
            return said
        raise wire.refusal(answer.status, answer.headers, wire.code_of(said.get("error")), about_message=about_message)

    return wire.patiently(attempt)
