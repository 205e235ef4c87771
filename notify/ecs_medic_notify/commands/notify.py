"""`ecs-medic notify TEXT`."""

from __future__ import annotations

import argparse
import json
import sys

from ecs_medic_notify.errors import BadInputError
from ecs_medic_notify.identity import Identity
from ecs_medic_notify.notice import Notice
from ecs_medic_notify.notice import notify as post_notice

DESCRIPTION = (
    "Post TEXT to Slack with family:revision, container, cluster, task and zone attached. Where to: SLACK_BOT_TOKEN "
    "and SLACK_CHANNEL, or SLACK_WEBHOOK_URL. Where the task's metadata cannot be read, TEXT is posted all the same, "
    "marked as from an unknown sender, and the exit code is 1."
)
_MOST_INPUT = 64 * 1024
"""Bytes of standard input; Slack shows 3000 characters."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("text", metavar="TEXT", help="what to say; - for standard input")
    parser.add_argument("--channel", metavar="CHANNEL", help="instead of SLACK_CHANNEL; needs SLACK_BOT_TOKEN")
    parser.add_argument(
        "--no-identity", action="store_true", help="leave out who is speaking, and do not ask the endpoint for it"
    )
    parser.add_argument("--json", action="store_true", help="the result as JSON, alone on standard output")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Post; 0, or 1 where the message went out without saying who is speaking."""
    text = _standard_input() if given.text == "-" else given.text
    notice = post_notice(text, channel=given.channel, identify=not given.no_identity)
    if given.json:
        print(json.dumps(_as_json(notice)))
    else:
        print(f"posted to {notice.posted_to}{_as(notice.identity)}")
    if notice.unidentified:
        sys.stderr.write(f"ecs-medic: posted, but without saying who is speaking: {notice.unidentified}\n")
        return 1
    return 0


def _standard_input() -> str:
    try:
        raw = sys.stdin.buffer.read(_MOST_INPUT)
    except (OSError, AttributeError):
        raise BadInputError("TEXT: standard input cannot be read") from None
    return raw.decode("utf-8", "replace")


def _as(who: Identity | None) -> str:
    if who is None:
        return ""
    parts = (who.task_definition, who.container and f"container {who.container}", who.cluster and f"in {who.cluster}")
    return f" as {', '.join(part for part in parts if part)}"


def _as_json(notice: Notice) -> dict[str, object]:
    return {
        "posted_to": notice.posted_to,
        "identity": notice.identity.as_dict() if notice.identity else None,
        "unidentified": notice.unidentified,
    }
