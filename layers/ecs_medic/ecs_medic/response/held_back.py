"""Failures of a service that is just being repaired: what they mean is not known before the repair has ended.

A repair starts tasks anew, which may fail by the next thing that is in the way. The repair sees that by itself, and
goes on; so they are counted, nobody is told of anything new, and no other repair begins. What the repair does not cure
is told when it has ended.
"""

from enum import StrEnum

from ecs_medic.ledger import reservations, runs
from ecs_medic.ledger.incidents import IncidentRecord
from ecs_medic.ledger.rhythm import HOUR, epoch_ms
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.run_state import RunState

_LONGEST = HOUR
"""However long a repair takes: after so long its failures are told like any other."""
_CHANGING = frozenset({RunState.APPLYING, RunState.SETTLING, RunState.VERIFYING, RunState.UNDOING, RunState.PLANNING})


class Held(StrEnum):
    """Whether an incident is held back."""

    NOT = "not"
    WAITS = "waits"
    """Its service is being repaired."""
    OVER = "over"
    """The repair of its service was proven after it failed last."""


def held_back(record: IncidentRecord, around: Surroundings) -> Held:
    """Whether nothing is to be told of an incident that has just come up, beside the one that is repaired.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    if not record.is_unfinished or record.subject.service is None or around.executions is None:
        return Held.NOT
    (service,) = reservations.subjects_of(record.subject, ())
    run = reservations.last_run(around.table, service)
    if run is None or run.incident_id == record.id:
        return Held.NOT
    return _by(run, record, epoch_ms(around.now()))


def _by(run: RunRecord, record: IncidentRecord, now: int) -> Held:
    if run.state is RunState.REPAIRED and (run.ended_at or 0) >= record.last_seen:
        return Held.OVER
    since = max(record.first_seen, record.reopened_at or 0)
    return Held.WAITS if _is_changing(run, now) and now < since + _LONGEST else Held.NOT


def is_being_repaired(record: IncidentRecord, around: Surroundings) -> bool:
    """Whether the incident's own repair is at work: then a diagnosis would be of something half done.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    if record.diagnosed_at is None or around.executions is None:
        return False
    newest = next(iter(runs.runs_of(around.table, record.id, limit=1)), None)
    return newest is not None and _is_changing(newest, epoch_ms(around.now()))


def _is_changing(run: RunRecord, now: int) -> bool:
    return run.state in _CHANGING and run.started_at is not None and run.lease_until > now
