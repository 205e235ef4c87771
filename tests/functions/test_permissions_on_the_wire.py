"""Each role allows every call that its function makes, from a failure to its repair, as the account saw them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ecs_medic.aws.permissions import permission_for
from ecs_medic.ledger import controls
from ecs_medic.ledger.rhythm import MINUTE
from sandbox.gallery import build
from sandbox.repair_demo import REPAIRED
from tests.functions.deployment import Deployment
from tests.functions.test_approvals import Executions, executions
from tests.functions.test_repair import AsInLambda, repaired
from tests.template.stack import as_deployed, listed, statements_of

__all__ = ["executions"]

RESOURCES = as_deployed(Remediation="ask", Approvers="U0CAROL")
OF_A_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
"""What each part of a transaction has to be allowed as."""
FOR_EVERYBODY = frozenset({"sts:GetCallerIdentity"})
"""Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""


class Wire:
    """The permissions that each role's function needed, by the calls that arrived while it ran."""

    def __init__(self, deployed: Deployment) -> None:
        self._account = deployed.account
        self.needed: dict[str, set[str]] = {}
        self._account.clear_calls()

    def was(self, role: str) -> None:
        """All calls since the last time were this role's function's."""
        calls = [one for one in self._account.calls() if one["service"] != "slack"]
        self.needed.setdefault(role, set()).update(action for call in calls for action in permissions(call))
        self._account.clear_calls()

    def asks(self, role: str) -> Callable[[], None]:
        return lambda: self.was(role)


def permissions(call: dict[str, Any]) -> Iterator[str]:
    if call["operation"] == "TransactWriteItems":
        for part in call["parameters"]["TransactItems"]:
            yield from (f"dynamodb:{OF_A_TRANSACTION[kind]}" for kind in part)
    else:
        yield permission_for(call["service"], call["operation"])


def allowed(role: str) -> set[str]:
    every = statements_of(role, RESOURCES)
    return {action for one in every if one["Effect"] == "Allow" for action in listed(one["Action"])}


@pytest.mark.parametrize("name", REPAIRED)
def test_every_call_of_a_whole_repair_is_allowed(deployed: Deployment, executions: Executions, later: Any, name: str):
    controls.publish(deployed.table, {"mode": "ask", "approvers": ["U0CAROL"]})
    scenario = build(deployed.account, name)
    wire = Wire(deployed)
    assert deployed.handle(scenario.event)["remediation"] == "waiting"
    wire.was("DiagnoseRole")
    steps = AsInLambda(
        deployed,
        executions,
        before_the_answer=wire.asks("RemedyRole"),
        after_the_answer=wire.asks("SlackActionsRole"),
    )
    assert repaired(deployed, executions, steps)["state"] == "repaired"
    wire.was("RemedyRole")
    later(5 * MINUTE)
    deployed.sweep()
    for event in deployed.account.take_events():
        deployed.handle(event)
    wire.was("DiagnoseRole")
    assert wire.needed.keys() == {"DiagnoseRole", "SlackActionsRole", "RemedyRole"}
    for role, needed in wire.needed.items():
        assert needed
        assert needed - FOR_EVERYBODY - allowed(role) == set(), role
