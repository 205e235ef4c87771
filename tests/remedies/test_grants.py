"""Every call that a remedy makes is declared with it, and what is declared is an IAM action."""

import re

import pytest

from ecs_medic.aws.permissions import permission_for
from ecs_medic.plan import Action
from ecs_medic.remedies.policy import RepairPolicy
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.registry import ORDER, REMEDIES, remedy
from sandbox.client import Sandbox
from tests.remedies.workshop import built

POLICY_ARN = "arn:aws:iam::123456789012:policy/ecs-medic-exec"
SCENARIOS = {
    "ecr_dkr_endpoint_missing": Action.CREATE_VPC_ENDPOINT,
    "s3_gateway_not_on_route_table": Action.MODIFY_VPC_ENDPOINT,
    "endpoint_security_group_closed": Action.AUTHORIZE_ENDPOINT_INGRESS,
    "task_security_group_closed": Action.AUTHORIZE_TASK_EGRESS,
    "vpc_dns_off": Action.MODIFY_VPC_DNS,
    "log_group_missing": Action.CREATE_LOG_GROUP,
    "exec_not_enabled": Action.ENABLE_EXECUTE_COMMAND,
    "public_subnet_without_public_ip": Action.ENABLE_PUBLIC_IP,
    "exec_task_role_lacks_ssmmessages": Action.ATTACH_EXEC_POLICY,
    "exec_agent_stopped": Action.REPLACE_TASK,
    "exec_agent_pending": Action.RECHECK_LATER,
}


def test_every_action_has_a_remedy():
    assert set(REMEDIES) == set(Action)
    assert ORDER[-1] is Action.RECHECK_LATER


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_a_remedy_does_is_what_it_declares(aws: Sandbox, name: str):
    shop, scenario = built(aws, name)
    iam = aws.client("iam")
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssmmessages:*","Resource":"*"}]}'
    iam.create_policy(PolicyName="ecs-medic-exec", PolicyDocument=document)
    plan = shop.plan(scenario.event, RepairPolicy(exec_policy_arn=POLICY_ARN))
    assert plan.changes[0].action is SCENARIOS[name]
    for change in plan.changes:
        run, part = shop.run(), remedy(change)
        assert part.obstacles(change, run) == ()
        receipt = part.apply(change, run, Receipt(run.id, run.incident_id, change))
        assert receipt.failed is None
        part.settled(receipt, run.reader)
        undone = part.undo(receipt, run)
        assert undone.undone or not part.reversible
        called = {permission_for(one.service, one.operation) for one in (*run.reader.trace, *run.writer.trace)}
        declared = {action for grant in part.grants for action in grant.actions}
        assert called <= declared
        assert change.action is Action.RECHECK_LATER or called


def test_the_only_policy_that_is_ever_attached_is_the_stacks_own():
    (attach,) = [one for one in REMEDIES[Action.ATTACH_EXEC_POLICY].grants if "iam:AttachRolePolicy" in one.actions]
    assert attach.conditions == {"ArnEquals": {"iam:PolicyARN": "{exec_policy_arn}"}}
    every = [action for one in REMEDIES.values() for grant in one.grants for action in grant.actions]
    assert not [one for one in every if re.match(r"iam:(Put|Create|Update|Delete|Pass)", one)]


def test_no_write_is_granted_on_everything():
    writes = re.compile(r":(Create|Modify|Delete|Authorize|Revoke|Update|Stop|Attach|Detach|Associate|Put|Tag)")
    for one in REMEDIES.values():
        for grant in one.grants:
            if any(writes.search(action) for action in grant.actions):
                assert "*" not in grant.resources, (one.action, grant)


def test_services_are_updated_without_a_new_task_definition():
    for one in REMEDIES.values():
        for grant in one.grants:
            if "ecs:UpdateService" in grant.actions:
                assert grant.conditions["Null"]["ecs:task-definition"] == "true"
