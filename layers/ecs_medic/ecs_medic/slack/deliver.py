"""Posts, edits and finds finished messages. What a message says is none of its business.

`SLACK_API_URL` in the environment stands in for Slack's own address. Every function raises SlackRejected where Slack
will not have it until a person changes something, and SlackUnavailable where trying again may help; none waits longer
than a moment for that, and none takes longer than a few times `wire.DEADLINE_SECONDS`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ecs_medic.slack import history, response_url, web_api, wire
from ecs_medic.slack.delivery import Channel, Delivery, Destination, Message, Webhook
from ecs_medic.slack.errors import SlackHistoryUnavailable, SlackRejected, SlackUnavailable
from ecs_medic.slack.metadata import Metadata


def post(
    message: Message,
    destination: Destination,
    *,
    thread_ts: str | None = None,
    metadata: Metadata | None = None,
    broadcast: bool = False,
) -> Delivery:
    """Posts `message`; with `thread_ts`, as an answer to that message, and with `broadcast` in the channel as well.

    A webhook cannot answer: a message for a thread is refused there with ValueError, before anything is sent. Nor can
    what it posted be found again, so that `metadata` stays behind.

    Raises SlackMessageGone, too, where the message to answer is gone.
    """
    if isinstance(destination, Channel):
        return _by_token(message, destination, thread_ts, metadata, broadcast=broadcast)
    if thread_ts is not None:
        raise ValueError("an incoming webhook cannot answer in a thread")
    return _by_webhook(message, destination)


def edit(message: Message, destination: Channel, delivery: Delivery, metadata: Metadata | None = None) -> None:
    """Lets the message at `delivery` say `message`; without `metadata`, it keeps its own. Editing twice does no harm.

    Raises SlackMessageGone where the message was deleted or takes no change any more: the caller posts anew. ValueError
    where `delivery` names no message, as after a webhook's.
    """
    channel, ts = delivery.channel, delivery.ts
    if channel is None or ts is None:
        raise ValueError("what a webhook posted cannot be edited")
    web_api.write(
        destination.token,
        "chat.update",
        {
            "channel": channel,
            "ts": ts,
            "text": message.text,
            "blocks": _blocks(message),
            "metadata": metadata.as_json() if metadata else None,
            # As chat.postMessage does by itself; here, the default would make links of words.
            "parse": "none",
        },
        about_message=True,
    )


def find(destination: Channel, metadata: Metadata, *, since: datetime, thread_ts: str | None = None) -> Delivery | None:
    """The message with this mark, posted after `since` in the channel, or in the thread of `thread_ts`; None: none is.

    The channel must be given by its id, the app must be in it, and needs the scope `channels:history` (in a private
    channel: `groups:history`). SlackRejected (missing_scope, not_in_channel, channel_not_found, history_too_long …)
    means that it cannot be told; so, for now, does SlackUnavailable.
    """
    ts = history.look_for(destination, metadata, since=since, thread_ts=thread_ts)
    return Delivery(destination.channel, ts, found=True) if ts else None


def post_once(
    message: Message,
    destination: Destination,
    metadata: Metadata,
    *,
    since: datetime,
    attempted_before: bool,
    patient: bool = True,
    thread_ts: str | None = None,
    broadcast: bool = False,
) -> Delivery:
    """Posts `message`, unless an earlier attempt with the same `metadata` arrived although its answer was lost.

    `attempted_before`: a post with this `metadata` was begun at or after `since`, and nobody knows how it ended. Then
    the message is looked for first, and a Delivery that was `found` still says what it said then. Where the channel's
    history cannot be read at all, posting wins over silence: that is the one case in which a message may stand there
    twice. Where it cannot be read for now, SlackHistoryUnavailable is raised and nothing is posted, unless the caller
    is not `patient` any more: then posting wins as well.
    """
    if attempted_before and isinstance(destination, Channel):
        try:
            found = find(destination, metadata, since=since, thread_ts=thread_ts)
        except SlackRejected:
            found = None
        except SlackUnavailable as error:
            if patient:
                raise SlackHistoryUnavailable(error.reason, retry_after=error.retry_after) from error
            found = None
        if found:
            return found
    return post(message, destination, thread_ts=thread_ts, metadata=metadata, broadcast=broadcast)


def respond(url: str, message: Message, *, replace_original: bool = False) -> None:
    """Answers a click at its `response_url`: to the person who clicked alone, or in place of the message clicked on.

    The address works five times in thirty minutes. ResponseUrlError, before anything is sent, where it is not Slack's.
    """
    response_url.check(url)
    how = {"replace_original": True} if replace_original else {"replace_original": False, "response_type": "ephemeral"}
    _to_secret_address(url, {"text": message.text, "blocks": _blocks(message), **how})


def _by_token(
    message: Message, destination: Channel, thread_ts: str | None, metadata: Metadata | None, *, broadcast: bool
) -> Delivery:
    answer = web_api.write(
        destination.token,
        "chat.postMessage",
        {
            "channel": destination.channel,
            "text": message.text,
            "blocks": _blocks(message),
            "thread_ts": thread_ts,
            "reply_broadcast": True if broadcast and thread_ts else None,
            "metadata": metadata.as_json() if metadata else None,
            "unfurl_links": False,
            "unfurl_media": False,
        },
        about_message=thread_ts is not None,
    )
    channel, ts = answer.get("channel"), answer.get("ts")
    if not isinstance(channel, str) or not isinstance(ts, str):
        raise SlackUnavailable("the answer names no channel and ts", may_have_arrived=True)
    return Delivery(channel, ts)


def _by_webhook(message: Message, destination: Webhook) -> Delivery:
    said = {"text": message.text, "blocks": _blocks(message), "unfurl_links": False, "unfurl_media": False}
    _to_secret_address(destination.url, said)
    return Delivery()


def _to_secret_address(url: str, said: Mapping[str, Any]) -> None:
    """To an address that is as good as a password: a webhook, or the `response_url` of a click."""
    body = wire.json_body(said)
    wire.patiently(lambda: _accepted(wire.sent(url, body, {"Content-Type": wire.JSON})))


def _accepted(answer: wire.Answer) -> None:
    """Nothing, where a webhook or a response_url took the message; else what its answer means is raised."""
    body = answer.body.strip()
    said = answer.as_object()
    if answer.is_ok and (body == "ok" or said.get("ok") is True):
        return
    # A refusal is one bare word; under 200 there is no such thing, so that anything else is somebody else's answer.
    word = said.get("error") or (None if answer.is_ok else body)
    raise wire.refusal(answer.status, answer.headers, wire.code_of(word))


def _blocks(message: Message) -> list[dict[str, Any]]:
    return [dict(block) for block in message.blocks]
