"""A question is decided once, by whoever comes first, about the plan that was shown, in time."""

from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import pytest

from ecs_medic.ledger import alerts, questions, runs
from ecs_medic.ledger.due import Due, DueKind, due
from ecs_medic.ledger.errors import LedgerBusy
from ecs_medic.ledger.questions import Decided, Refusal, Undecided
from ecs_medic.ledger.rhythm import HOUR, MINUTE
from ecs_medic.ledger.runs import DELIVER_WITHIN, EXPIRED_FOR, LEASE, Decision
from ecs_medic.run_state import RunState
from tests.ledger.occurrences import START, held
from tests.ledger.repair_runs import RUN, UNTIL, ask, created, decide, told_alert


def refused(answer: Decided | Undecided) -> Undecided:
    assert isinstance(answer, Undecided)
    return answer


def refusal(answer: Decided | Undecided) -> Refusal:
    return refused(answer).refusal


def test_a_question_waits_for_its_answer(table):
    created(table)
    found = held(ask(table))
    assert (found.state, found.until, found.asked_at, found.question) == (RunState.ASKING, UNTIL, START, 1)
    assert found.words == found.progress[-1].words == "Waits for somebody's approval."
    assert found.lease_until == UNTIL + LEASE
    assert due(table, UNTIL + EXPIRED_FOR - 1) == ()
    assert due(table, UNTIL + EXPIRED_FOR) == (Due(DueKind.RUN, RUN),)


@pytest.mark.parametrize("decision", get_args(Decision.__value__))
def test_a_decision_stands_and_says_by_whom(table, decision):
    created(table)
    ask(table)
    answer = decide(table, by="U7", now=START + 5, denied=decision == "denied")
    assert isinstance(answer, Decided)
    record = answer.record
    assert (record.decision, record.decided_by, record.decided_at, record.delivered) == (
        decision,
        "U7",
        START + 5,
        False,
    )
    assert record == runs.read(table, RUN)
    assert not record.asks


def test_a_second_click_is_told_who_was_first(table):
    created(table)
    ask(table)
    decide(table, by="U1")
    for denied in (True, False):
        second = decide(table, by="U2", now=START + MINUTE, denied=denied)
        assert refusal(second) is Refusal.DECIDED_ALREADY
        assert held(refused(second).record).decided_by == "U1"
    # Also once the run goes on, and after it has ended.
    for state in (RunState.APPLYING, RunState.REPAIRED):
        runs.say(table, RUN, state, state, now=START)
        assert refusal(decide(table, by="U2")) is Refusal.DECIDED_ALREADY
    found = held(runs.read(table, RUN))
    assert (found.decision, found.decided_by) == ("approved", "U1")


def test_of_many_clicks_at_once_one_counts(table):
    created(table)
    ask(table)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: decide(table, by="U1"), range(6)))
    assert sum(isinstance(one, Decided) for one in answers) == 1
    assert {refusal(one) for one in answers if isinstance(one, Undecided)} == {Refusal.DECIDED_ALREADY}


def test_a_lost_answer_is_no_second_click(table, account):
    created(table)
    ask(table)
    account.fault("dynamodb", "TransactWriteItems", "truncated", times=2)
    assert isinstance(decide(table), Decided)


def test_a_click_on_an_earlier_plan_is_stale(table):
    created(table)
    ask(table)
    ask(table, fingerprint="f2", callback="cb2")
    stale = decide(table, fingerprint="f1")
    assert refusal(stale) is Refusal.STALE
    assert isinstance(decide(table, fingerprint="f2"), Decided)
    assert refusal(decide(table, fingerprint="f1")) is Refusal.STALE


def test_a_question_expires_to_the_millisecond(table):
    created(table)
    ask(table)
    assert refusal(decide(table, now=UNTIL)) is Refusal.EXPIRED
    assert refusal(decide(table, now=UNTIL + HOUR)) is Refusal.EXPIRED
    assert isinstance(decide(table, now=UNTIL - 1), Decided)


def test_a_run_that_noticed_that_it_expired_says_so(table):
    created(table)
    ask(table)
    runs.say(table, RUN, RunState.EXPIRED, "nobody answered", now=UNTIL)
    # Whatever the clock of whoever asks says.
    assert refusal(decide(table, now=UNTIL - 1)) is Refusal.EXPIRED


@pytest.mark.parametrize("state", [RunState.PLANNING, RunState.APPLYING, RunState.STOPPED, RunState.FAILED])
def test_what_is_not_asked_cannot_be_decided(table, state):
    created(table)
    assert refusal(decide(table)) is Refusal.NOT_ASKING
    ask(table)
    runs.say(table, RUN, state, "went on", now=START)
    assert refusal(decide(table)) is Refusal.NOT_ASKING
    assert held(runs.read(table, RUN)).decision is None


def test_there_is_no_such_run(table):
    answer = decide(table)
    assert (refusal(answer), refused(answer).record) == (Refusal.NO_RUN, None)
    assert questions.delivered(table, RUN, question=1, now=START) is None


def test_asking_the_same_again_keeps_the_decision(table):
    created(table)
    first = ask(table)
    assert ask(table, now=START + MINUTE) == first
    decide(table)
    assert held(ask(table, now=START + MINUTE)).decision == "approved"


@pytest.mark.parametrize(("fingerprint", "callback"), [("f2", "cb1"), ("f1", "cb2"), ("f2", "cb2"), ("f1", None)])
def test_another_question_is_not_answered_by_the_decision_about_the_one_before(table, fingerprint, callback):
    created(table)
    ask(table)
    decide(table)
    questions.delivered(table, RUN, question=1, now=START)
    found = held(ask(table, fingerprint=fingerprint, callback=callback, now=START + MINUTE))
    assert (found.question, found.decision, found.decided_by, found.decided_at) == (2, None, None, None)
    assert found.asks
    assert not found.delivered


def test_a_decision_is_due_until_the_run_has_it(table):
    created(table)
    ask(table)
    decide(table, now=START + MINUTE)
    at = START + MINUTE + DELIVER_WITHIN
    assert due(table, at - 1) == ()
    assert due(table, at) == (Due(DueKind.RUN, RUN),)
    first = questions.delivered(table, RUN, question=1, now=START + 2 * MINUTE)
    assert held(first).delivered
    assert questions.delivered(table, RUN, question=1, now=START + 3 * MINUTE) == first
    assert due(table, START + 2 * MINUTE + LEASE - 1) == ()
    assert due(table, START + 2 * MINUTE + LEASE) == (Due(DueKind.RUN, RUN),)


def test_what_was_delivered_of_an_earlier_question_is_not_of_this_one(table):
    created(table)
    ask(table)
    decide(table)
    ask(table, fingerprint="f2", callback="cb2")
    decide(table, fingerprint="f2")
    assert questions.delivered(table, RUN, question=1, now=START) is None
    assert not held(runs.read(table, RUN)).delivered


def test_the_alert_is_to_say_what_is_asked_and_decided(table):
    alert_id = told_alert(table)
    created(table)
    revisions = [held(alerts.read(table, alert_id)).revision]
    for step in (ask, decide, decide, ask):
        step(table)
        revisions.append(held(alerts.read(table, alert_id)).revision)
    assert [after - revisions[0] for after in revisions] == [0, 1, 2, 2, 2]


def test_a_table_that_is_too_busy_decides_nothing(table, account):
    created(table)
    ask(table)
    account.fault("dynamodb", "TransactWriteItems", "throttled")
    busy = type(table)(table._client, table.name, retry_seconds=0.1)
    with pytest.raises(LedgerBusy):
        decide(busy)
    assert held(runs.read(table, RUN)).decision is None
