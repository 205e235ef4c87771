"""RemediateFunction's handler as a durable execution on the embedded account: from a failure to its repair."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import remediate
from ecs_medic.ledger import controls, openers, runs
from ecs_medic.ledger.rhythm import epoch_ms
from ecs_medic.repair.durable import DurableSteps
from ecs_medic.response.execution_environment import ExecutionEnvironment
from ecs_medic.run_state import RunState
from sandbox.durable.functions import DurableFunctions, Ended
from sandbox.gallery import build
from tests.functions.deployment import Deployment, forget
from tests.repair.crashing import Crash, CrashingSteps

ALICE = "U0ALICE"
GROUP = "/shop/audit"


@pytest.fixture
def functions(deployed: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[DurableFunctions]:
    controls.publish(deployed.table, {"mode": "ask", "approvers": [ALICE]})
    surroundings = ExecutionEnvironment.surroundings
    handlers = {"RemediateFunction": remediate.handler}
    with DurableFunctions.start(deployed.account, handlers, patience=1000) as functions:
        monkeypatch.setenv("REMEDIATE_FUNCTION", functions.alias("RemediateFunction"))
        # Waits are skipped: by the functions' clock they are over all the same.
        monkeypatch.setattr(
            ExecutionEnvironment,
            "surroundings",
            lambda self, run, **named: surroundings(self, run, now=functions.now, **named),
        )
        forget()
        yield functions


def asked(deployed: Deployment, functions: DurableFunctions) -> str:
    """The id of the run that has put its question."""
    answer = deployed.handle(build(deployed.account, "log_group_missing").event)
    assert answer["remediation"] == "waiting"
    [run_id] = functions.executions
    eventually(lambda: functions.questions(run_id) and "ecs-medic-approve" in json.dumps(deployed.messages()))
    return run_id


def eventually[T](look: Callable[[], T]) -> T:
    for _ in range(600):
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come")


def click(deployed: Deployment, action: str) -> dict[str, Any]:
    [message] = deployed.messages()
    return deployed.click(deployed.account.slack_click(message["ts"], action, ALICE).as_function_url_event())


def groups(deployed: Deployment) -> list[str]:
    return [one["logGroupName"] for one in deployed.account.client("logs").describe_log_groups()["logGroups"]]


def test_what_is_approved_is_made_and_proven_although_it_is_killed_once_at_every_point(
    deployed: Deployment, functions: DurableFunctions, monkeypatch: pytest.MonkeyPatch
):
    crash = Crash(everywhere=True)
    monkeypatch.setattr(remediate, "DurableSteps", lambda context: CrashingSteps(DurableSteps(context), crash))
    run_id = asked(deployed, functions)
    assert GROUP not in groups(deployed)
    assert click(deployed, "ecs-medic-approve") == {"statusCode": 200}
    assert functions.wait(run_id, 300) == Ended("SUCCEEDED", {"run_id": run_id, "state": "repaired"}, None)
    assert crash.happened == len(crash.points) > 40
    assert GROUP in groups(deployed)
    calls = [call["operation"] for call in deployed.account.calls()]
    assert [calls.count(one) for one in ("CreateLogGroup", "UpdateService")] == [1, 1]
    [message] = deployed.messages()
    assert message["text"].startswith("\N{LARGE GREEN CIRCLE}")
    assert f"approved by <@{ALICE}>" in json.dumps(message["blocks"])


def test_what_is_denied_is_not_made(deployed: Deployment, functions: DurableFunctions):
    run_id = asked(deployed, functions)
    assert click(deployed, "ecs-medic-deny") == {"statusCode": 200}
    assert functions.wait(run_id).result == {"run_id": run_id, "state": "denied"}
    assert GROUP not in groups(deployed)
    record = runs.read(deployed.table, run_id)
    assert record is not None
    assert (record.state, record.decided_by, record.delivered) == (RunState.DENIED, ALICE, True)


def test_what_nobody_answers_is_not_made(deployed: Deployment, functions: DurableFunctions):
    run_id = asked(deployed, functions)
    assert functions.expire(run_id) == 1
    assert functions.wait(run_id).result == {"run_id": run_id, "state": "expired"}
    assert GROUP not in groups(deployed)


def test_a_run_whose_event_is_gone_says_so(deployed: Deployment, functions: DurableFunctions):
    account = deployed.account
    # Lambda does not take it: the run is there, and has not begun.
    fault = account.fault("lambda", "Invoke", "access_denied")
    answer = deployed.handle(build(account, "log_group_missing").event)
    account.clear_faults(fault)
    assert functions.executions == ()
    [run] = runs.runs_of(deployed.table, answer["incident_id"])
    unreadable = openers.kept(answer["incident_id"], {"source": "aws.nothing"}, now=epoch_ms(functions.now()))
    deployed.table.put(unreadable)
    assert carried(functions, run.id, account).result == {"run_id": run.id, "state": "impossible"}
    assert carried(functions, run.id, account, again="-again").result == {"run_id": run.id, "state": "impossible"}
    assert GROUP not in groups(deployed)


def test_a_run_that_is_not_there_ends_at_once(deployed: Deployment, functions: DurableFunctions):
    ended = carried(functions, "run-0123456789ab", deployed.account)
    assert ended == Ended("SUCCEEDED", {"run_id": "run-0123456789ab", "state": None}, None)


def carried(functions: DurableFunctions, run_id: str, account: Any, *, again: str = "") -> Ended:
    """How the run ends that is started by hand."""
    account.client("lambda").invoke(
        FunctionName=functions.alias("RemediateFunction"),
        InvocationType="Event",
        DurableExecutionName=run_id + again,
        Payload=json.dumps({"run_id": run_id}).encode(),
    )
    return functions.wait(run_id + again)
