"""A failure, its approval by a signed request, the repair and the green message: the stack's functions, end to end."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

import diagnose
from ecs_medic.finding import JsonValue
from ecs_medic.ledger import controls, incidents
from ecs_medic.ledger.rhythm import MINUTE
from ecs_medic.repair.pace import Pace
from ecs_medic.repair.steps import Answer
from ecs_medic.response.carry_out import carry_out
from sandbox.gallery import build
from tests.functions.deployment import Deployment
from tests.functions.test_approvals import Executions, executions, press
from tests.functions.test_slack_actions import status
from tests.response.office import words

__all__ = ["executions"]

CHANGES = frozenset({"Create", "Modify", "Authorize", "Attach", "Put", "Update", "Stop", "Run", "Delete", "Revoke"})


@dataclass
class AsInLambda:
    """The steps of a run whose questions a person answers in Slack."""

    deployed: Deployment
    executions: Executions
    before_the_answer: Callable[[], None] = lambda: None
    after_the_answer: Callable[[], None] = lambda: None

    def do(self, name: str, work: Callable[[], JsonValue]) -> JsonValue:
        return work()

    def wait(self, name: str, seconds: int) -> None:
        """No time passes here: what the embedded account settles, it settles at once."""

    def ask(self, name: str, put: Callable[[str], None], seconds: int) -> Answer | None:
        put(name)
        self.before_the_answer()
        assert status(self.deployed, press(self.deployed)) == 200
        self.after_the_answer()
        return dict(self.executions.answered).get(name)


def changes_of(deployed: Deployment) -> list[str]:
    """The calls that change anything but the ledger."""
    return [
        f"{call['service']}:{call['operation']}"
        for call in deployed.account.calls()
        if call["service"] in {"ec2", "ecs", "iam", "logs"} and call["operation"].startswith(tuple(CHANGES))
    ]


def repaired(deployed: Deployment, executions: Executions, steps: AsInLambda | None = None) -> dict[str, Any]:
    environment, _ = diagnose._environment()
    ((run_id, _payload),) = executions.started
    pace = replace(Pace(), first_look=0, longest_pause=0, prove=0, settle=0, undo=0, stay_up=timedelta())
    around = environment.surroundings("request-repair")
    return carry_out(run_id, steps or AsInLambda(deployed, executions), around, pace)


@pytest.mark.parametrize("name", ["log_group_missing", "ecr_dkr_endpoint_missing"])
def test_from_failure_through_approval_to_a_green_message(deployed, executions, name):
    controls.publish(deployed.table, {"mode": "ask", "approvers": ["U0CAROL"]})
    answer = deployed.handle(build(deployed.account, name).event)
    assert answer["remediation"] == "waiting"
    ended = repaired(deployed, executions)
    (message,) = deployed.messages()
    assert ended["state"] == "repaired", words(message)
    assert "🟢" in words(message)
    assert "<@U0CAROL>" in words(message)
    record = incidents.read(deployed.table, answer["incident_id"])
    assert record
    assert not record.is_open
    # What the repair itself brings about opens nothing.
    for event in deployed.account.take_events():
        assert deployed.handle(event)["remediation"] == "none"
    assert len(deployed.messages()) == len(executions.started) == 1


def test_unattended_it_is_done_without_a_click(deployed, executions):
    allowed = ["create_log_group", "force_new_deployment"]
    controls.publish(deployed.table, {"mode": "auto", "auto_actions": allowed, "untagged_is_free": True})
    answer = deployed.handle(build(deployed.account, "log_group_missing").event)
    assert answer["remediation"] == "started"
    assert repaired(deployed, executions)["state"] == "repaired"
    (message,) = deployed.messages()
    assert "🟢" in words(message)


@pytest.mark.parametrize("switch", ["stopped", "observe"])
def test_off_means_off_also_after_the_approval(deployed, executions, switch, later):
    controls.publish(deployed.table, {"mode": "ask", "approvers": ["U0CAROL"]})
    deployed.handle(build(deployed.account, "log_group_missing").event)

    def off() -> None:
        if switch == "observe":
            controls.publish(deployed.table, {"mode": "observe"})
        else:
            controls.change(deployed.table, stopped={"by": "carol", "why": "a sale", "at": "2026-01-01T00:00:00Z"})

    deployed.account.clear_calls()
    ended = repaired(deployed, executions, AsInLambda(deployed, executions, after_the_answer=off))
    assert ended["state"] == "stopped"
    assert changes_of(deployed) == []
    later(MINUTE)
    deployed.sweep()
    (message,) = deployed.messages()
    assert "🛑" in words(message)


def test_with_observe_nothing_is_changed_and_nothing_begins(deployed, executions):
    deployed.account.clear_calls()
    scenario = build(deployed.account, "log_group_missing")
    deployed.account.clear_calls()
    assert deployed.handle(scenario.event)["remediation"] == "none"
    assert (executions.started, changes_of(deployed)) == ([], [])
