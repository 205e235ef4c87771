"""Wherever a run of a function is cut off: one repair is started, and the decision about it arrives."""

from typing import Any

import pytest

from ecs_medic.ledger import runs
from ecs_medic.ledger.errors import LedgerError
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.ledger.table import Table
from ecs_medic.report.repair_blocks import APPROVE_ACTION, block_id_of
from ecs_medic.response.decide import approve
from ecs_medic.run_state import RunState
from ecs_medic.slack.interaction import Click
from tests.response.office import Office, words
from tests.response.proposals import CALLBACK, propose, put, read, records, the_run
from tests.response.story import Story, failure, simple_diagnosis
from tests.response.test_faults import LEDGER_FAULTS, Interrupted, Killed, drawn, interrupt

CUT_OFF = (LedgerError, Killed)


@pytest.fixture(autouse=True)
def cheap(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    simple_diagnosis(monkeypatch)
    office.allow("ask")
    propose()


def whole_again(office: Office) -> None:
    office.table = Table(office.account.client("dynamodb"), office.table.name)


def cases(calls: int) -> list[tuple[int, str, str]]:
    return [(at, kind, how) for at in range(calls) for kind in ("killed", "failed") for how in ("arrives", "lost")]


def strike(office: Office, case: tuple[int, str, str]) -> Interrupted:
    at, kind, how = case
    return interrupt(office, at, kind, how, 1 if kind == "killed" else 400)


STARTS = 28
"""Calls of the ledger from the event to the end of its answer."""


@pytest.mark.parametrize("case", drawn([(one,) for one in cases(STARTS)], 6, seed=11))
def test_one_run_is_started_wherever_that_is_cut_off(office, case):
    story = Story(office, again=4, dies_of=CUT_OFF)
    struck = strike(office, case[0])
    story.attempts = lambda number: whole_again(office) if number else None
    story.deliver(failure(1, office.now))
    whole_again(office)
    story.sweep()
    assert struck.struck, "there is no such call any more"
    run = the_run(office)
    assert [one.id for one in runs.runs_of(office.table, run.incident_id)] == [run.id]
    (message,) = office.messages()
    assert "repair being planned" in words(message)


def asking(office: Office) -> RunRecord:
    office.respond(failure(1, office.now))
    return put(office, the_run(office))


def click(run: RunRecord, action: str = APPROVE_ACTION) -> Click:
    nothing: dict[str, Any] = dict.fromkeys(("user_name", "thread_ts", "response_url", "trigger_id"))
    return Click(
        user_id="U0ALICE",
        team_id="T000",
        action_id=action,
        value=run.id,
        channel_id="C0OPS",
        message_ts="1.0",
        action_ts="2.0",
        block_id=block_id_of(str(run.fingerprint)),
        **nothing,
    )


DECIDES = 6
"""Calls of the ledger from the click to the end of its delivery."""


@pytest.mark.parametrize("case", drawn([(one,) for one in cases(DECIDES)], 5, seed=12))
def test_a_decision_arrives_wherever_that_is_cut_off(office, case):
    run = asking(office)
    struck = strike(office, case[0])
    for _ in range(3):
        try:
            approve(click(run), office.desk())
        except CUT_OFF:
            # Slack warns who clicked, and they click again.
            whole_again(office)
        else:
            break
    whole_again(office)
    Story(office).sweep(2)
    assert struck.struck, "there is no such call any more"
    after = read(office, run.id)
    assert (after.decision, after.decided_by, after.delivered) == ("approved", "U0ALICE", True)
    assert office.answered == [(CALLBACK, {"decision": "approved", "by": "U0ALICE"})]


def test_a_decision_that_lambda_does_not_take_is_given_until_it_arrives(office):
    run = asking(office)
    office.lambda_is_away = True
    approve(click(run), office.desk())
    Story(office).sweep(3)
    assert office.answered == []
    office.lambda_is_away = False
    Story(office).sweep(3)
    assert office.answered == [(CALLBACK, {"decision": "approved", "by": "U0ALICE"})]


ENDS = 35
"""Calls of the ledger from the proof to the green message."""


@pytest.mark.parametrize("case", drawn([(one,) for one in cases(ENDS)], 5, seed=13))
def test_a_proven_repair_turns_green_wherever_that_is_cut_off(office, case):
    run = asking(office)
    records(office, run).say(RunState.VERIFYING, "Looking.")
    struck = strike(office, case[0])
    for _ in range(4):
        try:
            records(office, run).say(RunState.REPAIRED, "2 of 2 tasks running.")
        except CUT_OFF:
            # As the step of a durable execution is tried again.
            whole_again(office)
            office.pass_time(minutes=1)
        else:
            break
    whole_again(office)
    Story(office).sweep()
    assert struck.struck, "there is no such call any more"
    assert read(office, run.id).state is RunState.REPAIRED
    (message,) = office.messages()
    assert "🟢" in words(message)
    assert len([one for one in office.answers() if "Resolved" in words(one)]) == 1


def test_every_kind_of_fault_is_known():
    assert {"killed", "failed"} <= set(LEDGER_FAULTS)
