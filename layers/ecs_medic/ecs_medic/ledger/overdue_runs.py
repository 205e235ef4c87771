"""Runs that somebody has to see to: lost on their way, not told of a decision, expired unnoticed, or dead."""

from dataclasses import dataclass, replace
from enum import StrEnum

from ecs_medic.ledger.rhythm import HOUR, MINUTE
from ecs_medic.ledger.runs import RunRecord, change
from ecs_medic.ledger.table import Table
from ecs_medic.run_state import RunState

_FIRST_AGAIN = 2 * MINUTE


class Overdue(StrEnum):
    """What a run waits for, or what became of it."""

    NOT_STARTED = "not_started"
    """It was created, and has not begun: start it again, by the same id."""
    NOT_DELIVERED = "not_delivered"
    """Somebody has decided, and the run does not know: give it the decision again."""
    UNANSWERED = "unanswered"
    """Its question has expired, and it has not noticed: it does not live any more, and nothing of it was changed by
    this question."""
    DIED = "died"
    """It was not heard of for longer than anything in it takes: its receipts say what it may have left."""


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A run for the caller, and for nobody else for some time, to see to."""

    record: RunRecord
    why: Overdue


def overdue(run: RunRecord, now: int) -> Overdue | None:
    """Why the run needs somebody now, or None."""
    if run.due_at is None or run.due_at > now or run.state.ended:
        return None
    if run.started_at is None:
        return Overdue.NOT_STARTED
    if run.asks and run.until is not None:
        return Overdue.UNANSWERED
    if run.state is RunState.ASKING and run.decision is not None and not run.delivered:
        return Overdue.NOT_DELIVERED
    return Overdue.DIED


def take_up(table: Table, run_id: str, *, now: int) -> TakenUp | None:
    """Take up a run that is due, or None: it is not, or somebody else has just done so.

    If nothing comes of it, the run is due again after two minutes, then four, and so on up to an hour; `tries` counts.
    """
    why: Overdue | None = None

    def taken(run: RunRecord) -> RunRecord | None:
        nonlocal why
        why = overdue(run, now)
        if why is None:
            return None
        again_at = now + min(_FIRST_AGAIN * 2 ** min(run.tries, 10), HOUR)
        return replace(run, due_at=again_at, tries=run.tries + 1)

    record = change(table, run_id, taken, now=now, tell=False)
    return None if record is None or why is None else TakenUp(record, why)
