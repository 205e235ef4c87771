"""A run's record: created once, taken further by whoever saw it last, ended once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ecs_medic.ledger import alerts, keys, receipts, runs
from ecs_medic.ledger.due import Due, DueKind, due
from ecs_medic.ledger.rhythm import DAY, HOUR, MINUTE
from ecs_medic.ledger.runs import KEPT, LEASE, START_WITHIN, Said
from ecs_medic.run_state import RunState
from tests.ledger.occurrences import INCIDENT, START, held
from tests.ledger.repair_runs import PLAN, RUN, ask, created, run, told_alert

ENDED = [state for state in RunState if state.ended]


def say(table, state, words, *, now=START, **more):
    return runs.say(table, RUN, state, words, now=now, **more)


def test_the_same_diagnosis_is_the_same_run():
    ids = [runs.run_id_for("inc-1", 1), runs.run_id_for("inc-1", 1), runs.run_id_for("inc-1", 2)]
    assert ids[0] == ids[1] != ids[2] != runs.run_id_for("inc-2", 1)
    assert all(len(one) == 16 and one.startswith("run-") for one in ids)


def test_a_run_is_created_once(table):
    assert runs.create(table, run())
    assert say(table, RunState.PLANNING, "one") is not None
    assert not runs.create(table, run(at=START + 5))
    found = held(runs.read(table, RUN))
    assert (found.created_at, found.words, found.subject) == (START, "one", run().subject)
    assert runs.read(table, "run-none") is None


def test_of_many_that_create_the_same_run_one_does(table):
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _: runs.create(table, run()), range(6)))
    assert sorted(made) == [False] * 5 + [True]


def test_a_lost_answer_does_not_make_a_run_somebody_elses(table, account):
    account.fault("dynamodb", "TransactWriteItems", "truncated", times=1)
    assert runs.create(table, run())
    account.fault("dynamodb", "TransactWriteItems", "truncated", times=1)
    assert held(say(table, RunState.APPLYING, "x")).progress == (Said(START, RunState.APPLYING, "x"),)


def test_what_is_written_is_what_is_read(table):
    created(table)
    ask(table)
    found = held(runs.read(table, RUN))
    assert found == ask(table)
    assert (found.plan, found.fingerprint, found.question, found.callback_id) == (PLAN, "f1", 1, "cb1")
    assert found.asks
    assert runs.from_item(held(table.get(keys.run(RUN)))) == found


def test_a_run_says_how_far_it_is(table):
    created(table)
    assert held(runs.read(table, RUN)).started_at is None
    say(table, RunState.PLANNING, "reads", now=START + 1)
    found = held(say(table, RunState.APPLYING, "creates", now=START + 2))
    assert (found.state, found.words, found.started_at, found.ended_at) == (
        RunState.APPLYING,
        "creates",
        START + 1,
        None,
    )
    assert found.progress == (
        Said(START + 1, RunState.PLANNING, "reads"),
        Said(START + 2, RunState.APPLYING, "creates"),
    )
    assert found == runs.read(table, RUN)


def test_saying_the_same_again_says_nothing(table):
    created(table)
    first = say(table, RunState.APPLYING, "creates")
    assert say(table, RunState.APPLYING, "creates", now=START + MINUTE) == first
    say(table, RunState.SETTLING, "waits")
    # What was said before something else is news again.
    assert len(held(say(table, RunState.APPLYING, "creates")).progress) == 3


def test_only_the_last_twenty_are_kept(table):
    created(table)
    for number in range(25):
        say(table, RunState.VERIFYING, f"look {number}")
    assert [one.words for one in held(runs.read(table, RUN)).progress] == [f"look {n}" for n in range(5, 25)]


def test_long_words_are_cut_and_said_once(table):
    created(table)
    first = held(say(table, RunState.VERIFYING, "x" * 100_000))
    assert (len(held(first.words)), held(first.words)[-1]) == (3000, "…")
    assert say(table, RunState.VERIFYING, "x" * 100_000) == first


@pytest.mark.parametrize("state", ENDED)
def test_an_ended_run_stays_as_it_is(table, state):
    created(table)
    ended = held(say(table, state, "over", now=START + 9))
    assert (ended.ended_at, ended.due_at) == (START + 9, None)
    assert say(table, state, "over", now=START + 10) == ended
    assert say(table, state, "otherwise") is None
    assert say(table, RunState.APPLYING, "goes on") is None
    assert ask(table) is None
    assert runs.read(table, RUN) == ended
    assert due(table, START + KEPT) == ()


def test_there_is_nothing_to_say_of_what_is_not_there(table):
    assert say(table, RunState.APPLYING, "x") is None
    assert ask(table) is None
    assert runs.read(table, RUN) is None


def test_who_saw_an_earlier_state_says_nothing(table):
    created(table)
    seen = held(runs.read(table, RUN))
    after = held(say(table, RunState.APPLYING, "alive"))
    assert say(table, RunState.FAILED, "dead", revision=seen.revision) is None
    assert held(say(table, RunState.FAILED, "dead", revision=after.revision)).state is RunState.FAILED


def test_of_many_that_speak_at_once_none_is_lost(table):
    created(table)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: say(table, RunState.VERIFYING, f"word {n}"), range(8)))
    assert {one.words for one in held(runs.read(table, RUN)).progress} == {f"word {n}" for n in range(8)}
    assert held(runs.read(table, RUN)).revision == 9


def test_the_newest_run_of_an_incident_comes_first(table):
    for number in (1, 3, 2):
        assert runs.create(table, run(f"run-{number}", at=START + number * HOUR))
    assert [one.id for one in runs.runs_of(table, INCIDENT)] == ["run-3", "run-2", "run-1"]
    assert [one.id for one in runs.runs_of(table, INCIDENT, limit=1)] == ["run-3"]
    assert runs.runs_of(table, "inc-none") == ()


def test_everything_of_a_run_goes_after_ninety_days(table):
    created(table)
    say(table, RunState.REPAIRED, "over", now=START + DAY)
    receipts.keep_receipt(table, RUN, 0, {"steps": []}, now=START + DAY)
    items = [*table.query(keys.run(RUN).pk), *table.query(keys.incident(INCIDENT).pk, keys.RUN_PREFIX)]
    assert sorted(item["expires_at"] for item in items) == [
        (START + KEPT) // 1000,
        (START + DAY + KEPT) // 1000,
        (START + DAY + KEPT) // 1000,
    ]


def test_receipts_are_kept_whole_and_in_order(table):
    created(table)
    large = {"steps": [{"words": "x" * 20_000, "made": {"n": number}} for number in range(300)]}
    for position in (10, 2, 0):
        receipts.keep_receipt(table, RUN, position, {"at": position}, now=START)
    receipts.keep_receipt(table, RUN, 2, large, now=START)
    assert list(receipts.receipts(table, RUN).items()) == [(0, {"at": 0}), (2, large), (10, {"at": 10})]
    assert receipts.receipts(table, "run-none") == {}


def test_a_run_is_due_when_it_was_not_heard_of(table):
    created(table)
    assert due(table, START + START_WITHIN - 1) == ()
    assert due(table, START + START_WITHIN) == (Due(DueKind.RUN, RUN),)
    say(table, RunState.APPLYING, "creates", now=START + MINUTE)
    assert due(table, START + MINUTE + LEASE - 1) == ()
    assert due(table, START + MINUTE + LEASE) == (Due(DueKind.RUN, RUN),)


def test_whatever_a_run_says_its_alert_is_to_say(table):
    alert_id = told_alert(table)
    before = held(alerts.read(table, alert_id))
    assert before.due_at is None
    # The incident's alert counts, not the one that the run was created for.
    assert runs.create(table, run(alert_id="alert-gone"))
    say(table, RunState.APPLYING, "creates", now=START + HOUR)
    after = held(alerts.read(table, alert_id))
    assert (after.revision, after.due_at) == (before.revision + 1, START + HOUR)
    say(table, RunState.APPLYING, "creates", now=START + HOUR)
    assert held(alerts.read(table, alert_id)).revision == before.revision + 1


def test_an_alert_that_is_gone_keeps_nobody_from_going_on(table):
    assert runs.create(table, run(alert_id="alert-gone"))
    assert say(table, RunState.APPLYING, "creates") is not None
    assert alerts.read(table, "alert-gone") is None
