"""The matrix leaves no call out: neither one that the product's modules name, nor one that the gallery brings about."""

from pathlib import Path

import pytest

import ecs_medic
from ecs_medic.aws.permissions import permission_for
from tests.faults.cells import BESIDE_THE_GALLERY, CALLS_OF, SCENARIO_OF
from tests.faults.theatre import Theatre, without_pauses
from tests.template.operations import operations_named_in
from tests.template.stack import deployed, listed, statements_of

PACKAGE = Path(ecs_medic.__file__).parent
READ = {permission_for(*call.split(":")) for call in (*SCENARIO_OF, *BESIDE_THE_GALLERY)}
ELSEWHERE = {
    # The dead-letter queue: tests/faults/test_dead_letters.py. A repair's start and answer: tests/response.
    "sqs:SendMessage",
    "lambda:InvokeFunction",
    "lambda:SendDurableExecutionCallbackSuccess",
    # Taking a repair's reservations away, only: tests/response/test_repair_faults.py.
    "dynamodb:DeleteItem",
    # Made by Lambda itself, and by AWS services for the function.
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
TRANSACTION = "dynamodb:TransactWriteItems"


def test_every_read_that_a_module_names_is_in_the_matrix():
    modules = [*(PACKAGE / "collect").rglob("*.py"), PACKAGE / "remedies" / "survey.py"]
    assert {action for module in modules for action in operations_named_in(module)} <= READ


def test_every_action_of_the_role_is_in_the_matrix():
    allowed = {action for one in statements_of("DiagnoseRole", deployed()) for action in listed(one["Action"])}
    assert allowed - ELSEWHERE <= READ
    assert TRANSACTION in SCENARIO_OF


@pytest.mark.soak
@pytest.mark.parametrize("name", CALLS_OF)
def test_every_call_of_a_scenario_is_in_the_matrix(account, monkeypatch, name):
    without_pauses(monkeypatch)
    theatre = Theatre(account, name, monkeypatch)
    assert theatre.baseline().calls.keys() <= SCENARIO_OF.keys()
    assert set(CALLS_OF[name]) <= theatre.baseline().calls.keys()
