"""Lambda says whose account the functions' credentials are of: AWS need not, and what fails there is nobody's gap."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

import diagnose
import sweep
from ecs_medic.response.execution_environment import ExecutionEnvironment
from ecs_medic.response.own_account import own_account
from sandbox.gallery import build
from tests.functions.deployment import Context

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:medic-DiagnoseFunction-1A2B"


@dataclass(frozen=True)
class Named(Context):
    """The context of a function that knows its own name."""

    invoked_function_arn: object = ARN


@pytest.mark.parametrize(
    ("arn", "environment", "account"),
    [
        (ARN, {}, "123456789012"),
        (f"{ARN}:live", {}, "123456789012"),
        ("arn:aws-cn:lambda:cn-north-1:123456789012:function:medic", {}, "123456789012"),
        (ARN, {"AWS_SAM_LOCAL": "true"}, None),
        ("arn:aws:lambda:eu-west-1:1234:function:medic", {}, None),
        ("arn:aws:ecs:eu-west-1:123456789012:task/shop/0", {}, None),
        (f"{ARN}\n", {}, None),
        ("", {}, None),
        (None, {}, None),
    ],
)
def test_it_is_in_the_functions_arn(arn: object, environment: Mapping[str, str], account: str | None):
    assert own_account(Named("request-1", invoked_function_arn=arn), environment) == account


def test_a_context_without_an_arn_says_nothing():
    assert own_account(Context("request-1"), {}) is None


def test_a_function_does_not_ask_whose_it_is(deployed):
    scenario = build(deployed.account, "nat_present_log_group_missing")
    deployed.account.fault("sts", "GetCallerIdentity", "server_error")
    deployed.account.clear_calls()
    answer = diagnose.handler(scenario.event, Named("request-1"))  # type: ignore[arg-type]
    assert answer["verdict"] == {"cause": "log_group_missing", "confidence": "confirmed"}
    assert "sts" not in {call["service"] for call in deployed.account.calls()}


@pytest.mark.parametrize("fault", [None, "server_error"])
def test_an_event_of_another_account_is_not_judged_by_this_one(deployed, fault):
    scenario = build(deployed.account, "nat_present_log_group_missing")
    event = json.loads(json.dumps(scenario.event).replace("123456789012", "999999999999"))
    if fault:
        deployed.account.fault("sts", "GetCallerIdentity", fault)
    answer = diagnose.handler(event, Named("request-1"))  # type: ignore[arg-type]
    assert answer["verdict"] == {"cause": "log_group_missing", "confidence": "likely"}


def test_a_context_without_an_arn_has_aws_asked(deployed):
    scenario = build(deployed.account, "nat_present_log_group_missing")
    deployed.account.clear_calls()
    assert deployed.handle(scenario.event)["verdict"]["confidence"] == "confirmed"
    assert "sts" in {call["service"] for call in deployed.account.calls()}


def test_the_sweep_tells_it_too(deployed, monkeypatch):
    told = []
    surroundings = ExecutionEnvironment.surroundings

    def watched(self, run, **named):
        told.append(named["account"])
        return surroundings(self, run, **named)

    monkeypatch.setattr(ExecutionEnvironment, "surroundings", watched)
    sweep.handler(None, Named("request-1"))  # type: ignore[arg-type]
    assert told == ["123456789012"]
