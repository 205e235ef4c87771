"""Durable functions under the embedded account's endpoint: what Lambda answers, and what its breaking down does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aws_durable_execution_sdk_python import durable_execution
from aws_durable_execution_sdk_python.config import Duration

from sandbox.client import Sandbox
from sandbox.durable.functions import DurableFunctions, Ended

NAME = "run-0123456789ab"


@durable_execution
def waiting(event, context):
    before = context.step(lambda _: event["run_id"], name="before")
    context.wait(Duration.from_hours(9), name="night")
    return [before, context.step(lambda _: "after", name="after")]


@pytest.fixture
def functions(account: Sandbox) -> Iterator[DurableFunctions]:
    with account.environ(), DurableFunctions.start(account, {"RemediateFunction": waiting}) as functions:
        yield functions


def invoke(account: Sandbox, **changes: Any) -> Any:
    request = {
        "FunctionName": DurableFunctions.alias("RemediateFunction"),
        "InvocationType": "Event",
        "DurableExecutionName": NAME,
        "Payload": json.dumps({"run_id": NAME}).encode(),
        **changes,
    }
    return account.client("lambda").invoke(**{name: value for name, value in request.items() if value is not None})


def test_it_runs_to_its_end_over_the_wire_of_the_account(account: Sandbox, functions: DurableFunctions):
    started = invoke(account)
    assert started["StatusCode"] == 202
    assert functions.wait(NAME) == Ended("SUCCEEDED", [NAME, "after"], None)
    assert [(one.name, one.kind, one.status) for one in functions.operations(NAME)] == [
        ("before", "STEP", "SUCCEEDED"),
        ("night", "WAIT", "SUCCEEDED"),
        ("after", "STEP", "SUCCEEDED"),
    ]
    calls = [call["operation"] for call in account.calls("lambda")]
    assert calls[0] == "Invoke"
    assert set(calls[1:]) == {"CheckpointDurableExecution"}
    again = invoke(account, FunctionName="RemediateFunction", Qualifier="live")
    assert again["DurableExecutionArn"] == started["DurableExecutionArn"]
    assert functions.executions == (NAME,)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"Payload": b"{}"}, "DurableExecutionAlreadyStartedException"),
        ({"FunctionName": "RemediateFunction"}, "InvalidParameterValueException"),
        ({"InvocationType": None}, "InvalidParameterValueException"),
        ({"FunctionName": "OtherFunction:live"}, "ResourceNotFoundException"),
    ],
    ids=["another payload", "no alias", "not as an event", "no such function"],
)
def test_lambda_refuses_it(account: Sandbox, functions: DurableFunctions, changes: dict[str, Any], error: str):
    invoke(account)
    client = account.client("lambda")
    with pytest.raises(getattr(client.exceptions, error)):
        invoke(account, **changes)
    assert functions.wait(NAME).status == "SUCCEEDED"


def test_nobody_waits_for_an_answer_that_nobody_asked(account: Sandbox, functions: DurableFunctions):
    client = account.client("lambda")
    with pytest.raises(client.exceptions.InvalidParameterValueException):
        client.send_durable_execution_callback_success(CallbackId="none", Result=b"{}")
    assert functions.executions == ()


def test_an_invocation_that_cannot_checkpoint_is_repeated(
    account: Sandbox, functions: DurableFunctions, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    fault = account.fault("lambda", "CheckpointDurableExecution", "server_error", times=2)
    invoke(account)
    assert functions.wait(NAME) == Ended("SUCCEEDED", [NAME, "after"], None)
    assert next(one["hits"] for one in account.faults() if one["id"] == fault) == 2


def test_without_them_lambda_is_as_it_was(account: Sandbox):
    with account.environ(), DurableFunctions.start(account, {"RemediateFunction": waiting}):
        pass
    client = account.client("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        invoke(account)
