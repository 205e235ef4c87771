"""`notify`: one message to Slack that says which task is speaking."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from ecs_medic_notify.endpoint import metadata
from ecs_medic_notify.errors import BadInputError, MetadataError
from ecs_medic_notify.identity import Identity, identity_of
from ecs_medic_notify.message import clean, message
from ecs_medic_notify.slack import destination, post


@dataclass(frozen=True)
class Notice:
    """What was posted where. `identity` is None where it could not be told; `unidentified` then says why."""

    posted_to: str
    identity: Identity | None
    unidentified: str | None = None


def notify(
    text: str, *, channel: str | None = None, identify: bool = True, environment: Mapping[str, str] | None = None
) -> Notice:
    """Post `text` with family:revision, container, cluster, task and zone attached.

    Where to, the environment says: SLACK_BOT_TOKEN with SLACK_CHANNEL (or `channel`), else SLACK_WEBHOOK_URL.
    A notice is not lost over its signature: where the metadata cannot be read, it is posted all the same, and says
    that its sender is unknown and why; so does the result. `identify=False` leaves the signature out.

    Raises:
        BadInputError: there is no text, or nowhere to post to; nothing was sent.
        SlackError: the message did not arrive.
    """
    if not clean(str(text)).strip():
        raise BadInputError("text: is empty, expected what to say")
    to = destination(environment, channel)
    who, unidentified = _who(environment) if identify else (None, None)
    post(to, message(str(text), who, unidentified, socket.gethostname() if unidentified else None))
    return Notice(to.name, who, unidentified)


def _who(environment: Mapping[str, str] | None) -> tuple[Identity | None, str | None]:
    try:
        return identity_of(metadata(os.environ if environment is None else environment)), None
    except MetadataError as error:
        return None, str(error)
