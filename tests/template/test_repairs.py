"""Repairs as the parameters have them: nothing of them is there in observe, and what is said reaches the ledger."""

import json
import re
from typing import Any

import pytest

from ecs_medic.ledger.controls import StoredControls
from ecs_medic.plan import Action
from ecs_medic.remedies.create_log_group import DEFAULT_RETENTION_DAYS
from ecs_medic.remedies.prices import ENDPOINT_HOUR
from ecs_medic.remedies.run import RUN_TAG
from ecs_medic.repair.controls import Controls, Mode, controls_of
from ecs_medic.repair.pace import Pace
from tests.template.intrinsics import Given, resolved
from tests.template.stack import Resources, as_deployed, deployed, listed, of_type, statements_of, written

TEMPLATE = written()
RESOURCES = deployed()
PARAMETERS = TEMPLATE["Parameters"]
DEFAULTS = {name: str(body["Default"]) for name, body in PARAMETERS.items() if "Default" in body}
CONDITION = "RepairsAreWanted"
REMEDIATE = RESOURCES["RemediateFunction"]["Properties"]
EXEC_POLICY = "arn:aws:iam::123456789012:policy/ecs-medic-ExecPolicy-1"
LONGEST_ANSWER = 48 * 3600


def of_repairs() -> set[str]:
    return {name for name, body in RESOURCES.items() if body.get("Condition") == CONDITION}


def controls(**parameters: str) -> dict[str, Any]:
    given = Given(
        {**DEFAULTS, "ExecPolicy": EXEC_POLICY, **parameters},
        {CONDITION: parameters.get("Remediation", DEFAULTS["Remediation"]) != "observe"},
    )
    variables = RESOURCES["SweepFunction"]["Properties"]["Environment"]["Variables"]
    parsed: dict[str, Any] = json.loads(resolved(variables["REPAIR_CONTROLS"], given))
    return parsed


def test_repairs_are_off_by_default():
    assert DEFAULTS["Remediation"] == "observe"
    assert TEMPLATE["Conditions"][CONDITION] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Remediation"}, "observe"]}]}


def test_nothing_of_repairs_is_there_in_observe():
    kinds = {RESOURCES[name]["Type"] for name in of_repairs()}
    assert {"AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::IAM::Role"} <= kinds
    named = {name for name in RESOURCES if name.startswith(("Remed", "Repair", "Checkpoint", "ExecPolicy"))}
    assert named == of_repairs()
    outputs = {name: body.get("Condition") for name, body in TEMPLATE["Outputs"].items()}
    assert {name for name, condition in outputs.items() if condition == CONDITION} == {
        "ExecPolicyArn",
        "MadeByRepairs",
        "RemediateFunctionName",
    }


def test_what_stays_in_observe_cannot_change_the_account():
    """The statements that are left, once those that repairs take are gone, know Lambda as little as the rest of it."""
    given = Given(DEFAULTS, dict.fromkeys(TEMPLATE["Conditions"], False))
    for name in of_type(RESOURCES, "AWS::IAM::Role").keys() - of_repairs():
        inline = RESOURCES[name]["Properties"]["Policies"]
        left = [s for p in inline for s in resolved(p["PolicyDocument"], given)["Statement"] if s != "AWS::NoValue"]
        assert not [a for s in left for a in listed(s["Action"]) if a.startswith(("lambda:", "ecs:", "ec2:", "iam:"))]
    for name in ("DiagnoseFunction", "SweepFunction"):
        variables = resolved(RESOURCES[name]["Properties"]["Environment"]["Variables"], given)
        assert variables["REMEDIATE_FUNCTION"] == ""
        assert variables["OWN_ROLES"] == "DiagnoseRole.Arn"


@pytest.mark.parametrize("name", ["DiagnoseFunction", "SweepFunction", "RemediateFunction"])
def test_there_are_buttons_where_somebody_answers_them(name):
    variables = RESOURCES[name]["Properties"]["Environment"]["Variables"]
    assert variables["SLACK_BUTTONS"] == {"Fn::If": ["ClicksAreAnswered", "true", "false"]}


def test_runs_are_started_by_the_alias_and_answered_in_whatever_version_they_are():
    given = Given(DEFAULTS | {"Remediation": "ask"}, dict.fromkeys(TEMPLATE["Conditions"], True))
    [alias] = [name for name in of_repairs() if RESOURCES[name]["Type"] == "AWS::Lambda::Alias"]
    assert RESOURCES[alias]["Properties"]["Name"] == "live"
    for role in ("DiagnoseRole", "SlackActionsRole", "RemedyRole"):
        of_lambda = {
            action: resolved(statement["Resource"], given)
            for statement in statements_of(role, RESOURCES)
            for action in listed(statement["Action"])
            if action.startswith("lambda:")
        }
        # An execution belongs to a version, also where it was started by an alias.
        versions = "RemediateFunction.Arn:*"
        assert (
            of_lambda
            == {
                "DiagnoseRole": {
                    "lambda:InvokeFunction": alias,
                    "lambda:SendDurableExecutionCallbackSuccess": versions,
                },
                "SlackActionsRole": {"lambda:SendDurableExecutionCallbackSuccess": versions},
                "RemedyRole": {
                    "lambda:CheckpointDurableExecution": versions,
                    "lambda:GetDurableExecutionState": versions,
                },
            }[role]
        )
    for name in ("DiagnoseFunction", "SweepFunction"):
        variables = resolved(RESOURCES[name]["Properties"]["Environment"]["Variables"], given)
        assert variables["REMEDIATE_FUNCTION"] == alias
        assert variables["OWN_ROLES"] == "DiagnoseRole.Arn,RemedyRole.Arn"


def test_a_run_may_last_as_long_as_people_may_take_to_answer():
    pace = Pace()
    assert not re.search(PARAMETERS["ApprovalHours"]["AllowedPattern"], str(LONGEST_ANSWER // 3600 + 1))
    asking = pace.rounds * pace.questions * LONGEST_ANSWER
    working = pace.rounds * (pace.settle + pace.prove + pace.undo + pace.recheck)
    assert REMEDIATE["DurableConfig"]["ExecutionTimeout"] > asking + working
    assert REMEDIATE["DurableConfig"]["RetentionPeriodInDays"] <= 90


def test_a_lost_start_is_the_sweeps_to_find():
    [started] = [
        body["Properties"]
        for name, body in RESOURCES.items()
        if name in of_repairs() and body["Type"] == "AWS::Lambda::EventInvokeConfig"
    ]
    assert (started["Qualifier"], started["MaximumRetryAttempts"]) == ("live", 0)


def test_a_new_version_comes_with_every_change_of_the_layers_too():
    """The handler alone hardly ever changes: the alias would run the first deployment's code for ever."""
    assert versions(as_deployed()) == versions(RESOURCES)
    assert versions(as_deployed(layers="s3://packaged/newer")) != versions(RESOURCES)


def versions(resources: Resources) -> set[str]:
    return {name for name, body in resources.items() if body["Type"] == "AWS::Lambda::Version"}


def test_the_exec_policy_outlives_the_stack_because_roles_may_hold_it():
    policy = RESOURCES["ExecPolicy"]
    assert (policy["DeletionPolicy"], policy["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_the_stack_says_how_to_find_what_it_leaves_behind():
    assert f"Key={RUN_TAG}" in TEMPLATE["Outputs"]["MadeByRepairs"]["Value"]["Fn::Sub"]
    assert "list-entities-for-policy" in TEMPLATE["Outputs"]["ExecPolicyArn"]["Description"]
    kept = {name for name, body in RESOURCES.items() if body.get("DeletionPolicy") == "RetainExceptOnCreate"}
    assert kept == {"ExecPolicy", "Key", "LedgerTable"}


@pytest.mark.parametrize("metric", ["DurableExecutionFailed", "DurableExecutionTimedOut"])
def test_a_run_that_ends_in_an_error_is_an_alarm(metric):
    alarms = of_type(RESOURCES, "AWS::CloudWatch::Alarm").values()
    [alarm] = [one for one in alarms if one.get("MetricName") == metric]
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "RemediateFunction"}}]


def test_with_ask_somebody_must_be_named_who_may_approve():
    [rule] = TEMPLATE["Rules"].values()
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "Remediation"}, "ask"]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Approvers"}, ""]}]}


def test_what_the_parameters_say_by_default():
    assert controls() == {
        "mode": "observe",
        "approvers": [""],
        "auto_actions": [""],
        "max_monthly_cost_usd": 100,
        "attempts": 3,
        "window_hours": 24,
        "cool_down_minutes": 30,
        "approval_hours": 8,
        "owner_tag_keys": [""],
        "untagged_is_free": False,
        "cluster": "*",
        "retention_days": DEFAULT_RETENTION_DAYS,
        "prices": "",
        "exec_policy_arn": "",
    }


def test_what_the_parameters_say_reaches_the_ledger_as_it_was_entered():
    said = controls(
        Remediation="auto",
        Approvers="U0123456789,S0123456789",
        AutoActions="force_new_deployment,create_vpc_endpoint",
        MaxMonthlyCostUsd="43.80",
        OwnerTagKeys="terraform,managed by",
        UntaggedIsFree="true",
        PriceTable="eu-west-3=0.011,public_address=0.004",
    )
    assert said["mode"] == "auto"
    assert said["approvers"] == ["U0123456789", "S0123456789"]
    assert said["auto_actions"] == ["force_new_deployment", "create_vpc_endpoint"]
    assert said["max_monthly_cost_usd"] == 43.8
    assert said["owner_tag_keys"] == ["terraform", "managed by"]
    assert said["untagged_is_free"] is True
    assert said["exec_policy_arn"] == EXEC_POLICY
    assert said["prices"] == "eu-west-3=0.011,public_address=0.004"


def test_the_functions_understand_what_the_parameters_say():
    quiet = controls_of(StoredControls(stack=controls()))
    assert quiet == Controls()
    said = controls(
        Remediation="auto",
        Approvers="U0123456789,S0123456789",
        AutoActions="force_new_deployment,create_vpc_endpoint",
        MaxMonthlyCostUsd="43.80",
        OwnerTagKeys="terraform",
        UntaggedIsFree="true",
        RepairCluster="shop-*",
        PriceTable="eu-west-3=0.013",
    )
    loud = controls_of(StoredControls(stack=said))
    assert loud.complaints == ()
    assert (loud.mode, loud.max_monthly_cost_usd, loud.cluster) == (Mode.AUTO, 43.8, "shop-*")
    assert loud.approvers == ("U0123456789", "S0123456789")
    assert loud.policy.auto_actions == {Action.FORCE_NEW_DEPLOYMENT, Action.CREATE_VPC_ENDPOINT}
    assert (loud.policy.owner_tag_keys, loud.policy.untagged_is_free) == (("terraform",), True)
    assert loud.policy.prices.endpoint_hour["eu-west-3"] == 0.013
    assert loud.policy.exec_policy_arn == EXEC_POLICY


@pytest.mark.parametrize(
    "entered",
    [
        {"ApprovalHours": "48", "RepairAttempts": "9", "RepairWindowHours": "168", "RepairCoolDownMinutes": "999"},
        {"ApprovalHours": "1", "RepairAttempts": "1", "RepairWindowHours": "1", "RepairCoolDownMinutes": "0"},
        {"MaxMonthlyCostUsd": "0", "AutoActions": ",".join(Action), "RepairCluster": "shop"},
        {"MaxMonthlyCostUsd": "99999.99", "OwnerTagKeys": "a b,c:d/e=f+g-h@i_j.k"},
    ],
)
def test_whatever_is_taken_can_be_used(entered):
    assert all(fits(name, value) for name, value in entered.items())
    assert controls_of(StoredControls(stack=controls(Remediation="auto", **entered))).complaints == ()


def fits(parameter: str, value: str) -> bool:
    return bool(re.search(PARAMETERS[parameter]["AllowedPattern"], value))


def test_every_action_can_be_listed_and_nothing_else():
    assert all(fits("AutoActions", action) for action in Action)
    assert fits("AutoActions", ",".join(Action))
    assert not fits("AutoActions", "create_vpc_endpoint,")
    assert not fits("AutoActions", "create_vpc_endpoint, replace_task")
    assert not fits("AutoActions", "delete_everything")


@pytest.mark.parametrize("region", [*ENDPOINT_HOUR, "us-gov-west-1", "cn-north-1"])
def test_every_region_can_be_priced(region):
    assert fits("PriceTable", f"{region}=0.01,public_address=0.005")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("Approvers", "U0123456789, U9876543210"),
        ("Approvers", "somebody"),
        ("Approvers", 'U0123456789"'),
        ("ApprovalHours", "0"),
        ("MaxMonthlyCostUsd", "-1"),
        ("MaxMonthlyCostUsd", "1e9"),
        ("MaxMonthlyCostUsd", "007"),
        ("OwnerTagKeys", 'a"b'),
        ("OwnerTagKeys", "a\\b"),
        ("OwnerTagKeys", "a,,b"),
        ("RepairCluster", ""),
        ("RepairCluster", "shop/orders"),
        ("RepairAttempts", "0"),
        ("RepairWindowHours", "169"),
        ("PriceTable", "eu-west-3"),
        ("PriceTable", "eu-west-3=0.01,"),
        ("PriceTable", "eu-west-3=cheap"),
    ],
)
def test_what_could_not_be_used_is_not_taken(parameter, value):
    assert not fits(parameter, value)
