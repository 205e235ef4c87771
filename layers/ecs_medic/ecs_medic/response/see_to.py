"""Runs that have got stuck are helped on, or brought to an end that says what they left. The sweep does so."""

from collections.abc import Iterable

from ecs_medic.ledger import incidents, overdue_runs, runs
from ecs_medic.ledger.overdue_runs import Overdue
from ecs_medic.ledger.rhythm import epoch_ms
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.redaction import redact
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.repair.wording import what_is_left
from ecs_medic.response.deliver import deliver
from ecs_medic.response.meter import Metric
from ecs_medic.response.run_records import receipts_of, tell
from ecs_medic.response.start_repair import start
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.run_state import RunState

MOST_STARTS = 6
"""Attempts to start a run: the last is made an hour after it was created. Then it has ended before it began."""

_NOTHING = "Nothing was changed."


def see_to(run_id: str, around: Surroundings) -> None:
    """Do what the run needs, if it still needs it: whoever finds it first does so, and nobody else for some time.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    taken = overdue_runs.take_up(around.table, run_id, now=epoch_ms(around.now()))
    if taken is None:
        return
    around.log.info("a repair is overdue", extra={"run_id": run_id, "why": taken.why.value})
    match taken.why:
        case Overdue.NOT_STARTED:
            _start_again(taken.record, around)
        case Overdue.NOT_DELIVERED:
            _deliver_again(taken.record, around)
        case Overdue.UNANSWERED:
            _end_by_receipts(taken.record, RunState.EXPIRED, "Nobody answered in time.", around)
        case Overdue.DIED:
            around.meter(Metric.REPAIRS_LOST)
            words = "The run that repairs was not heard of any more."
            _end_by_receipts(taken.record, RunState.STOPPED, words, around)


def _start_again(run: RunRecord, around: Surroundings) -> None:
    incident = incidents.read(around.table, run.incident_id)
    if incident is None or not incident.is_open:
        _end(run, RunState.NOTHING_TO_DO, f"It was over before the repair began. {_NOTHING}", around)
    elif around.executions is None:
        _end(run, RunState.STOPPED, f"The stack has no function that repairs any more. {_NOTHING}", around)
    elif run.tries > MOST_STARTS:
        _end(run, RunState.STOPPED, f"The function that repairs could not be started. {_NOTHING}", around)
    else:
        start(run, around)


def _deliver_again(run: RunRecord, around: Surroundings) -> None:
    if around.executions is None:
        _end_by_receipts(run, RunState.STOPPED, "The stack has no function that repairs any more.", around)
        return
    deliver(run, around.executions.answer, table=around.table, now=around.now(), log=around.log)


def _end_by_receipts(run: RunRecord, state: RunState, words: str, around: Surroundings) -> None:
    """FAILED where something may be left of what the run has changed, whatever else it would have ended as."""
    kept: Iterable[Receipt] = receipts_of(run.id, around).values()
    left = what_is_left(kept)
    if left:
        _end(run, RunState.FAILED, f"{words} {left}", around)
    elif state is RunState.STOPPED and kept:
        _end(run, state, f"{words} Nothing is left of what it had changed.", around)
    else:
        _end(run, state, f"{words} {_NOTHING}", around)


def _end(run: RunRecord, state: RunState, words: str, around: Surroundings) -> None:
    """Unless it was heard of meanwhile, or somebody has decided: then it goes on by itself."""
    now = epoch_ms(around.now())
    if runs.say(around.table, run.id, state, redact(words), now=now, revision=run.revision) is not None:
        tell(run, around, hurry=True)
