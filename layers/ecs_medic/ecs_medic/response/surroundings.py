"""What the runs of one function share: readers, the ledger, Slack's credentials, and where measurements go."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ecs_medic.aws.reader import Reader, SecondsLeft, no_end
from ecs_medic.finding import JsonValue, NotChecked
from ecs_medic.ledger import controls
from ecs_medic.ledger.rhythm import DEFAULT, Rhythm
from ecs_medic.ledger.table import Table
from ecs_medic.repair.controls import Controls, controls_of
from ecs_medic.response.meter import Meter
from ecs_medic.response.routing import QuietHours
from ecs_medic.slack.credentials import Credentials, SlackCredentialsError
from ecs_medic.slack.delivery import Destination
from ecs_medic.slack.errors import SlackUnavailable


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Executions:
    """The executions that repair. Both raise LambdaFailed where Lambda does not take it, as far as is known.

    `start` is given a run's id; `answer` a callback's id and what it is answered with, and raises CallbackClosed where
    nobody waits for that any more.
    """

    start: Callable[[str], None]
    answer: Callable[[str, Mapping[str, JsonValue]], None]


@dataclass(slots=True)
class Surroundings:
    """Everything outside of one event that answering it takes.

    `owner` names this run and no other. `credentials` reads Slack's secret, None where nothing is to be posted; `fresh`
    reads it anew. `reject` keeps what cannot be used, with the reason. `gap` looks at what would keep alerts from
    coming at all.
    """

    owner: str
    table: Table
    reader: Callable[[str], Reader]
    credentials: Callable[[], Credentials | None]
    renewed: Callable[[], bool]
    """Whether the secret, read anew, holds something else than before."""
    reject: Callable[[object, str], None]
    meter: Meter
    channel: str | None = None
    log: Any = field(default_factory=lambda: logging.getLogger("ecs_medic"))
    now: Callable[[], datetime] = _utc_now
    gap: Callable[[Reader], NotChecked | None] = lambda _: None
    quiet_hours: tuple[QuietHours, ...] = ()
    log_tail_in_slack: bool = True
    buttons: bool = True
    """Whether there is a function that answers clicks."""
    executions: Executions | None = None
    """None where the stack has no function that repairs: then no run is ever started."""
    own_roles: frozenset[str] = frozenset()
    """The stack's own roles, by ARN: what they do is nobody's failure."""
    get_ready: Callable[[str], None] = lambda _: None
    """Told the Region of a diagnosis that is about to be made; what is slow to make for it can be made meanwhile."""
    about: Callable[[str | None], None] = lambda _: None
    """Told which incident the run is about from now on: its log lines and its trace then say so."""
    rhythm: Rhythm = DEFAULT
    seconds_left: SecondsLeft = no_end
    """Until this run is ended by its platform."""

    def destination(self, channel: str | None) -> Destination | None:
        """Where an alert goes: to the channel of its tag, else to the stack's; None where nothing is configured.

        Raises:
            SlackCredentialsError: the secret cannot be used, or holds nothing to post with.
            SlackUnavailable: the secret cannot be read now.
        """
        credentials = self.credentials()
        return credentials.destination(channel or self.channel) if credentials else None

    def controls(self) -> Controls:
        """What may be repaired at all, as the table says now.

        Raises:
            LedgerError: the ledger cannot be used.
        """
        return controls_of(controls.read(self.table))

    @property
    def clicks_are_answered(self) -> bool:
        """Whether a button would be of any use: its click has to be verified."""
        try:
            credentials = self.credentials()
        except (SlackCredentialsError, SlackUnavailable):
            return False
        return bool(self.buttons and credentials and credentials.bot_token and credentials.signing_secret)
