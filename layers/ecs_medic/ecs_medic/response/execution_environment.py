"""What one execution environment of a Lambda function keeps between its runs: clients, credentials, readers.

Nothing is made before it is needed, and nothing when this module is imported.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import uuid4

import boto3
from botocore.config import Config

from ecs_medic.aws.dead_letters import put_aside
from ecs_medic.aws.reader import Reader
from ecs_medic.collect.trail import check_of_exec_alerts
from ecs_medic.finding import NotChecked
from ecs_medic.ledger.rhythm import Rhythm
from ecs_medic.ledger.table import Table
from ecs_medic.response.meter import Meter
from ecs_medic.response.routing import BadQuietHoursError, QuietHours, quiet_hours_from
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.settings import BadSettingError, Settings
from ecs_medic.slack.credentials import Credentials, read_credentials

_LEDGER = Config(connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 1})
"""The ledger retries by itself, and knows what may be written twice."""


_SECONDS_BETWEEN_LOOKS = 60.0


class ExecutionEnvironment:
    """Made once for each; every run asks it for its surroundings."""

    def __init__(
        self,
        settings: Settings,
        log: Any,
        meter: Meter,
        about: Callable[[str | None], None] = lambda _: None,
        *,
        rhythm: Rhythm | None = None,
    ) -> None:
        """`log` is a Powertools logger; `about` is told which incident a run is about.

        Raises:
            BadSettingError: the name of the table is missing.
        """
        if settings.ledger_table is None:
            raise BadSettingError("LEDGER_TABLE: expected the name of the stack's DynamoDB table, got nothing")
        self.settings = settings
        self._log = log
        self._meter = meter
        self._about = about
        self._rhythm = rhythm or Rhythm()
        self._readers: dict[str, Reader] = {}
        self._gaps: dict[str, NotChecked | None] = {}
        self._known: Credentials | None = None
        self._read = False
        self._looked_at: float | None = None

    def surroundings(self, run: str, *, now: Callable[[], datetime] | None = None) -> Surroundings:
        """For one run, which nobody else is named like."""
        settings = self.settings
        return Surroundings(
            # A retry of Lambda bears the same request id as the run that crashed: it must not pass for it.
            owner=f"{run}.{uuid4().hex[:8]}",
            table=self.table,
            reader=self._reader,
            credentials=self.credentials,
            renewed=self.renewed,
            reject=self._reject,
            meter=self._meter,
            channel=settings.slack_channel,
            log=self._log,
            now=now or (lambda: datetime.now(UTC)),
            gap=self._gap_in_exec_alerts,
            quiet_hours=self._quiet_hours,
            log_tail_in_slack=settings.log_tail_in_slack,
            buttons=settings.slack_buttons,
            about=self._about,
            rhythm=self._rhythm,
        )

    @cached_property
    def table(self) -> Table:
        """The ledger."""
        return Table(boto3.client("dynamodb", config=_LEDGER), str(self.settings.ledger_table))

    @cached_property
    def _quiet_hours(self) -> tuple[QuietHours, ...]:
        """None where they cannot be read: an alert at night is better than no alert at all."""
        try:
            return quiet_hours_from(self.settings.quiet_hours or "")
        except BadQuietHoursError as error:
            self._log.error("QUIET_HOURS are not kept", extra={"reason": str(error)})
            return ()

    def credentials(self) -> Credentials | None:
        """Slack's, read once; None where no secret is configured.

        Raises:
            SlackCredentialsError: the secret cannot be used.
        """
        if not self._read and self.settings.slack_secret:
            self._known = read_credentials(_secret_value, self.settings.slack_secret)
            self._read = True
        return self._known

    def renewed(self) -> bool:
        """Whether Slack's secret, read again, holds something else than before."""
        before, self._read = self._known, False
        return self.credentials() != before

    def renewed_lately(self) -> bool:
        """The same, at most once a minute: whoever can send requests here must not make it read secrets."""
        now = time.monotonic()
        if self._looked_at is not None and now - self._looked_at < _SECONDS_BETWEEN_LOOKS:
            return False
        self._looked_at = now
        return self.renewed()

    def _reader(self, region: str) -> Reader:
        if region not in self._readers:
            self._readers[region] = Reader(region)
        return self._readers[region].again()

    def _reject(self, event: object, reason: str) -> None:
        self._log.error("rejected event", extra={"reason": reason})
        if self.settings.dead_letter_queue_url is not None:
            put_aside(boto3.client("sqs"), self.settings.dead_letter_queue_url, event, reason)

    def _gap_in_exec_alerts(self, reader: Reader) -> NotChecked | None:
        """Looked for on the first run: a trail is made or removed once in a year."""
        if reader.region not in self._gaps:
            gap = self._gaps[reader.region] = check_of_exec_alerts(reader)
            if gap:
                self._log.warning("failed ECS Exec calls may raise no alert", extra={"reason": gap.reason})
        return self._gaps[reader.region]


def _secret_value(name: str) -> str:
    value: str = boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    return value
