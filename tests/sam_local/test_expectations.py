"""The judge of `sam local invoke` lets the right answer pass and nothing else."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.catalogue.lookup import row
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.run_state import RunState
from ecs_medic.vocabulary import Id
from sandbox.client import SLACK_BOT_TOKEN
from sandbox.gallery.scenario import Scenario
from tests.ledger.occurrences import subject
from tests.sam_local.expectations import shortcomings, shortcomings_of_rejection, shortcomings_of_repair
from tests.sam_local.invoke import Invocation

SCENARIO = Scenario(
    name="log_group_missing",
    title="The log group does not exist",
    trigger="the task starts",
    event={},
    cause="log_group_missing",
    cluster="shop",
    service="orders",
)
ANSWER: dict[str, Any] = {
    "status": "diagnosed",
    "incident_id": "inc-0123456789ab",
    "action": "alert",
    "verdict": {"cause": "log_group_missing", "confidence": "confirmed"},
    "posted": True,
    "remediation": "none",
}
MESSAGE: dict[str, Any] = {
    "ts": "1767225600.000001",
    "thread_ts": None,
    "text": "orders cannot start",
    "blocks": [
        {"type": "section", "text": {"text": f"{row(Id.LOG_GROUP_MISSING).title}: shop / orders".replace("&", "&amp;")}}
    ],
}
REJECTED = {**ANSWER, "status": "rejected", "verdict": None, "action": None, "incident_id": None, "posted": False}
LOG = '{"level":"ERROR","message":"rejected event"}'


def invocation(answer: object, log: str = "", exit_code: int = 0) -> Invocation:
    return Invocation(answer if isinstance(answer, str) else json.dumps(answer), log, exit_code, 7.0)


def test_the_right_answer_has_no_shortcomings():
    assert shortcomings(SCENARIO, invocation(ANSWER), [MESSAGE]) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "ignored"},
        {"action": "ignore"},
        {"posted": False},
        {"remediation": "started"},
        {"verdict": None},
        {"verdict": {"cause": "unknown", "confidence": "confirmed"}},
        {"verdict": {"cause": "log_group_missing", "confidence": "likely"}},
        {"one_more": 1},
    ],
    ids=str,
)
def test_a_wrong_answer_has_one_shortcoming(wrong):
    assert len(shortcomings(SCENARIO, invocation({**ANSWER, **wrong}), [MESSAGE])) == 1


@pytest.mark.parametrize(
    "broken",
    [
        invocation(ANSWER, exit_code=1),
        invocation("Task timed out after 90.00 seconds"),
        invocation({"errorMessage": "no", "errorType": "KeyError"}),
        invocation([]),
        invocation(ANSWER, log=f"posting with {SLACK_BOT_TOKEN}"),
    ],
    ids=["exit code", "no JSON", "exception", "no object", "token in the log"],
)
def test_a_broken_invocation_has_one_shortcoming(broken):
    assert len(shortcomings(SCENARIO, broken, [MESSAGE])) == 1


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [MESSAGE, MESSAGE],
        [{**MESSAGE, "blocks": []}],
        [{**MESSAGE, "text": "orders cannot start", "blocks": [{"type": "divider"}]}],
    ],
    ids=["none", "two", "no blocks", "says nothing"],
)
def test_a_wrong_channel_has_shortcomings(messages):
    assert shortcomings(SCENARIO, invocation(ANSWER), messages)


def test_details_belong_in_the_alerts_own_thread():
    details = {"ts": "1767225600.000002", "thread_ts": MESSAGE["ts"], "text": "details", "blocks": []}
    assert shortcomings(SCENARIO, invocation(ANSWER), [MESSAGE, details]) == []
    elsewhere = {**details, "thread_ts": "1767225599.000001"}
    assert len(shortcomings(SCENARIO, invocation(ANSWER), [MESSAGE, elsewhere])) == 1


def test_normal_life_is_silent():
    quiet = replace(SCENARIO, action="ignore", cause="service_scale_in", confidence="confirmed")
    verdict = {"cause": "service_scale_in", "confidence": "confirmed"}
    answer = {**ANSWER, "status": "ignored", "action": "ignore", "posted": False, "verdict": verdict}
    assert shortcomings(quiet, invocation(answer), []) == []
    assert len(shortcomings(quiet, invocation(answer), [MESSAGE])) == 1


def test_a_rejection_with_its_dead_letter_has_no_shortcomings():
    letters = ['{"reason": "source: expected aws.ecs", "event": {}}']
    assert shortcomings_of_rejection("source", lambda: letters, invocation(REJECTED, LOG), []) == []


@pytest.mark.parametrize(
    ("answer", "log", "letters", "messages"),
    [
        (ANSWER | {"posted": False}, LOG, ["source"], []),
        (REJECTED, LOG, [], []),
        (REJECTED, LOG, ["source", "source"], []),
        (REJECTED, LOG, ["another reason"], []),
        (REJECTED, LOG, ["source"], [MESSAGE]),
        (REJECTED, "", ["source"], []),
        (REJECTED, LOG * 2, ["source"], []),
    ],
    ids=["not rejected", "lost", "kept twice", "no reason", "posted", "not logged", "logged twice"],
)
def test_a_bad_rejection_has_one_shortcoming(answer, log, letters, messages):
    assert len(shortcomings_of_rejection("source", lambda: letters, invocation(answer, log), messages)) == 1


REPAIRED = RunRecord(
    id="run-0123456789ab",
    incident_id="inc-0123456789ab",
    alert_id=None,
    subject=subject(),
    mode="ask",
    created_at=1767225600000,
    state=RunState.REPAIRED,
    decision="approved",
    decided_by="U0ALICE",
)
SUMMARY = 'Status: SUCCEEDED\nResult: {"run_id": "run-0123456789ab", "state": "repaired"}'
GREEN = {"text": "\N{LARGE GREEN CIRCLE} audit resolved"}
RED = {"text": "\N{LARGE RED CIRCLE} audit"}


def test_a_repair_has_no_shortcomings():
    assert shortcomings_of_repair("U0ALICE", REPAIRED, invocation(SUMMARY), [GREEN]) == []


@pytest.mark.parametrize(
    ("after", "made", "messages"),
    [
        (None, invocation(SUMMARY), [GREEN]),
        (replace(REPAIRED, state=RunState.HELPED), invocation(SUMMARY), [GREEN]),
        (replace(REPAIRED, decided_by="U0MALLORY"), invocation(SUMMARY), [GREEN]),
        (replace(REPAIRED, decision=None), invocation(SUMMARY), [GREEN]),
        (REPAIRED, invocation(SUMMARY, exit_code=1), [GREEN]),
        (REPAIRED, invocation("Status: FAILED"), [GREEN]),
        (REPAIRED, invocation(SUMMARY, log=SLACK_BOT_TOKEN), [GREEN]),
        (REPAIRED, invocation(SUMMARY), [RED]),
        (REPAIRED, invocation(SUMMARY), [GREEN, RED]),
        (REPAIRED, invocation(SUMMARY), []),
    ],
)
def test_anything_else_is_no_repair(after: RunRecord | None, made: Invocation, messages: list[dict[str, str]]):
    assert len(shortcomings_of_repair("U0ALICE", after, made, messages)) == 1
