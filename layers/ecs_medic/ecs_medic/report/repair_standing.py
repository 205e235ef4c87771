"""Where the repair of an alert stands: what is asked, what happens, who decided, and how it ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ecs_medic.report.model import Change, Patch
from ecs_medic.run_state import RunState

type Decision = Literal["approved", "denied"]


@dataclass(frozen=True, slots=True)
class RepairStanding:
    """One run of a repair, as a message tells of it; times are aware.

    `question` is the fingerprint of what is asked, `until` when the question expires. `decided_by` is a Slack user's
    id, or any name. `words` are the latest of the run, `progress` all of them with their times, oldest first.
    `cost_usd` is that of all changes, in US dollars a month, None where a part of it is not known.
    """

    run_id: str
    state: RunState
    changes: tuple[Change, ...] = ()
    patches: tuple[Patch, ...] = ()
    question: str | None = None
    until: datetime | None = None
    decided_by: str | None = None
    decision: Decision | None = None
    decided_at: datetime | None = None
    progress: tuple[tuple[datetime, str], ...] = ()
    words: str | None = None
    cost_usd: float | None = None
    buttons: bool = False
    """Whether a click on Approve or Deny can be answered."""
