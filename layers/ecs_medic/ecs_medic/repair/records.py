"""Where a run writes down what it does: a crash does not reach it, and people follow the run by it."""

from datetime import datetime
from typing import Protocol

from ecs_medic.remedies.receipt import Receipt
from ecs_medic.repair.proposal import Proposal
from ecs_medic.run_state import RunState


class Records(Protocol):
    """Of one run. Everything here bears being done twice. `incident_id` marks what the run makes."""

    @property
    def incident_id(self) -> str:
        """The incident that is to be repaired."""
        ...

    def say(self, state: RunState, words: str) -> None:
        """The run is there now, and people see it where they follow it. An ended state frees its subjects.

        Saying the same again says nothing new.
        """
        ...

    def put(self, proposal: Proposal, callback_id: str, until: datetime) -> None:
        """Ask whether these changes may be made, known by their fingerprint; the answer goes to the callback."""
        ...

    def reserve(self, round_: int, proposal: Proposal) -> str | None:
        """Take the service and the VPCs for this run, and count the attempt; or why not: a guardrail says so.

        Asking again for what this run has already is no second attempt.
        """
        ...

    def closed(self) -> str | None:
        """Why nothing may be changed now: switched off, stopped, or no longer this run's to change. Read every time."""
        ...

    def save(self, position: int, receipt: Receipt) -> None:
        """Keep the receipt of the change at this position of the run."""
        ...

    def receipts(self) -> dict[int, Receipt]:
        """All receipts of the run by their position."""
        ...
