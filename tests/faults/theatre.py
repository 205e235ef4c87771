"""One scenario of the gallery, built once, whose event is answered again and again while AWS misbehaves.

The handlers are the real ones; Lambda's way with an event that fails is played: two more attempts, then its on-failure
destination. Between two performances only the ledger, Slack and the faults are cleared.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.retries import standard

import diagnose
import sweep
from ecs_medic.aws import clients
from ecs_medic.ledger import diagnoses
from ecs_medic.ledger.table import Table
from ecs_medic.response import execution_environment
from ecs_medic.response.execution_environment import ExecutionEnvironment
from ecs_medic.response.observed import Observed
from ecs_medic.settings import Settings
from sandbox import stack
from sandbox.client import Sandbox
from sandbox.gallery import build
from tests.functions.deployment import Context

ATTEMPTS = 3
"""Of Lambda, for an event that comes by EventBridge."""
IMPATIENT = Config(connect_timeout=1, read_timeout=1)
"""Sooner, and as often as the product's own clients."""


@dataclass
class Performance:
    """What came of one event."""

    answer: dict[str, Any] | None = None
    """None where every attempt failed: the event is then in the dead-letter queue."""
    failures: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)
    """As the ledger keeps it; empty where nothing was diagnosed."""
    said: str = ""
    """Everything that the channel holds."""
    hits: int = 0
    calls: Counter[str] = field(default_factory=Counter)

    @property
    def is_dead(self) -> bool:
        """Whether Lambda has given the event up."""
        return self.answer is None

    @property
    def confirmed(self) -> list[dict[str, Any]]:
        """The findings that are called confirmed."""
        return [one for one in self.report.get("findings", ()) if one["confidence"] == "confirmed"]


class Theatre:
    """The stack and one scenario in an account."""

    def __init__(self, account: Sandbox, name: str, patch: pytest.MonkeyPatch) -> None:
        account.reset(seed=1)
        self.account = account
        self._patch = patch
        self._settings = stack.deploy(account)
        for variable, value in (account.environment | self._settings).items():
            patch.setenv(variable, value)
        self.scenario = build(account, name)
        self._observed = Observed()
        self._environments: dict[bool, ExecutionEnvironment] = {}
        self._offset = timedelta()
        self._runs = 0
        self._performed: Performance | None = None

    def baseline(self) -> Performance:
        """The event where nothing is wrong with AWS's answers."""
        if self._performed is None:
            self._performed = self.perform()
        return self._performed

    def perform(self, *faults: Mapping[str, Any], impatient: bool = False) -> Performance:
        """The event, with these faults in force while it is answered."""
        self._clear(impatient)
        for fault in faults:
            self.account.fault(**fault)
        done = Performance()
        for _ in range(ATTEMPTS):
            try:
                done.answer = self._run(diagnose, self.scenario.event, impatient)
                break
            except Exception as error:  # noqa: BLE001 - Lambda does not ask which one it was
                done.failures.append(f"{type(error).__name__}: {error}")
            self._offset += timedelta(minutes=1)
        done.hits = sum(one["hits"] for one in self.account.faults())
        done.calls = Counter(f"{one['service']}:{one['operation']}" for one in self.account.calls())
        self.account.clear_faults()
        self._look(done)
        return done

    def recover(self, done: Performance) -> Performance:
        """AWS answers again: the sweeps of the next hours, and the dead letter put back by hand."""
        after = Performance(answer=done.answer, failures=done.failures)
        for minutes in (2, 10, 60):
            self._offset += timedelta(minutes=minutes)
            self._run(sweep, None, impatient=False)
        if done.is_dead:
            after.answer = self._run(diagnose, self.scenario.event, impatient=False)
        self._look(after)
        return after

    def _look(self, done: Performance) -> None:
        messages = self.account.slack_messages()
        done.said = json.dumps(messages, ensure_ascii=False)
        ids = {one["sk"]["S"]: one for one in self._items()}
        incident_id = next((one["pk"]["S"].partition("#")[2] for sk, one in ids.items() if sk == "report"), None)
        table = Table(self.account.client("dynamodb"), self._settings["LEDGER_TABLE"])
        kept = diagnoses.report_of(table, incident_id) if incident_id else None
        if kept is not None and isinstance(kept.document, Mapping):
            done.report = json.loads(json.dumps(kept.document["report"]))

    @property
    def posted(self) -> int:
        """Messages in the channel itself."""
        return sum(1 for one in self.account.slack_messages() if not one.get("thread_ts"))

    def _run(self, module: Any, event: object, impatient: bool) -> dict[str, Any]:
        environment = self._environment(impatient)
        self._runs += 1
        with self._as(environment, module, impatient=impatient):
            answer: dict[str, Any] = module.handler(event, Context(f"request-{self._runs}"))
        return answer

    @contextmanager
    def _as(self, environment: ExecutionEnvironment, module: Any, *, impatient: bool) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            if impatient:
                patch.setattr(execution_environment, "_BRIEFLY", execution_environment._BRIEFLY.merge(IMPATIENT))
            patch.setattr(module, "_environment", lambda: (environment, self._observed))
            yield

    def _environment(self, impatient: bool) -> ExecutionEnvironment:
        if impatient not in self._environments:
            with pytest.MonkeyPatch.context() as patch:
                if impatient:
                    patch.setattr(clients, "_CONFIG", clients._CONFIG.merge(IMPATIENT))
                environment = ExecutionEnvironment(
                    Settings.from_environment({**self._settings, "AWS_REGION": "eu-west-1"}),
                    self._observed.log,
                    self._observed.meter,
                    now=lambda: datetime.now(UTC) + self._offset,
                )
                # The readers keep their clients' configuration from when they are made.
                environment._reader("eu-west-1")
                config = execution_environment._LEDGER
                client = boto3.client("dynamodb", config=config.merge(Config(read_timeout=2)) if impatient else config)
                environment.__dict__["table"] = Table(
                    client, self._settings["LEDGER_TABLE"], sleep=lambda _: None, retry_seconds=0.5
                )
            self._environments[impatient] = environment
        return self._environments[impatient]

    def _clear(self, impatient: bool) -> None:
        """As a new execution environment would find it, but for the clients, which are slow to make."""
        environment = self._environment(impatient)
        environment._gaps.clear()
        environment._read, environment._known = False, None
        for reader in environment._readers.values():
            reader._account = None
        self._offset = timedelta()
        self.account.clear_faults()
        self.account.clear_slack()
        client, table = self.account.client("dynamodb"), self._settings["LEDGER_TABLE"]
        for item in self._items():
            client.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
        self.account.clear_calls()

    def _items(self) -> list[dict[str, Any]]:
        answer = self.account.client("dynamodb").scan(TableName=self._settings["LEDGER_TABLE"])
        items: list[dict[str, Any]] = answer["Items"]
        return items


def without_pauses(patch: pytest.MonkeyPatch) -> None:
    """botocore's retries come at once."""
    patch.setattr(standard.ExponentialBackoff, "delay_amount", lambda *_: 0.0)
