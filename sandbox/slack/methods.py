"""The Web API methods that the stand-in knows, each from arguments to Slack's answer."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.json_types import Json
from sandbox.slack import history, limits
from sandbox.slack.workspace import Channel, Message, Token, Workspace

MAX_METADATA = 16_000

type Arguments = Mapping[str, Any]
type Answer = dict[str, Json]
type Method = Callable[[Workspace, Token, Arguments], Answer]


class SlackError(Exception):
    """An `ok: false` answer; `details` become `errors` and `response_metadata.messages`."""

    def __init__(self, code: str, details: list[str] | None = None, **extra: Json) -> None:
        super().__init__(code)
        self.code = code
        self.details = details or []
        self.extra = extra

    def as_json(self) -> Answer:
        """The whole answer."""
        answer: Answer = {"ok": False, "error": self.code, **self.extra}
        if self.details:
            answer["errors"] = list(self.details)
            answer["response_metadata"] = {"messages": [f"[ERROR] {detail}" for detail in self.details]}
        return answer


def auth_test(_workspace: Workspace, token: Token, _arguments: Arguments) -> Answer:
    """auth.test."""
    return {
        "url": "https://sandbox.slack.com/",
        "team": "Sandbox",
        "user": token.name,
        "team_id": "T000",
        "user_id": token.user,
        "bot_id": token.bot,
        "is_enterprise_install": False,
    }


def post_message(workspace: Workspace, token: Token, arguments: Arguments) -> Answer:
    """chat.postMessage."""
    channel = _writable(workspace, token, _required(arguments, "channel"))
    message = new_message(workspace, channel, token.user, "api", arguments)
    return {"channel": channel.id, "ts": message.ts, "message": _shown(message, token)}


def post_ephemeral(workspace: Workspace, token: Token, arguments: Arguments) -> Answer:
    """chat.postEphemeral."""
    channel = _writable(workspace, token, _required(arguments, "channel"))
    user = _required(arguments, "user")
    if user not in workspace.users:
        raise SlackError("user_not_in_channel")
    message = new_message(workspace, channel, token.user, "api", arguments)
    message.ephemeral_for = user
    return {"message_ts": message.ts}


def update(workspace: Workspace, token: Token, arguments: Arguments) -> Answer:
    """chat.update: the channel must be given by id and be in use, and the message must be the bot's own."""
    channel = workspace.channel(_required(arguments, "channel"), by_name=False)
    if channel is None:
        raise SlackError("channel_not_found")
    if channel.archived:
        raise SlackError("is_inactive")
    message = workspace.message(channel.id, _required(arguments, "ts"))
    if message is None:
        raise SlackError("message_not_found")
    if message.user != token.user:
        raise SlackError("cant_update_message")
    change_message(workspace, message, arguments)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": _shown(message, token)}


def delete(workspace: Workspace, token: Token, arguments: Arguments) -> Answer:
    """chat.delete."""
    channel = workspace.channel(_required(arguments, "channel"), by_name=False)
    if channel is None:
        raise SlackError("channel_not_found")
    message = workspace.message(channel.id, _required(arguments, "ts"))
    if message is None:
        raise SlackError("message_not_found")
    if message.user != token.user:
        raise SlackError("cant_delete_message")
    workspace.messages.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def permalink(workspace: Workspace, _token: Token, arguments: Arguments) -> Answer:
    """chat.getPermalink."""
    channel = workspace.channel(_required(arguments, "channel"), by_name=False)
    if channel is None:
        raise SlackError("channel_not_found")
    ts = _required(arguments, "message_ts")
    if workspace.message(channel.id, ts) is None:
        raise SlackError("message_not_found")
    return {
        "channel": channel.id,
        "permalink": f"https://sandbox.slack.com/archives/{channel.id}/p{ts.replace('.', '')}",
    }


def conversations_info(workspace: Workspace, token: Token, arguments: Arguments) -> Answer:
    """conversations.info."""
    channel = workspace.channel(_required(arguments, "channel"), by_name=False)
    if channel is None:
        raise SlackError("channel_not_found")
    return {"channel": _channel(channel, token)}


def conversations_list(workspace: Workspace, token: Token, _arguments: Arguments) -> Answer:
    """conversations.list, in one page."""
    channels: list[Json] = [_channel(channel, token) for channel in workspace.channels.values()]
    return {"channels": channels, "response_metadata": {"next_cursor": ""}}


def conversations_join(workspace: Workspace, token: Token, arguments: Arguments) -> Answer:
    """conversations.join."""
    channel = workspace.channel(_required(arguments, "channel"), by_name=False)
    if channel is None:
        raise SlackError("channel_not_found")
    if channel.archived:
        raise SlackError("is_archived")
    channel.members.add(token.user)
    return {"channel": _channel(channel, token)}


def conversations_history(workspace: Workspace, token: Token, arguments: Arguments) -> Answer:
    """conversations.history: newest first, without what was only said in threads."""
    channel = _readable(workspace, token, arguments)
    said = [
        m
        for m in reversed(workspace.messages)
        if m.channel == channel.id and not m.ephemeral_for and (m.thread_ts is None or m.reply_broadcast)
    ]
    return _page(history.between(said, arguments), token, arguments)


def conversations_replies(workspace: Workspace, token: Token, arguments: Arguments) -> Answer:
    """conversations.replies: the parent first, whatever its age, then its replies."""
    channel = _readable(workspace, token, arguments)
    ts = _required(arguments, "ts")
    parent = workspace.message(channel.id, ts)
    if parent is None:
        raise SlackError("thread_not_found")
    replies = [
        m for m in workspace.messages if m.channel == channel.id and not m.ephemeral_for and m.thread_ts == parent.ts
    ]
    return _page([parent, *history.between(replies, arguments)], token, arguments)


def usergroups_list(workspace: Workspace, _token: Token, _arguments: Arguments) -> Answer:
    """usergroups.list."""
    groups: list[Json] = [
        {"id": group_id, "handle": group.handle, "user_count": len(group.users)}
        for group_id, group in workspace.usergroups.items()
    ]
    return {"usergroups": groups}


def usergroups_users_list(workspace: Workspace, _token: Token, arguments: Arguments) -> Answer:
    """usergroups.users.list."""
    group = workspace.usergroups.get(_required(arguments, "usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": [*group.users]}


def users_lookup_by_email(workspace: Workspace, _token: Token, arguments: Arguments) -> Answer:
    """users.lookupByEmail."""
    email = _required(arguments, "email")
    for user_id, user in workspace.users.items():
        if user["email"] == email:
            return {"user": {"id": user_id, "name": user["name"], "profile": {"email": email}}}
    raise SlackError("users_not_found")


def users_info(workspace: Workspace, _token: Token, arguments: Arguments) -> Answer:
    """users.info."""
    user_id = _required(arguments, "user")
    if user_id not in workspace.users:
        raise SlackError("user_not_found")
    return {"user": {"id": user_id, "name": workspace.users[user_id]["name"]}}


METHODS: Mapping[str, tuple[str | None, Method]] = {
    # method: (scope it needs, what it does)
    "auth.test": (None, auth_test),
    "chat.postMessage": ("chat:write", post_message),
    "chat.postEphemeral": ("chat:write", post_ephemeral),
    "chat.update": ("chat:write", update),
    "chat.delete": ("chat:write", delete),
    "chat.getPermalink": (None, permalink),
    "conversations.info": ("channels:read", conversations_info),
    "conversations.list": ("channels:read", conversations_list),
    "conversations.join": ("channels:join", conversations_join),
    # Which scope these need depends on the channel.
    "conversations.history": (None, conversations_history),
    "conversations.replies": (None, conversations_replies),
    "usergroups.list": ("usergroups:read", usergroups_list),
    "usergroups.users.list": ("usergroups:read", usergroups_users_list),
    "users.info": ("users:read", users_info),
    "users.lookupByEmail": ("users:read.email", users_lookup_by_email),
}


def call(workspace: Workspace, method: str, token_text: str | None, arguments: Arguments) -> Answer:
    """Slack's answer to a call of a Web API method."""
    try:
        return {"ok": True, **_called(workspace, method, token_text, arguments)}
    except SlackError as error:
        return error.as_json()


def _called(workspace: Workspace, method: str, token_text: str | None, arguments: Arguments) -> Answer:
    if method not in METHODS:
        raise SlackError("unknown_method", req_method=method)
    token = _authenticated(workspace, token_text)
    scope, does = METHODS[method]
    if scope:
        _demand(token, scope)
    try:
        return does(workspace, token, arguments)
    except history.BadArgument as error:
        raise SlackError(str(error)) from error


def _demand(token: Token, scope: str) -> None:
    if scope not in token.scopes:
        raise SlackError("missing_scope", needed=scope, provided=",".join(token.scopes))


def new_message(workspace: Workspace, channel: Channel, user: str, via: str, arguments: Arguments) -> Message:
    """Checks a message against Slack's limits and keeps it; SlackError when Slack would refuse it."""
    text, blocks, attachments, metadata = _content(arguments)
    thread_ts = arguments.get("thread_ts")
    if thread_ts is not None:
        parent = workspace.message(channel.id, str(thread_ts))
        if parent is None:
            raise SlackError("thread_not_found")
        # An answer to an answer lands in the same thread.
        thread_ts = parent.thread_ts or parent.ts
    message = Message(
        channel=channel.id,
        ts=workspace.next_ts(),
        user=user,
        via=via,
        text=text,
        blocks=blocks,
        attachments=attachments,
        metadata=metadata,
        thread_ts=thread_ts,
        reply_broadcast=history.is_true(arguments.get("reply_broadcast")),
    )
    workspace.messages.append(message)
    return message


def change_message(workspace: Workspace, message: Message, arguments: Arguments) -> None:
    """Checks what a message is to say from now on, and keeps what it said before."""
    text, blocks, attachments, metadata = _content(arguments)
    before = {"ts": workspace.next_ts(), "text": message.text, "blocks": message.blocks, "metadata": message.metadata}
    message.edits.append(before)
    # Leaving blocks out while giving text removes them; metadata stays when it is not given.
    message.text, message.blocks, message.attachments = text, blocks, attachments
    if metadata is not None:
        message.metadata = metadata


def _content(arguments: Arguments) -> tuple[str, list[Any], list[Any], dict[str, Any] | None]:
    text = arguments.get("text")
    if text is not None and not isinstance(text, str):
        raise SlackError("invalid_arguments", ["must provide a string [json-pointer:/text]"])
    blocks, attachments = limits.parsed(arguments.get("blocks")), limits.parsed(arguments.get("attachments"))
    if refused := limits.message_error(text, blocks, attachments):
        raise SlackError(*refused)
    metadata = limits.parsed(arguments.get("metadata"))
    if metadata is not None:
        if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
            raise SlackError("invalid_metadata_format")
        if not isinstance(metadata.get("event_payload"), dict):
            raise SlackError("invalid_metadata_format")
        if len(str(metadata)) > MAX_METADATA:
            raise SlackError("metadata_too_large")
    return text or "", blocks or [], attachments or [], metadata


def _authenticated(workspace: Workspace, token_text: str | None) -> Token:
    if not token_text:
        raise SlackError("not_authed")
    token = workspace.tokens.get(token_text)
    if token is None:
        raise SlackError("invalid_auth")
    if token.state != "ok":
        raise SlackError(token.state)
    return token


def _required(arguments: Arguments, name: str) -> str:
    value = arguments.get(name)
    if value is None or value == "":
        raise SlackError("invalid_arguments", [f"missing required field: {name}"])
    return str(value)


def _writable(workspace: Workspace, token: Token, reference: str) -> Channel:
    channel = workspace.channel(reference)
    if channel is None or (channel.private and token.user not in channel.members):
        raise SlackError("channel_not_found")
    if channel.archived:
        raise SlackError("is_archived")
    if token.user not in channel.members and "chat:write.public" not in token.scopes:
        raise SlackError("not_in_channel")
    return channel


def _readable(workspace: Workspace, token: Token, arguments: Arguments) -> Channel:
    channel = workspace.channel(_required(arguments, "channel"), by_name=False)
    if channel is None or (channel.private and token.user not in channel.members):
        raise SlackError("channel_not_found")
    _demand(token, "groups:history" if channel.private else "channels:history")
    if token.user not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _page(messages: list[Message], token: Token, arguments: Arguments) -> Answer:
    page = history.page(messages, arguments)
    whole = history.is_true(arguments.get("include_all_metadata"))
    shown: list[Json] = []
    for message in page.messages:
        entry = _shown(message, token)
        if message.metadata and not whole:
            entry["metadata"] = {"event_type": message.metadata["event_type"]}
        shown.append(entry)
    return {
        "messages": shown,
        "has_more": bool(page.cursor),
        "response_metadata": {"next_cursor": page.cursor},
    }


def _channel(channel: Channel, token: Token) -> dict[str, Json]:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": True,
        "is_archived": channel.archived,
        "is_member": token.user in channel.members,
    }


def _shown(message: Message, token: Token) -> dict[str, Json]:
    shown: dict[str, Json] = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "bot_id": token.bot,
        "text": message.text,
        "blocks": message.blocks,
    }
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.attachments:
        shown["attachments"] = message.attachments
    if message.metadata:
        shown["metadata"] = message.metadata
    if message.edits:
        shown["edited"] = {"user": message.user, "ts": message.edits[-1]["ts"]}
    return shown
