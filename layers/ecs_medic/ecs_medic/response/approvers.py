"""Who may agree to a repair: people who are listed, and members of listed groups of Slack."""

import re
import time
from collections.abc import Callable, Iterable
from threading import Lock

from ecs_medic.slack.credentials import Credentials
from ecs_medic.slack.deadline import within
from ecs_medic.slack.errors import SlackError
from ecs_medic.slack.user_groups import members

KEPT_SECONDS = 60.0
"""For which a group is not asked about again: somebody who has left it may still approve for so long."""
ASK_SECONDS = 0.8
"""Slack waits three seconds for the whole answer to a click."""

_GROUP = re.compile(r"S[A-Z0-9]{2,20}")


class GroupUnknown(Exception):  # noqa: N818 - named after what happened
    """Slack does not tell who belongs to a group; the message says why."""


class Groups:
    """The groups that were asked about lately, in one execution environment."""

    def __init__(
        self, credentials: Callable[[], Credentials | None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` gives seconds."""
        self._credentials = credentials
        self._clock = clock
        self._known: dict[str, tuple[float, frozenset[str]]] = {}
        self._lock = Lock()

    def members(self, group: str) -> frozenset[str]:
        """The users in the group with this id.

        Raises:
            GroupUnknown: Slack does not tell.
            SlackCredentialsError: the secret cannot be used.
        """
        with self._lock:
            asked_at, users = self._known.get(group, (None, frozenset[str]()))
        if asked_at is not None and self._clock() - asked_at < KEPT_SECONDS:
            return users
        credentials = self._credentials()
        token = credentials.bot_token if credentials else None
        if token is None:
            raise GroupUnknown(f"group {group}: there is no bot token to ask Slack with")
        try:
            users = within(ASK_SECONDS, lambda: members(token, group))
        except (SlackError, TimeoutError) as error:
            raise GroupUnknown(f"group {group}: {error}") from None
        with self._lock:
            self._known[group] = (self._clock(), users)
        return users


def may_approve(user: str, approvers: Iterable[str], groups: Groups) -> bool:
    """Whether the user is listed, or a member of a listed group. One yes is enough, whatever another group says.

    Raises:
        GroupUnknown: no, as far as is known; but a group could not be asked about.
        SlackCredentialsError: the secret cannot be used.
    """
    listed = tuple(approvers)
    if user in listed:
        return True
    unknown: GroupUnknown | None = None
    for group in filter(_GROUP.fullmatch, listed):
        try:
            if user in groups.members(group):
                return True
        except GroupUnknown as error:
            unknown = error
    if unknown is not None:
        raise unknown
    return False
