"""The README names everything that the stack reads and everything that it can be told."""

import pytest

from tests.template.stack import ROOT, deployed, listed, of_type, statements_of, written

README = (ROOT / "README.md").read_text()
# What the function needs to run at all: its own log, traces, checkpoints and the key of its own resources.
PLUMBING = {
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "lambda:CheckpointDurableExecution",
    "lambda:GetDurableExecutionState",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
ACTIONS = {
    action
    for role in of_type(deployed(), "AWS::IAM::Role")
    for statement in statements_of(role, deployed())
    for action in listed(statement["Action"])
}


@pytest.mark.parametrize("action", sorted(ACTIONS - PLUMBING))
def test_every_action_is_in_the_table(action):
    service, operation = action.split(":")
    rows = [line for line in README.splitlines() if line.startswith(f"| `{service}:") or f"· `{service}:` " in line]
    assert any(f"`{operation}`" in row or f"`{action}`" in row for row in rows)


@pytest.mark.parametrize("parameter", sorted(written()["Parameters"]))
def test_every_parameter_is_in_the_table(parameter):
    assert f"| `{parameter}` |" in README
