"""What has got stuck is found, told by what it waits for, and taken up by one."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ecs_medic.ledger import questions, runs
from ecs_medic.ledger.due import due
from ecs_medic.ledger.overdue_runs import Overdue, overdue, take_up
from ecs_medic.ledger.rhythm import HOUR, MINUTE
from ecs_medic.ledger.runs import DELIVER_WITHIN, EXPIRED_FOR, LEASE, START_WITHIN
from ecs_medic.run_state import RunState
from tests.ledger.occurrences import START, held
from tests.ledger.repair_runs import RUN, UNTIL, ask, created, decide, reserve


def lost(table):
    return START + START_WITHIN


def undelivered(table):
    ask(table)
    decide(table)
    return START + DELIVER_WITHIN


def unanswered(table):
    ask(table)
    return UNTIL + EXPIRED_FOR


def dead(table):
    runs.say(table, RUN, RunState.APPLYING, "creates", now=START)
    return START + LEASE


def dead_after_the_decision(table):
    ask(table)
    decide(table)
    questions.delivered(table, RUN, question=1, now=START)
    return START + LEASE


def dead_before_it_asked(table):
    runs.say(table, RUN, RunState.ASKING, "is about to", now=START)
    return START + LEASE


STUCK = [
    (lost, Overdue.NOT_STARTED),
    (undelivered, Overdue.NOT_DELIVERED),
    (unanswered, Overdue.UNANSWERED),
    (dead, Overdue.DIED),
    (dead_after_the_decision, Overdue.DIED),
    (dead_before_it_asked, Overdue.DIED),
]


@pytest.mark.parametrize(("stuck", "why"), STUCK)
def test_what_is_stuck_is_taken_up_in_time(table, stuck, why):
    created(table)
    at = stuck(table)
    assert take_up(table, RUN, now=at - 1) is None
    found = held(take_up(table, RUN, now=at))
    assert (found.why, found.record.tries) == (why, 1)
    assert found.record == runs.read(table, RUN)
    # Whoever sees to it may write only as long as nobody else has.
    assert held(runs.say(table, RUN, RunState.FAILED, "died", now=at, revision=found.record.revision)).state.ended


@pytest.mark.parametrize(("stuck", "why"), STUCK)
def test_of_many_one_takes_it_up(table, stuck, why):
    created(table)
    at = stuck(table)
    with ThreadPoolExecutor(4) as pool:
        found = [one for one in pool.map(lambda _: take_up(table, RUN, now=at), range(4)) if one is not None]
    assert [one.why for one in found] == [why]


def test_what_stays_stuck_is_taken_up_ever_more_rarely(table):
    created(table)
    now, pauses = START + START_WITHIN, []
    for _ in range(9):
        record = held(take_up(table, RUN, now=now)).record
        pauses.append(held(record.due_at) - now)
        assert take_up(table, RUN, now=held(record.due_at) - 1) is None
        now = held(record.due_at)
    assert [pause // MINUTE for pause in pauses] == [2, 4, 8, 16, 32, 60, 60, 60, 60]
    # Whatever is heard of it starts anew.
    runs.say(table, RUN, RunState.PLANNING, "reads", now=now)
    assert held(runs.read(table, RUN)).tries == 0


def test_what_goes_on_is_left_alone(table):
    created(table)
    assert take_up(table, "run-none", now=START + HOUR) is None
    now = START
    for number in range(6):
        now += LEASE - 1
        runs.say(table, RUN, RunState.VERIFYING, f"look {number}", now=now)
        assert take_up(table, RUN, now=now) is None
    assert due(table, now + LEASE - 1) == ()
    runs.say(table, RUN, RunState.UNDONE, "over", now=now)
    assert take_up(table, RUN, now=now + 10 * LEASE) is None


def test_a_run_that_holds_something_is_heard_of(table):
    created(table)
    runs.say(table, RUN, RunState.PLANNING, "reads", now=START)
    assert reserve(table, now=START + HOUR) is None
    record = held(runs.read(table, RUN))
    assert overdue(record, START + HOUR + LEASE - 1) is None
    assert overdue(record, START + HOUR + LEASE) is Overdue.DIED
