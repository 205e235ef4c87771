"""A person clicks on a message: the request that Slack then sends, signed, and the address to answer it at.

Sources: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload,
https://docs.slack.dev/authentication/verifying-requests-from-slack,
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses.
"""

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from sandbox.json_types import Json
from sandbox.slack import history, methods
from sandbox.slack.workspace import RESPONSE_URL_SECONDS, SIGNING_SECRET, Message, ResponseUrl, Workspace

TEAM = {"id": "T000", "domain": "sandbox"}


class ResponseUrlError(Exception):
    """The address does not work, or no longer; the message is Slack's word for it."""


def click(workspace: Workspace, settings: Mapping[str, Any], host_url: str) -> dict[str, Json]:
    """The request of a click, as {"headers", "body"}.

    `settings`: `ts` of the message, `action_id`, `user`. Where given, `value` chooses an option of a menu; `at`, in
    seconds since 1970, is when the request is signed, instead of now; `secret` signs it, instead of the workspace's
    own; `host_url` is this server's address for whoever gets the request, instead of the argument of this name.
    KeyError where there is no such message, element, option or person.
    """
    message = next((m for m in workspace.messages if m.ts == settings["ts"]), None)
    if message is None:
        raise KeyError(f"no message {settings['ts']}")
    user = settings.get("user", "U0ALICE")
    action = _action(message, settings["action_id"], settings.get("value"))
    action["action_ts"] = f"{time.time():.6f}"
    key = f"{TEAM['id']}/{uuid.uuid4().int}/{uuid.uuid4().hex}"
    expires_at = time.time() + RESPONSE_URL_SECONDS
    workspace.response_urls[key] = ResponseUrl(message.channel, message.ts, user, expires_at)
    response_url = f"{settings.get('host_url', host_url).rstrip('/')}/slack/response/{key}"
    payload = _payload(workspace, message, user, action) | {"response_url": response_url}
    body = urlencode({"payload": json.dumps(payload)})
    timestamp = str(int(settings.get("at", time.time())))
    signed = f"v0:{timestamp}:{body}".encode()
    secret: str = settings.get("secret", SIGNING_SECRET)
    return {
        "headers": {
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest(),
        },
        "body": body,
    }


def respond(workspace: Workspace, key: str, arguments: Mapping[str, Any]) -> None:
    """What arrives at a response_url: by default, a message that only the person who clicked sees."""
    url = workspace.response_urls.get(key)
    if url is None or url.expires_at <= time.time():
        raise ResponseUrlError("expired_url")
    if url.uses_left <= 0:
        raise ResponseUrlError("used_url")
    original = workspace.message(url.channel, url.ts)
    if history.is_true(arguments.get("delete_original")):
        if original:
            workspace.messages.remove(original)
    elif history.is_true(arguments.get("replace_original")) and original:
        methods.change_message(workspace, original, arguments)
    else:
        answer = methods.new_message(workspace, workspace.channels[url.channel], "U0MEDIC", "response_url", arguments)
        if arguments.get("response_type", "ephemeral") == "ephemeral":
            answer.ephemeral_for = url.user
    url.uses_left -= 1


def _payload(workspace: Workspace, message: Message, user: str, action: dict[str, Any]) -> dict[str, Any]:
    name, thread = workspace.users[user]["name"], {"thread_ts": message.thread_ts} if message.thread_ts else {}
    shown = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text, "blocks": message.blocks}
    return {
        "type": "block_actions",
        "user": {"id": user, "username": name, "name": name, "team_id": TEAM["id"]},
        "api_app_id": "A0MEDIC",
        "token": "not-used-any-more",
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": message.ephemeral_for is not None,
            **thread,
        },
        "trigger_id": f"{uuid.uuid4().int % 10**12}.{uuid.uuid4().int % 10**12}.{uuid.uuid4().hex}",
        "team": TEAM,
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": message.channel, "name": workspace.channels[message.channel].name},
        "message": {**shown, **thread},
        "state": {"values": {}},
        "actions": [action],
    }


def _action(message: Message, action_id: str, value: str | None) -> dict[str, Any]:
    for block_id, element in _elements(message):
        if element.get("action_id") == action_id:
            action = {"action_id": action_id, "block_id": block_id, "type": element["type"]}
            if element["type"] == "button":
                return action | {name: element[name] for name in ("text", "value", "style") if name in element}
            option = next((o for o in element.get("options", ()) if o["value"] == value), None)
            if option is None:
                raise KeyError(f"no option {value}")
            return action | {"selected_option": option}
    raise KeyError(f"nothing to click with action_id {action_id}")


def _elements(message: Message) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, block in enumerate(message.blocks):
        block_id = block.get("block_id") or f"b{index}"
        found = block.get("elements", []) if block["type"] == "actions" else [block.get("accessory")]
        yield from ((block_id, element) for element in found if element)
