"""Starting executions and answering callbacks: what is sent, and what each of Lambda's answers means."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber

from ecs_medic.aws.lambda_calls import CONFIG, CallbackClosed, LambdaFailed, send_callback, start_execution

ALIAS = "arn:aws:lambda:eu-west-1:123456789012:function:ecs-medic-remediate:live"
START = {
    "FunctionName": ALIAS,
    "InvocationType": "Event",
    "DurableExecutionName": "run-0123456789ab",
    "Payload": b'{"run_id": "run-0123456789ab"}',
}


@pytest.fixture
def client() -> Any:
    return boto3.client(
        "lambda", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x", config=CONFIG
    )


def start(client: Any) -> None:
    start_execution(client, ALIAS, "run-0123456789ab", {"run_id": "run-0123456789ab"})


def answer(client: Any) -> None:
    send_callback(client, "callback-1", {"decision": "approved", "by": "U0CAROL"})


def test_an_execution_is_started_by_its_alias_under_the_name_of_the_run(client):
    with Stubber(client) as stub:
        stub.add_response("invoke", {"StatusCode": 202}, START)
        start(client)
        stub.assert_no_pending_responses()


def test_one_that_was_started_already_is_none_to_complain_of(client):
    with Stubber(client) as stub:
        stub.add_client_error("invoke", "DurableExecutionAlreadyStartedException", http_status_code=409)
        start(client)


@pytest.mark.parametrize("code", ["TooManyRequestsException", "ResourceNotFoundException", "AccessDeniedException"])
def test_what_lambda_does_not_take_is_raised_in_its_own_words(client, code):
    with Stubber(client) as stub:
        stub.add_client_error("invoke", code, "not now")
        with pytest.raises(LambdaFailed, match=f"{code}: not now"):
            start(client)


def test_an_answer_is_json(client):
    given = {"CallbackId": "callback-1", "Result": json.dumps({"decision": "approved", "by": "U0CAROL"}).encode()}
    with Stubber(client) as stub:
        stub.add_response("send_durable_execution_callback_success", {}, given)
        answer(client)
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("CallbackTimeoutException", CallbackClosed),
        ("ResourceNotFoundException", CallbackClosed),
        ("InvalidParameterValueException", CallbackClosed),
        ("TooManyRequestsException", LambdaFailed),
        ("ServiceException", LambdaFailed),
        ("AccessDeniedException", LambdaFailed),
    ],
)
def test_a_callback_that_is_closed_is_told_from_one_that_may_be_answered_later(client, code, expected):
    with Stubber(client) as stub:
        stub.add_client_error("send_durable_execution_callback_success", code)
        with pytest.raises(LambdaFailed) as raised:
            answer(client)
    assert type(raised.value) is expected


@pytest.mark.parametrize("call", [start, answer])
def test_a_lost_answer_is_a_failure(client, call, monkeypatch):
    def lost(*_: object, **__: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://lambda.eu-west-1.amazonaws.com")

    monkeypatch.setattr(client, "_make_api_call", lost)
    with pytest.raises(LambdaFailed, match="ReadTimeoutError"):
        call(client)
