"""Where clicks are taken in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecs_medic.finding import JsonValue
from ecs_medic.ledger import controls
from ecs_medic.ledger.table import Table
from ecs_medic.repair.controls import Controls, controls_of
from ecs_medic.response.approvers import Groups
from ecs_medic.slack.credentials import Credentials


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything outside of one click that answering it takes.

    `owner` names this run and no other. `renewed` reads Slack's secret again: whether it holds something else by now.
    `answer` gives the execution that waits with a callback what it waits for: see `lambda_calls.send_callback`.
    """

    owner: str
    table: Table
    credentials: Callable[[], Credentials | None]
    renewed: Callable[[], bool]
    groups: Groups
    answer: Callable[[str, Mapping[str, JsonValue]], None]
    now: Callable[[], datetime]
    log: Any

    def controls(self) -> Controls:
        """What may be repaired and who may approve it, as the table says now.

        Raises:
            LedgerError: the ledger cannot be used.
        """
        return controls_of(controls.read(self.table))
