"""Commands that take away what a repair has left."""

import pytest

from ecs_medic.plan import Action, Change, Safety
from ecs_medic.remedies.receipt import Receipt, Stage, Step, as_json
from ecs_medic.remedies.registry import REMEDIES
from ecs_medic.report.build_plan import shown_receipt
from ecs_medic.report.take_away import COMMANDS, commands


def left(action: Action, params: dict[str, object], *steps: Step) -> tuple[str, ...]:
    receipt = Receipt("run-1", "inc-1", Change(action, params, Safety.ASK, 0.0, "nobody"), steps)  # type: ignore[arg-type]
    return commands((shown_receipt(as_json(receipt)),), "eu-west-1")


def test_a_rule_in_a_group_of_somebody_else_is_revoked():
    step = Step("rule", "ec2:AuthorizeSecurityGroupEgress", "sg-1", Stage.DONE, made={"rule_ids": ["sgr-1", "sgr-2"]})
    assert left(Action.AUTHORIZE_TASK_EGRESS, {}, step) == (
        "aws ec2 revoke-security-group-egress --region eu-west-1 --group-id sg-1 --security-group-rule-ids sgr-1 sgr-2",
    )


def test_a_log_group_is_deleted_where_it_is():
    params: dict[str, object] = {"log_group": "/ecs/a b", "log_region": "eu-central-1"}
    step = Step("log_group", "logs:CreateLogGroup", "/ecs/a b", Stage.UNSURE)
    assert left(Action.CREATE_LOG_GROUP, params, step) == (
        "aws logs delete-log-group --region eu-central-1 --log-group-name '/ecs/a b'",
    )


def test_a_policy_is_detached_from_its_role():
    arn = "arn:aws:iam::123456789012:policy/exec"
    params: dict[str, object] = {"role_arn": "arn:aws:iam::123456789012:role/team/orders", "policy_arn": arn}
    step = Step("policy", "iam:AttachRolePolicy", str(params["role_arn"]), Stage.KEPT)
    assert left(Action.ATTACH_EXEC_POLICY, params, step) == (
        f"aws iam detach-role-policy --role-name orders --policy-arn {arn}",
    )


@pytest.mark.parametrize("stage", [Stage.UNDONE, Stage.REFUSED, Stage.ALREADY_SO])
def test_what_is_not_this_runs_is_left_alone(stage):
    step = Step("endpoint", "ec2:CreateVpcEndpoint", "s3", stage, made={"vpc_endpoint_id": "vpce-1"})
    assert left(Action.CREATE_VPC_ENDPOINT, {}, step) == ()


def test_what_has_no_known_id_gets_no_command():
    step = Step("endpoint", "ec2:CreateVpcEndpoint", "s3", Stage.INTENDED)
    assert left(Action.CREATE_VPC_ENDPOINT, {}, step) == ()


def test_every_command_is_about_a_call_that_remedies_make():
    granted = {action for remedy in REMEDIES.values() for grant in remedy.grants for action in grant.actions}
    assert set(COMMANDS) <= granted
