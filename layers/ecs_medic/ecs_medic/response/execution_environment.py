"""What one execution environment of a Lambda function keeps between its runs: clients, credentials, readers.

Nothing is made before it is needed, and nothing when this module is imported.
"""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import uuid4

import boto3
from botocore.config import Config

from ecs_medic.aws import lambda_calls
from ecs_medic.aws.dead_letters import put_aside
from ecs_medic.aws.reader import Reader
from ecs_medic.collect.trail import check_of_exec_alerts
from ecs_medic.finding import JsonValue, NotChecked
from ecs_medic.ledger import controls
from ecs_medic.ledger.rhythm import Rhythm
from ecs_medic.ledger.table import Table
from ecs_medic.repair.controls import Mode
from ecs_medic.response.approvers import Groups
from ecs_medic.response.meter import Meter
from ecs_medic.response.routing import BadQuietHoursError, QuietHours, quiet_hours_from
from ecs_medic.response.surroundings import Executions, Surroundings
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
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`log` is a Powertools logger; `about` is told which incident a run is about. `now` is the runs' clock.

        Raises:
            BadSettingError: the name of the table is missing.
        """
        if settings.ledger_table is None:
            raise BadSettingError("LEDGER_TABLE: expected the name of the stack's DynamoDB table, got nothing")
        self.settings = settings
        self.now = now
        self._log = log
        self._meter = meter
        self._about = about
        self._rhythm = rhythm or Rhythm()
        self._readers: dict[str, Reader] = {}
        self._gaps: dict[str, NotChecked | None] = {}
        self._known: Credentials | None = None
        self._read = False
        self._looked_at: float | None = None
        self._published = False

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
            now=now or self.now,
            gap=self._gap_in_exec_alerts,
            quiet_hours=self._quiet_hours,
            log_tail_in_slack=settings.log_tail_in_slack,
            buttons=settings.slack_buttons,
            executions=Executions(self._start, self.answer) if settings.remediate_function else None,
            own_roles=settings.own_roles,
            about=self._about,
            rhythm=self._rhythm,
        )

    @cached_property
    def table(self) -> Table:
        """The ledger."""
        return Table(boto3.client("dynamodb", config=_LEDGER), str(self.settings.ledger_table))

    def publish_controls(self) -> None:
        """Have the table say what the stack's parameters say about repairs; once, where they say anything.

        What cannot be read allows nothing.

        Raises:
            LedgerError: the ledger cannot be used.
        """
        given = self.settings.repair_controls
        if given is None or self._published:
            return
        try:
            said = json.loads(given)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            self._log.error("REPAIR_CONTROLS: expected a JSON object; nothing is repaired")
            said = {"mode": Mode.OBSERVE.value}
        controls.publish(self.table, said)
        self._published = True

    @cached_property
    def groups(self) -> Groups:
        """The groups of Slack whose members may approve."""
        return Groups(self.credentials)

    @cached_property
    def _lambda(self) -> Any:
        return boto3.client("lambda", config=lambda_calls.CONFIG)

    def _start(self, run_id: str) -> None:
        function = str(self.settings.remediate_function)
        lambda_calls.start_execution(self._lambda, function, run_id, {"run_id": run_id})

    def answer(self, callback_id: str, answer: Mapping[str, JsonValue]) -> None:
        """Let the run that waits with this callback go on.

        Raises:
            CallbackClosed: it does not wait any more.
            LambdaFailed: Lambda did not take the answer, as far as is known.
        """
        lambda_calls.send_callback(self._lambda, callback_id, answer)

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
