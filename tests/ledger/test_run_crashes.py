"""Wherever a run's process is cut off, before or after any write, going on brings it to the same end."""

from typing import Any

import pytest

from ecs_medic.ledger import alerts, keys, questions, receipts, reservations, runs
from ecs_medic.ledger.due import DueKind, due
from ecs_medic.ledger.overdue_runs import Overdue, take_up
from ecs_medic.ledger.questions import Decided, Refusal, Undecided
from ecs_medic.ledger.rhythm import HOUR, MINUTE
from ecs_medic.ledger.runs import DELIVER_WITHIN, LEASE, START_WITHIN
from ecs_medic.ledger.table import Table
from ecs_medic.run_state import RunState
from tests.ledger.occurrences import START, held
from tests.ledger.repair_runs import OTHER, RUN, SERVICE, VPC, ask, created, decide, reserve, run, told_alert
from tests.ledger.test_crashes import Killed, Mortal

WRITES = 9


def repair(table: Table) -> None:
    """What a run writes, from its creation to its end; every time it is gone through, from the start."""
    runs.create(table, run())
    record = held(runs.read(table, RUN))
    if record.fingerprint is None:
        runs.say(table, RUN, RunState.PLANNING, "reads", now=START)
    if record.state in {RunState.PLANNING, RunState.ASKING}:
        ask(table)
        decided = decide(table)
        assert isinstance(decided, Decided) or decided.refusal is Refusal.DECIDED_ALREADY
        questions.delivered(table, RUN, question=1, now=START)
        assert reserve(table, attempts=1) is None
    if not held(runs.read(table, RUN)).state.ended:
        runs.say(table, RUN, RunState.APPLYING, "creates", now=START)
        receipts.keep_receipt(table, RUN, 0, {"stage": "done"}, now=START)
        runs.say(table, RUN, RunState.REPAIRED, "over", now=START)


def end_state(table: Table, alert_id: str) -> tuple[Any, ...]:
    record = held(runs.read(table, RUN))
    attempted = [reservations._taken(one, table.get(keys.repair(one))).attempts for one in (SERVICE, VPC)]
    return (
        (record.state, record.decision, record.decided_by, record.question, record.due_at, record.subjects),
        [one.words for one in record.progress],
        receipts.receipts(table, RUN),
        attempted,
        [one.id for one in runs.runs_of(table, record.incident_id)],
        held(alerts.read(table, alert_id)).due_at,
        reserve(table, created(table, OTHER), cool_down=0),
    )


UNDISTURBED = (
    (RunState.REPAIRED, "approved", "U1", 1, None, (SERVICE, VPC)),
    ["reads", "Waits for somebody's approval.", "creates", "over"],
    {0: {"stage": "done"}},
    [((START, RUN, "1"),), ((START, RUN, "1"),)],
    [RUN],
    START,
    None,
)


def test_what_a_run_comes_to(table):
    alert_id = told_alert(table)
    repair(table)
    assert end_state(table, alert_id) == UNDISTURBED


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("step", range(1, WRITES + 1))
def test_a_crash_at_any_write_comes_to_the_same_end(table, step, written):
    alert_id = told_alert(table)
    with pytest.raises(Killed):
        repair(Table(Mortal(table._client, step, written=written), table.name))
    repair(table)
    assert end_state(table, alert_id) == UNDISTURBED


def test_the_steps_are_all_the_writes(table, account):
    told_alert(table)
    account.clear_calls()
    repair(table)
    written = [one["operation"] for one in account.calls("dynamodb")]
    assert sum(one in {"TransactWriteItems", "PutItem"} for one in written) == WRITES


@pytest.mark.parametrize("written", [False, True])
def test_the_end_of_a_run_and_what_it_held_are_one_write(table, written):
    created(table)
    created(table, OTHER)
    reserve(table)
    with pytest.raises(Killed):
        runs.say(Table(Mortal(table._client, 1, written=written), table.name), RUN, RunState.UNDONE, "over", now=START)
    assert reservations.holds(table, RUN) is not written
    assert (reserve(table, OTHER, cool_down=0) is None) is written
    if not written:
        # Nobody goes on with it: its lease runs out, and the sweep finds it.
        assert reserve(table, OTHER, now=START + LEASE, cool_down=0) is None
        assert held(take_up(table, RUN, now=START + LEASE)).why is Overdue.DIED


@pytest.mark.parametrize("written", [False, True])
def test_a_run_that_was_not_created_wholly_was_not_created(table, written):
    with pytest.raises(Killed):
        runs.create(Table(Mortal(table._client, 1, written=written), table.name), run())
    assert (runs.read(table, RUN) is not None) is written
    assert (len(runs.runs_of(table, run().incident_id)) == 1) is written
    # Whoever tries again finds out; what was created and not started is due.
    assert runs.create(table, run()) is not written
    assert held(take_up(table, RUN, now=START + START_WITHIN)).why is Overdue.NOT_STARTED


@pytest.mark.parametrize("written", [False, True])
def test_a_click_that_was_cut_off_counts_wholly_or_not_at_all(table, written):
    created(table)
    ask(table)
    with pytest.raises(Killed):
        decide(Table(Mortal(table._client, 1, written=written), table.name), by="U1")
    again = decide(table, by="U2", denied=True)
    record = held(runs.read(table, RUN))
    if written:
        assert isinstance(again, Undecided)
        assert (record.decision, record.decided_by) == ("approved", "U1")
    else:
        assert (record.decision, record.decided_by) == ("denied", "U2")
    assert held(take_up(table, RUN, now=START + DELIVER_WITHIN)).why is Overdue.NOT_DELIVERED


@pytest.mark.parametrize("written", [False, True])
def test_a_sweep_that_was_cut_off_leaves_the_run_to_a_later_one(table, written):
    created(table)
    with pytest.raises(Killed):
        take_up(Table(Mortal(table._client, 1, written=written), table.name), RUN, now=START + START_WITHIN)
    later = START + START_WITHIN + (2 * MINUTE if written else 0)
    assert DueKind.RUN in {one.kind for one in due(table, later)}
    assert held(take_up(table, RUN, now=later)).why is Overdue.NOT_STARTED
    assert take_up(table, RUN, now=later) is None
    assert held(take_up(table, RUN, now=later + HOUR)).why is Overdue.NOT_STARTED
