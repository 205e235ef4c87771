"""SlackActionsFunction's handler: Approve and Deny. Who may decide, about what, once; and whoever else tries."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from ecs_medic.aws import lambda_calls
from ecs_medic.aws.lambda_calls import CallbackClosed, LambdaFailed
from ecs_medic.ledger import controls, runs
from ecs_medic.ledger.errors import LedgerRefused
from ecs_medic.ledger.rhythm import HOUR, MINUTE
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.repair.proposal import Proposal
from ecs_medic.report.repair_blocks import APPROVE_ACTION, BLOCK_PREFIX, DENY_ACTION
from ecs_medic.response.click_request import LONGEST_BODY
from ecs_medic.response.run_records import RunRecords
from ecs_medic.run_state import RunState
from ecs_medic.settings import Settings
from ecs_medic.slack.signature import SIGNATURE
from sandbox.gallery import build
from sandbox.slack.request import SlackRequest
from tests.functions.deployment import Deployment
from tests.functions.test_slack_actions import signed, status
from tests.response.office import words

ALIAS = "arn:aws:lambda:eu-west-1:123456789012:function:ecs-medic-remediate:live"
CALLBACK = "callback-1"
GROUP = "S0ONCALL"


class Executions:
    """Lambda, as far as it is asked."""

    def __init__(self) -> None:
        self.started: list[tuple[str, dict[str, Any]]] = []
        self.answered: list[tuple[str, dict[str, Any]]] = []
        self.fails: Exception | None = None
        self.seconds = 0.0

    def start(self, _: object, function: str, name: str, payload: dict[str, Any]) -> None:
        assert function == ALIAS
        self.started.append((name, payload))

    def answer(self, _: object, callback_id: str, answer: dict[str, Any]) -> None:
        time.sleep(self.seconds)
        if self.fails:
            raise self.fails
        self.answered.append((callback_id, answer))


@pytest.fixture
def executions(deployed: Deployment, monkeypatch: pytest.MonkeyPatch) -> Executions:
    made = Executions()
    monkeypatch.setattr(lambda_calls, "start_execution", made.start)
    monkeypatch.setattr(lambda_calls, "send_callback", made.answer)
    monkeypatch.setenv("REMEDIATE_FUNCTION", ALIAS)
    return made


@pytest.fixture
def run(deployed: Deployment, executions: Executions) -> RunRecord:
    """Of a failure whose repair somebody is asked about; carol may decide."""
    controls.publish(deployed.table, {"mode": "ask", "approvers": ["U0CAROL"]})
    answer = deployed.handle(build(deployed.account, "log_group_missing").event)
    assert answer["remediation"] == "waiting"
    ((run_id, payload),) = executions.started
    assert payload == {"run_id": run_id}
    asks(deployed, run_id)
    deployed.account.clear_calls()
    return read(deployed, run_id)


def read(deployed: Deployment, run_id: str) -> RunRecord:
    found = runs.read(deployed.table, run_id)
    assert found
    return found


def asks(deployed: Deployment, run_id: str, *, callback: str = CALLBACK, hours: float = 8, **changes: Any) -> None:
    """As its workflow would."""
    import diagnose  # noqa: PLC0415

    environment, _ = diagnose._environment()
    found = read(deployed, run_id)
    assert found.plan
    proposal = Proposal.from_json({**found.plan, **changes})
    records = RunRecords(found, environment.surroundings("request-0"))
    records.put(proposal, callback, datetime.now(UTC) + timedelta(hours=hours))


def press(deployed: Deployment, action: str = APPROVE_ACTION, user: str = "U0CAROL", **settings: Any) -> SlackRequest:
    (message,) = deployed.messages()
    return deployed.account.slack_click(message["ts"], action, user, **settings)


def told(deployed: Deployment) -> list[str]:
    """What those who clicked were told, each in private."""
    return [one["text"] for one in deployed.account.slack_messages() if one.get("ephemeral_for")]


@pytest.mark.parametrize(("action", "decision"), [(APPROVE_ACTION, "approved"), (DENY_ACTION, "denied")])
def test_a_decision_is_written_down_and_given_to_the_run(deployed, run, executions, action, decision):
    assert status(deployed, press(deployed, action), in_base64=decision == "denied") == 200
    after = read(deployed, run.id)
    assert (after.decision, after.decided_by, after.delivered) == (decision, "U0CAROL", True)
    assert executions.answered == [(CALLBACK, {"decision": decision, "by": "U0CAROL"})]
    (private,) = told(deployed)
    assert private.lower().startswith(decision)


def test_the_buttons_carry_the_run_alone(deployed, run):
    (message,) = deployed.messages()
    (block,) = [one for one in message["blocks"] if one.get("block_id", "").startswith(BLOCK_PREFIX)]
    assert {element["value"] for element in block["elements"]} == {run.id}
    assert block["block_id"] == f"{BLOCK_PREFIX}{run.fingerprint}"


def test_the_message_says_who_decided_by_the_next_sweep(deployed, run, later):
    status(deployed, press(deployed))
    later(MINUTE)
    deployed.sweep()
    (message,) = deployed.messages()
    assert "<@U0CAROL>" in words(message)
    assert not [one for one in message["blocks"] if one.get("block_id", "").startswith(BLOCK_PREFIX)]


def test_nothing_but_the_ledger_and_the_secret_is_touched(deployed, run):
    status(deployed, press(deployed))
    assert {call["service"] for call in deployed.account.calls()} <= {"dynamodb", "secretsmanager"}


def test_a_second_click_is_told_who_decided(deployed, run, executions):
    controls.publish(deployed.table, {"mode": "ask", "approvers": ["U0CAROL", "U0ALICE"]})
    first, second, third = press(deployed), press(deployed, DENY_ACTION, "U0ALICE"), press(deployed)
    assert [status(deployed, one) for one in (first, second, third)] == [200, 200, 200]
    assert len(executions.answered) == 1
    assert read(deployed, run.id).decision == "approved"
    assert "approved by <@U0CAROL>" in told(deployed)[1]
    assert "approved by <@U0CAROL>" in told(deployed)[2]


def test_a_click_on_a_stale_plan_decides_nothing(deployed, run, executions):
    before = press(deployed)
    asks(deployed, run.id, callback="callback-2", changes=[{**run.plan["changes"][0], "blast_radius": "Another one."}])
    assert status(deployed, before) == 200
    assert (read(deployed, run.id).decision, executions.answered) == (None, [])
    assert "the plan has changed" in told(deployed)[0]
    assert status(deployed, press(deployed)) == 200
    assert executions.answered == [("callback-2", {"decision": "approved", "by": "U0CAROL"})]


def test_an_expired_question_decides_nothing(deployed, run, executions):
    asks(deployed, run.id, callback="callback-2", hours=8)
    request = press(deployed)
    asks(deployed, run.id, callback="callback-3", hours=-0.1)
    assert status(deployed, request) == 200
    assert (read(deployed, run.id).decision, executions.answered) == (None, [])
    assert "expired" in told(deployed)[0]


@pytest.mark.parametrize("state", [RunState.EXPIRED, RunState.NOTHING_TO_DO, RunState.PLANNING])
def test_a_run_that_asks_nothing_any_more_decides_nothing(deployed, run, executions, state):
    request = press(deployed)
    runs.say(deployed.table, run.id, state, "So it is.", now=int(time.time() * 1000))
    assert status(deployed, request) == 200
    assert (read(deployed, run.id).decision, executions.answered) == (None, [])
    assert told(deployed)[0].startswith("Nothing was decided: ")


def test_a_run_that_is_gone_is_told(deployed, run, executions):
    request = press(deployed)
    key = {"pk": {"S": f"run#{run.id}"}, "sk": {"S": "run"}}
    deployed.account.client("dynamodb").delete_item(TableName=deployed.table.name, Key=key)
    assert status(deployed, request) == 200
    assert executions.answered == []
    assert "no such repair" in told(deployed)[0]


@pytest.mark.parametrize("why", ["stopped", "observe"])
def test_with_repairs_switched_off_no_approval_is_taken_but_a_denial_is(deployed, run, executions, why):
    if why == "stopped":
        controls.change(deployed.table, stopped={"by": "dave", "why": "the sale is on", "at": "2026-01-01T00:00:00Z"})
    else:
        controls.publish(deployed.table, {"mode": "observe", "approvers": ["U0CAROL"]})
    assert status(deployed, press(deployed)) == 200
    assert (read(deployed, run.id).decision, executions.answered) == (None, [])
    assert "Your approval was not taken down" in told(deployed)[0]
    assert status(deployed, press(deployed, DENY_ACTION)) == 200
    assert read(deployed, run.id).decision == "denied"


# ---------------------------------------------------------------- who may


def test_somebody_who_is_not_listed_is_refused_in_private(deployed, run, executions, caplog):
    assert status(deployed, press(deployed, user="U0DAVE")) == 403
    assert (read(deployed, run.id), executions.answered) == (run, [])
    assert "Ask <@U0CAROL>" in told(deployed)[0]
    assert "user.id: not an approver" in {getattr(record, "reason", None) for record in caplog.records}


def test_where_nobody_is_listed_nobody_may(deployed, run, executions):
    controls.publish(deployed.table, {"mode": "ask"})
    assert status(deployed, press(deployed)) == 403
    assert (read(deployed, run.id), executions.answered) == (run, [])
    assert "nobody is listed" in told(deployed)[0]


@pytest.fixture
def by_group(deployed: Deployment, run: RunRecord) -> Callable[[list[str]], None]:
    """The members of a group may decide; sets who they are."""
    controls.publish(deployed.table, {"mode": "ask", "approvers": [GROUP]})

    def consists_of(users: list[str]) -> None:
        deployed.account._control("PATCH", f"/slack/usergroups/{GROUP}", {"users": users})

    consists_of(["U0DAVE"])
    return consists_of


def test_a_member_of_a_listed_group_may(deployed, run, executions, by_group):
    assert status(deployed, press(deployed, user="U0CAROL")) == 403
    assert executions.answered == []
    assert status(deployed, press(deployed, user="U0DAVE")) == 200
    assert read(deployed, run.id).decided_by == "U0DAVE"


def test_a_group_is_asked_about_once_a_minute(deployed, run, by_group):
    for _ in range(3):
        status(deployed, press(deployed, user="U0CAROL"))
    asked = [one for one in deployed.account.slack_calls() if one["method"] == "usergroups.users.list"]
    assert len(asked) == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", ["error", "server_error", "timeout"])
def test_a_group_that_cannot_be_asked_about_lets_nobody_in(deployed, run, executions, by_group, kind):
    status(deployed, press(deployed, "ecs-medic-mute", value=mute_value(deployed)))
    request = press(deployed, user="U0DAVE")
    more: dict[str, dict[str, Any]] = {"error": {"code": "missing_scope"}, "timeout": {"seconds": 20.0}}
    settings = more.get(kind, {})
    deployed.account.slack_misbehave("usergroups.users.list", kind, **settings)
    started = time.monotonic()
    assert status(deployed, request) == 403
    assert time.monotonic() - started < 10
    assert (read(deployed, run.id).decision, executions.answered) == (None, [])
    assert "does not tell" in told(deployed)[-1]
    # What failed is not remembered.
    assert status(deployed, press(deployed, user="U0DAVE")) == 200


def mute_value(deployed: Deployment) -> str:
    (message,) = deployed.messages()
    elements = [element for block in message["blocks"] for element in block.get("elements", ())]
    (menu,) = [one for one in elements if one.get("action_id") == "ecs-medic-mute"]
    return str(menu["options"][0]["value"])


# ---------------------------------------------------------------- on its way to the run


def test_what_lambda_does_not_take_the_sweep_delivers(deployed, run, executions, later):
    executions.fails = LambdaFailed("TooManyRequestsException: Rate exceeded")
    assert status(deployed, press(deployed)) == 200
    assert (read(deployed, run.id).decision, read(deployed, run.id).delivered) == ("approved", False)
    assert "in a minute" in told(deployed)[0]
    executions.fails = None
    later(2 * MINUTE)
    assert deployed.sweep()["runs"] == 1
    assert executions.answered == [(CALLBACK, {"decision": "approved", "by": "U0CAROL"})]
    assert read(deployed, run.id).delivered
    later(10 * MINUTE)
    assert deployed.sweep()["runs"] == 0


def test_a_callback_that_nobody_waits_for_is_not_answered_for_ever(deployed, run, executions, later):
    executions.fails = CallbackClosed("ResourceNotFoundException: no such callback")
    assert status(deployed, press(deployed)) == 200
    assert read(deployed, run.id).delivered
    later(10 * MINUTE)
    assert deployed.sweep()["runs"] == 0


@pytest.mark.usefixtures("impatient")
def test_a_slow_lambda_does_not_make_slack_wait(deployed, run, executions):
    status(deployed, press(deployed, user="U0DAVE"))
    executions.seconds = 20.0
    started = time.monotonic()
    assert status(deployed, press(deployed)) == 200
    assert time.monotonic() - started < 10
    assert read(deployed, run.id).decision == "approved"


def test_a_ledger_that_refuses_is_raised_and_the_same_person_can_click_again(deployed, run, executions):
    fault = deployed.account.fault("dynamodb", "TransactWriteItems", "access_denied")
    with pytest.raises(LedgerRefused):
        status(deployed, press(deployed))
    assert executions.answered == []
    deployed.account.clear_faults(fault)
    assert status(deployed, press(deployed)) == 200
    assert len(executions.answered) == 1


def test_a_question_that_nobody_answers_is_ended_by_the_sweep_where_the_run_has_died(deployed, run, executions, later):
    later(8 * HOUR + 20 * MINUTE)
    assert deployed.sweep()["runs"] == 1
    after = read(deployed, run.id)
    assert after.state is RunState.EXPIRED
    later(8 * HOUR + 22 * MINUTE)
    deployed.sweep()
    (message,) = deployed.messages()
    assert "Nobody answered in time" in words(message)
    assert executions.answered == []


# ---------------------------------------------------------------- attacks


def _headers(request: SlackRequest, **headers: str | None) -> SlackRequest:
    changed = {**request.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return SlackRequest({name: value for name, value in changed.items() if value is not None}, request.body)


def _changed(deployed: Deployment, action: dict[str, Any] | None = None, **changes: Any) -> SlackRequest:
    """As if Slack itself had sent something else."""
    payload = json.loads(parse_qs(press(deployed).body.decode())["payload"][0])
    (pressed,) = payload["actions"]
    payload |= {"actions": [pressed | (action or {})], **changes}
    return signed(urlencode({"payload": json.dumps(payload)}).encode())


ATTACKS: dict[str, tuple[Callable[[Deployment], SlackRequest], int]] = {
    "another secret": (lambda d: press(d, secret="guessed"), 401),
    "an empty secret": (lambda d: press(d, secret=""), 401),
    "an old request": (lambda d: press(d, at=time.time() - 301), 401),
    "a request from the future": (lambda d: press(d, at=time.time() + 320), 401),
    "no signature": (lambda d: _headers(press(d), X_Slack_Signature=None), 401),
    "no timestamp": (lambda d: _headers(press(d), X_Slack_Request_Timestamp=None), 401),
    "a garbage timestamp": (lambda d: _headers(press(d), X_Slack_Request_Timestamp="soon"), 401),
    "another timestamp": (lambda d: _headers(press(d), X_Slack_Request_Timestamp=str(int(time.time()) - 9)), 401),
    "a signature of another version": (
        lambda d: _headers(press(d), X_Slack_Signature="v1=" + press(d).headers[SIGNATURE][3:]),
        401,
    ),
    "a denial made an approval": (
        lambda d: SlackRequest(
            press(d, DENY_ACTION).headers,
            press(d, DENY_ACTION).body.replace(DENY_ACTION.encode(), APPROVE_ACTION.encode()),
        ),
        401,
    ),
    "somebody else's name": (
        lambda d: SlackRequest(
            press(d, user="U0DAVE").headers, press(d, user="U0DAVE").body.replace(b"U0DAVE", b"U0CAROL")
        ),
        401,
    ),
    "a truncated body": (lambda d: SlackRequest(press(d).headers, press(d).body[:-40]), 401),
    "no body": (lambda d: SlackRequest(press(d).headers, b""), 400),
    "a huge body": (lambda d: signed(b"payload=" + b"x" * LONGEST_BODY), 413),
    "JSON instead of a form": (lambda d: _headers(press(d), Content_Type="application/json"), 415),
    "no content type": (lambda d: _headers(press(d), Content_Type=None), 415),
    "somebody who is not listed": (lambda d: press(d, user="U0DAVE"), 403),
    "nobody": (lambda d: _changed(d, user={"id": ""}), 400),
    "an alert instead of a run": (lambda d: _changed(d, {"value": "alert-0123456789ab"}), 400),
    "another partition of the table": (lambda d: _changed(d, {"value": "run-0123456789ab#incident"}), 400),
    "no run": (lambda d: _changed(d, {"value": None}), 400),
    "no plan": (lambda d: _changed(d, {"block_id": None}), 400),
    "a plan of another kind": (lambda d: _changed(d, {"block_id": "ecs-medic-mute"}), 400),
    "a plan that is none": (lambda d: _changed(d, {"block_id": f"{BLOCK_PREFIX}../x"}), 400),
    "an action that is not ours": (lambda d: _changed(d, {"action_id": "ecs-medic-approve-all"}), 404),
    "somebody else's address to answer at": (lambda d: _changed(d, response_url="https://example.com/"), 400),
}


@pytest.mark.parametrize("in_base64", [True, False])
def test_attacks_are_refused_and_logged_and_do_nothing(deployed, run, executions, caplog, in_base64):
    for name, (attack, expected) in ATTACKS.items():
        request = attack(deployed)
        caplog.clear()
        assert status(deployed, request, in_base64=in_base64) == expected, name
        assert read(deployed, run.id) == run, name
        (line,) = [record for record in caplog.records if record.message == "refused a request"]
        assert line.status == expected, name
        assert len(str(line.reason)) < 200, name
        assert "sandbox-signing-secret" not in str([record.__dict__ for record in caplog.records]), name
    assert executions.answered == []
    assert told(deployed) == [one for one in told(deployed) if one.startswith("Nothing was decided")]


def test_a_replay_is_refused(deployed, run, executions):
    request = press(deployed)
    assert [status(deployed, request) for _ in range(3)] == [200, 409, 409]
    assert len(executions.answered) == 1


def test_a_replay_answers_no_later_question(deployed, run, executions):
    request = press(deployed)
    status(deployed, request)
    asks(deployed, run.id, callback="callback-2")
    assert status(deployed, request) == 409
    assert read(deployed, run.id).decision is None
    assert len(executions.answered) == 1


# ---------------------------------------------------------------- settings


def test_the_stack_says_what_it_allows_once(deployed, executions, monkeypatch):
    monkeypatch.setenv("REPAIR_CONTROLS", json.dumps({"mode": "ask", "approvers": ["U0CAROL"]}))
    deployed.sweep()
    assert controls.read(deployed.table).stack == {"mode": "ask", "approvers": ["U0CAROL"]}
    deployed.account.clear_calls()
    deployed.sweep()
    assert [call["operation"] for call in deployed.account.calls()] == ["Query"]


@pytest.mark.parametrize("given", ["{", "[]", '"auto"'])
def test_controls_that_cannot_be_read_allow_nothing(deployed, executions, monkeypatch, caplog, given):
    controls.publish(deployed.table, {"mode": "auto"})
    monkeypatch.setenv("REPAIR_CONTROLS", given)
    deployed.sweep()
    assert controls.read(deployed.table).stack == {"mode": "observe"}
    assert "REPAIR_CONTROLS" in caplog.text


def test_own_roles_are_read_from_the_environment():
    settings = Settings.from_environment({"AWS_REGION": "eu-west-1", "OWN_ROLES": "arn:a, arn:b,"})
    assert settings.own_roles == {"arn:a", "arn:b"}
    assert Settings.from_environment({"AWS_REGION": "eu-west-1"}).own_roles == frozenset()
