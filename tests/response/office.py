"""The stack in the embedded account, answered by this very process, with a clock that the test sets."""

import copy
import hashlib
import itertools
import logging
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ecs_medic.aws.lambda_calls import CallbackClosed, LambdaFailed
from ecs_medic.aws.reader import Reader
from ecs_medic.ledger import controls
from ecs_medic.ledger.rhythm import DEFAULT, Rhythm
from ecs_medic.ledger.table import Table
from ecs_medic.response.approvers import Groups
from ecs_medic.response.desk import Desk
from ecs_medic.response.meter import Metric
from ecs_medic.response.respond import Response, respond
from ecs_medic.response.routing import QuietHours
from ecs_medic.response.surroundings import Executions, Surroundings
from ecs_medic.response.sweep import Swept, sweep
from ecs_medic.slack.credentials import Credentials
from sandbox import ledger_table
from sandbox.client import SLACK_BOT_TOKEN, Sandbox

CHANNEL = "C0OPS"
OWN_ROLE = "arn:aws:iam::123456789012:role/ecs-medic-RemedyRole-1A2B"
TIMES = frozenset(
    {"time", "createdAt", "startedAt", "stoppingAt", "stoppedAt", "updatedAt", "pullStartedAt", "executionStoppedAt"}
)
"""The fields of a stop event that hold a time."""


@dataclass
class Office:
    """Answers events as the functions would, in any number of threads."""

    account: Sandbox
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    credentials: Credentials | None = field(
        default_factory=lambda: Credentials(bot_token=SLACK_BOT_TOKEN, signing_secret="s" * 32)
    )
    rejected: list[tuple[object, str]] = field(default_factory=list)
    metrics: Counter[Metric] = field(default_factory=Counter)
    rhythm: Rhythm = DEFAULT
    quiet_hours: tuple[QuietHours, ...] = ()
    log_tail_in_slack: bool = True
    repairs: bool = False
    """Whether the stack has a function that repairs."""
    lambda_is_away: bool = False
    seconds_left: float = math.inf
    """Of each run, at any moment of it."""
    seconds_to_read: float = math.inf
    """Of these, those in which AWS may be read."""
    secret_fails: Exception | None = None
    """What reading Slack's credentials meets."""
    started: list[str] = field(default_factory=list)
    """The runs whose execution was started, each as often as that was."""
    answered: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    """The callbacks that were answered, and with what."""

    def __post_init__(self) -> None:
        self._runs = itertools.count(1)
        self.table = Table(self.account.client("dynamodb"), ledger_table.create(self.account))
        self._readers: dict[str, Reader] = {}

    def around(self, reader: Reader | None = None) -> Surroundings:
        def meter(metric: Metric, value: float = 1) -> None:
            self.metrics[metric] += 1 if metric is Metric.TIME_TO_ALERT else int(value)

        return Surroundings(
            owner=f"run-{next(self._runs)}",
            table=self.table,
            reader=lambda region: (
                reader.again() if reader else Reader(region, seconds_left=lambda: self.seconds_to_read)
            ),
            credentials=self._credentials,
            renewed=lambda: False,
            reject=lambda event, reason: self.rejected.append((event, reason)),
            meter=meter,
            channel=CHANNEL,
            now=lambda: self.now,
            quiet_hours=self.quiet_hours,
            log_tail_in_slack=self.log_tail_in_slack,
            rhythm=self.rhythm,
            executions=Executions(self._start, self.answer) if self.repairs else None,
            own_roles=frozenset({OWN_ROLE}),
            seconds_left=lambda: self.seconds_left,
        )

    def _credentials(self) -> Credentials | None:
        if self.secret_fails is not None:
            raise self.secret_fails
        return self.credentials

    def _start(self, run_id: str) -> None:
        if self.lambda_is_away:
            raise LambdaFailed("TooManyRequestsException: Rate exceeded")
        self.started.append(run_id)

    def answer(self, callback_id: str, answer: Mapping[str, Any]) -> None:
        if self.lambda_is_away:
            raise LambdaFailed("TooManyRequestsException: Rate exceeded")
        if callback_id in dict(self.answered):
            raise CallbackClosed("ResourceNotFoundException: it was answered before")
        self.answered.append((callback_id, dict(answer)))

    def desk(self) -> Desk:
        """Where clicks are taken in."""
        return Desk(
            owner=f"click-{next(self._runs)}",
            table=self.table,
            credentials=lambda: self.credentials,
            renewed=lambda: False,
            groups=Groups(lambda: self.credentials),
            answer=self.answer,
            now=lambda: self.now,
            log=logging.getLogger("ecs_medic"),
        )

    def allow(self, mode: str, **more: Any) -> None:
        """What the stack's parameters say about repairs."""
        self.repairs = True
        controls.publish(self.table, {"mode": mode, "approvers": ["U0ALICE"], **more})

    def respond(self, event: object, reader: Reader | None = None) -> Response:
        return respond(event, self.around(reader))

    def sweep(self) -> Swept:
        return sweep(self.around())

    def pass_time(self, **by: float) -> None:
        self.now += timedelta(**by)
        # Messages are looked for by their time: it passes for Slack as well.
        self.account.put_slack_forward((self.now - datetime.now(UTC)).total_seconds())

    def messages(self) -> list[dict[str, Any]]:
        """Those in the channel itself."""
        return [one for one in self.account.slack_messages() if one["channel"] == CHANNEL and not one.get("thread_ts")]

    def answers(self) -> list[dict[str, Any]]:
        """Those in threads."""
        return [one for one in self.account.slack_messages() if one.get("thread_ts")]


def another_task(event: Mapping[str, Any], number: int, *, later: timedelta = timedelta()) -> dict[str, Any]:
    """The same failure of the service's next task."""
    other = copy.deepcopy(dict(event))
    arn = other["detail"]["taskArn"]
    name = hashlib.md5(f"{arn}{number}".encode()).hexdigest()
    other["id"] = f"00000000-0000-0000-0000-{number:012d}"
    other["detail"]["taskArn"] = f"{arn.rsplit('/', 1)[0]}/{name}"
    other["resources"] = [other["detail"]["taskArn"]]
    for fields in (other, other["detail"]):
        for name in fields.keys() & TIMES:
            fields[name] = (datetime.fromisoformat(fields[name]) + later).isoformat().replace("+00:00", "Z")
    return other


def words(message: dict[str, Any]) -> str:
    """Everything that a message says."""
    return "\n".join(_texts(message["blocks"]))


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return []
