"""The stack's functions in an embedded account, run by this very process."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import diagnose
import preflight
import remediate
import slack_actions
import sweep
from ecs_medic.ledger.table import Table
from sandbox import stack
from sandbox.client import Sandbox

HANDLERS = (diagnose, preflight, remediate, slack_actions, sweep)


@dataclass(frozen=True)
class Context:
    """As much of Lambda's context as the handlers ask for."""

    aws_request_id: str
    seconds_left: float = 90.0

    def get_remaining_time_in_millis(self) -> float:
        return self.seconds_left * 1000


@dataclass
class Deployment:
    account: Sandbox
    settings: Mapping[str, str]
    runs: int = field(default=0)

    def handle(self, event: object) -> dict[str, Any]:
        return self._run(diagnose, event)

    def sweep(self) -> dict[str, Any]:
        return self._run(sweep, {"source": "aws.events"})

    def click(self, event: object) -> dict[str, Any]:
        return self._run(slack_actions, event)

    def _run(self, module: ModuleType, event: object) -> dict[str, Any]:
        self.runs += 1
        answer: dict[str, Any] = module.handler(event, Context(f"request-{self.runs}"))
        # What Lambda could not put into JSON, it would fail on.
        in_json: dict[str, Any] = json.loads(json.dumps(answer))
        return in_json

    def dead_letters(self) -> list[dict[str, Any]]:
        queue = self.settings["DEAD_LETTER_QUEUE_URL"]
        messages = self.account.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in messages.get("Messages", [])]

    def messages(self) -> list[dict[str, Any]]:
        """Those in the channel itself, for everybody."""
        return [
            one for one in self.account.slack_messages() if not one.get("thread_ts") and not one.get("ephemeral_for")
        ]

    @property
    def table(self) -> Table:
        return Table(self.account.client("dynamodb"), self.settings["LEDGER_TABLE"])

    def put_secret(self, value: str) -> None:
        self.account.client("secretsmanager").put_secret_value(SecretId=stack.SECRET, SecretString=value)


def forget() -> None:
    """A new execution environment for every function."""
    for module in HANDLERS:
        module._environment.cache_clear()
