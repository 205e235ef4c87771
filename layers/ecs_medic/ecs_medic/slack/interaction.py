"""A click on a button or a choice from a menu of one of our messages, as Slack tells of it.

Source: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from ecs_medic.slack.response_url import ResponseUrlError, check

type Json = Mapping[str, Any]


class BadInteraction(ValueError):  # noqa: N818 - named after what happened
    """The request holds no click. One line that names the field and what was expected, never its value."""


@dataclass(frozen=True, slots=True)
class Click:
    """Who clicked what, on which message.

    `value` is the button's, or that of the menu's chosen option; `block_id` is the block's that holds it. `team_id` is
    the workspace, or the organisation where the app is installed for a whole one. `response_url` is where to answer,
    and is Slack's own address; None where Slack gives none. `thread_ts` is that of the thread that the message is in,
    if it is in one. `action_ts` tells two clicks of one person apart.
    """

    user_id: str
    user_name: str | None
    team_id: str
    action_id: str
    value: str | None
    channel_id: str
    message_ts: str
    thread_ts: str | None
    action_ts: str
    # Both let whoever holds them speak to that person in our name.
    response_url: str | None = field(repr=False)
    trigger_id: str | None = field(repr=False)
    block_id: str | None = None


def parse(raw_body: bytes) -> Click:
    """The click in a request's body, which is a form with the one field `payload`. Raises BadInteraction.

    Verify the request's signature first.
    """
    payload = _payload(raw_body)
    if payload.get("type") != "block_actions":
        raise BadInteraction("type: expected block_actions")
    user, container = _object(payload, "user"), _object(payload, "container", needed=False)
    action, message = _action(payload), _object(payload, "message", needed=False)
    channel = _object(payload, "channel", needed=False)
    return Click(
        user_id=_needed("user.id", user.get("id")),
        user_name=_text("user.username", user.get("username") or user.get("name")),
        team_id=_team(payload, user),
        action_id=_needed("actions[0].action_id", action.get("action_id")),
        value=_value(action),
        channel_id=_needed("channel.id", channel.get("id") or container.get("channel_id")),
        message_ts=_needed("message.ts", message.get("ts") or container.get("message_ts")),
        thread_ts=_text("message.thread_ts", message.get("thread_ts") or container.get("thread_ts")),
        action_ts=_needed("actions[0].action_ts", action.get("action_ts")),
        response_url=_response_url(payload),
        trigger_id=_text("trigger_id", payload.get("trigger_id")),
        block_id=_text("actions[0].block_id", action.get("block_id")),
    )


def _payload(raw_body: bytes) -> Json:
    try:
        fields = parse_qs(raw_body.decode("ascii"), strict_parsing=True, errors="strict", max_num_fields=10)
    except ValueError:
        raise BadInteraction("body: expected a form (application/x-www-form-urlencoded)") from None
    given = fields.get("payload", [])
    if len(given) != 1:
        raise BadInteraction("payload: expected exactly one such field in the form")
    try:
        parsed = json.loads(given[0])
    except (ValueError, RecursionError):
        raise BadInteraction("payload: expected JSON") from None
    if not isinstance(parsed, dict):
        raise BadInteraction("payload: expected a JSON object")
    return parsed


def _action(payload: Json) -> Json:
    actions = payload.get("actions")
    if not isinstance(actions, list) or len(actions) != 1 or not isinstance(actions[0], dict):
        raise BadInteraction("actions: expected a list of one object")
    return actions[0]


def _value(action: Json) -> str | None:
    option = _object(action, "selected_option", needed=False)
    return _text("actions[0].value", action.get("value") if action.get("value") is not None else option.get("value"))


def _team(payload: Json, user: Json) -> str:
    """Null in the payload where the app is installed for a whole organisation: then the person's own, or that."""
    team = _object(payload, "team", needed=False)
    enterprise = _object(payload, "enterprise", needed=False)
    return _needed("team.id", team.get("id") or user.get("team_id") or enterprise.get("id"))


def _response_url(payload: Json) -> str | None:
    url = _text("response_url", payload.get("response_url"))
    try:
        return check(url) if url else None
    except ResponseUrlError as error:
        raise BadInteraction(str(error)) from None


def _object(parent: Json, name: str, *, needed: bool = True) -> Json:
    value = parent.get(name)
    if value is None and not needed:
        return {}
    if not isinstance(value, dict):
        raise BadInteraction(f"{name}: expected an object")
    return value


def _needed(name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise BadInteraction(f"{name}: expected a string that is not empty")
    return value


def _text(name: str, value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadInteraction(f"{name}: expected a string")
    return value or None
