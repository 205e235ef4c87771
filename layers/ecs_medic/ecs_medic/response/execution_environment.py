"""What one execution environment of a Lambda function keeps between its runs: clients, credentials, readers.

Nothing is made before it is needed, and nothing when this module is imported.
"""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from http import HTTPStatus
from threading import Thread
from typing import Any
from uuid import uuid4

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ecs_medic.aws import lambda_calls
from ecs_medic.aws.dead_letters import put_aside
from ecs_medic.aws.errors import is_throttled
from ecs_medic.aws.reader import Reader, SecondsLeft, no_end
from ecs_medic.aws.session import SharedSession
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
from ecs_medic.slack.credentials import Credentials, SlackCredentialsError, read_credentials
from ecs_medic.slack.errors import SlackUnavailable
from ecs_medic.slack.wire import opener

_LEDGER = Config(
    connect_timeout=2,
    read_timeout=4,
    retries={"total_max_attempts": 1},
    # What every event of a storm would pay for: a check of what only the ledger's own code writes, and a name of this
    # program that is put together anew for each call.
    parameter_validation=False,
    user_agent="ecs-medic",
)
"""The ledger retries by itself, and knows what may be written twice."""


RESERVE_SECONDS = 30.0
"""What is left of a run's time for everything but reading: the plan, the ledger, and a Slack that answers slowly."""
_BRIEFLY = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})
"""For what every alert and every click waits for: no one call may take all of a run's time, a click's 10 s included."""
_FIRST_ASKED = ("sts", "ecs", "ec2", "cloudtrail", "route53")
"""Services that nearly every diagnosis asks, in their order."""
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
        self._account: str | None = None
        self._readers: dict[str, Reader] = {}
        self._gaps: dict[str, NotChecked | None] = {}
        self._known: Credentials | None = None
        self._read = False
        self._unreadable: str | None = None
        self._looked_at: float | None = None
        self._published = False

    def surroundings(
        self,
        run: str,
        *,
        now: Callable[[], datetime] | None = None,
        seconds_left: SecondsLeft = no_end,
        account: str | None = None,
    ) -> Surroundings:
        """For one run, which nobody else is named like; `seconds_left` is the time until Lambda ends it.

        `account` is the function's own, where Lambda tells: it stays the same for as long as the environment lives.
        """
        settings = self.settings
        self._account = account or self._account
        self._unreadable = None
        to_read = lambda: seconds_left() - RESERVE_SECONDS  # noqa: E731 - the clock of this run's readers
        return Surroundings(
            # A retry of Lambda bears the same request id as the run that crashed: it must not pass for it.
            owner=f"{run}.{uuid4().hex[:8]}",
            table=self.table,
            reader=lambda region: self._reader(region).again(to_read),
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
            get_ready=self._get_ready,
            about=self._about,
            rhythm=self._rhythm,
            seconds_left=seconds_left,
        )

    @cached_property
    def _session(self) -> SharedSession:
        return SharedSession()

    @cached_property
    def table(self) -> Table:
        """The ledger."""
        return Table(self._session.client("dynamodb", config=_LEDGER), str(self.settings.ledger_table))

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
    def _secrets(self) -> Any:
        return self._session.client("secretsmanager", config=_BRIEFLY)

    @cached_property
    def groups(self) -> Groups:
        """The groups of Slack whose members may approve."""
        return Groups(self.credentials)

    @cached_property
    def _lambda(self) -> Any:
        return self._session.client("lambda", config=lambda_calls.CONFIG)

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
            SlackUnavailable: it cannot be read now.
        """
        if not self._read and self.settings.slack_secret:
            self._known = read_credentials(self._secret_value, self.settings.slack_secret)
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
            self._readers[region] = Reader(region, session=self._session, account=self._account)
        return self._readers[region]

    def _get_ready(self, region: str) -> None:
        """Once: to make clients takes processor time, to ask the ledger and AWS takes patience; at the same time."""
        if region not in self._readers:
            reader = self._reader(region)
            Thread(target=self._make, args=(reader,), name="get-ready", daemon=True).start()

    def _make(self, reader: Reader) -> None:
        # What is wrong with them is told to whoever uses them.
        with suppress(BotoCoreError):
            reader.get_ready(_FIRST_ASKED)
            if self.settings.slack_secret:
                _ = self._secrets
                opener()

    def _reject(self, event: object, reason: str) -> None:
        self._log.error("rejected event", extra={"reason": reason})
        if self.settings.dead_letter_queue_url is not None:
            queue = self._session.client("sqs", config=_BRIEFLY)
            put_aside(queue, self.settings.dead_letter_queue_url, event, reason)

    def _gap_in_exec_alerts(self, reader: Reader) -> NotChecked | None:
        """Looked for on the first run that gets an answer: a trail is made or removed once in a year."""
        if reader.region in self._gaps:
            return self._gaps[reader.region]
        failed_before = len(reader.failures)
        gap = check_of_exec_alerts(reader)
        if all(one.missing_permission for one in reader.failures[failed_before:]):
            self._gaps[reader.region] = gap
        if gap:
            self._log.warning("failed ECS Exec calls may raise no alert", extra={"reason": gap.reason})
        return gap

    def _secret_value(self, name: str) -> str:
        if self._unreadable is not None:
            # A run waits for it once: else what is to be told of many alerts would be told of hardly any.
            raise SlackUnavailable(self._unreadable)
        try:
            value: str | None = self._secrets.get_secret_value(SecretId=name).get("SecretString")
        except ClientError as error:
            if not _passes(error):
                raise SlackCredentialsError(f"secret: cannot be read: {error}") from error
            raise self._not_now(error) from error
        except BotoCoreError as error:
            raise self._not_now(error) from error
        if value is None:
            raise SlackCredentialsError("secret: is binary; expected text")
        return value

    def _not_now(self, error: Exception) -> SlackUnavailable:
        self._unreadable = f"the secret cannot be read: {error}"
        return SlackUnavailable(self._unreadable)


def _passes(error: ClientError) -> bool:
    """Whether Secrets Manager is busy or failed by itself; anything else a person has to change."""
    code = str(error.response.get("Error", {}).get("Code") or "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0
    return is_throttled(code) or status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
