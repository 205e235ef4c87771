"""The records of a run on a terminal: what it does is told as it happens, its receipts are shown at the end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ecs_medic.remedies.receipt import Receipt
from ecs_medic.repair.controls import Controls
from ecs_medic.repair.proposal import Proposal
from ecs_medic.report.change_words import what
from ecs_medic.run_state import RunState


@dataclass(slots=True)
class TerminalRecords:
    """`tell` shows one line to whoever watches; `controls` are read anew before every change."""

    incident_id: str
    tell: Callable[[str], None]
    controls: Callable[[], Controls]
    state: RunState = RunState.PLANNING
    words: str = ""
    progress: list[str] = field(default_factory=list)
    kept: dict[int, Receipt] = field(default_factory=dict)

    def say(self, state: RunState, words: str) -> None:
        """Shown once, however often it is said in a row."""
        if (state, words) == (self.state, self.words):
            return
        self.state, self.words = state, words
        self.progress.append(words)
        self.tell(f"{state.value.replace('_', ' '):>13}  {words}")

    def put(self, proposal: Proposal, callback_id: str, until: datetime) -> None:  # noqa: ARG002 - of the protocol
        """Whoever gave `--apply` has agreed; they see what to."""
        for change in proposal.changes:
            self.tell(f"{'approved':>13}  {what(change.action, change.params)}: {change.blast_radius}")

    def reserve(self, round_: int, proposal: Proposal) -> str | None:  # noqa: ARG002 - of the protocol
        """Somebody watches: no guardrail counts attempts here."""
        return self.closed()

    def closed(self) -> str | None:
        """What the stack's table says, where one was given."""
        return self.controls().closed

    def save(self, position: int, receipt: Receipt) -> None:
        """Kept as long as the process lives, which shows all of them before it ends."""
        self.kept[position] = receipt

    def receipts(self) -> dict[int, Receipt]:
        """All of them."""
        return dict(self.kept)
