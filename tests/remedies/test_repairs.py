"""Each failure that has a remedy, over the wire: the plan, the changes, the task that starts; once, and taken back."""

import pytest

from ecs_medic.plan import Action, Safety
from ecs_medic.remedies.receipt import Stage, as_json, from_json
from ecs_medic.remedies.remedy import State
from sandbox.client import Sandbox
from tests.remedies.workshop import built, without_deployment

REPAIRED = {
    "ecr_dkr_endpoint_missing": [Action.CREATE_VPC_ENDPOINT],
    "every_endpoint_missing": [Action.CREATE_VPC_ENDPOINT] * 4,
    "endpoint_security_group_closed": [Action.AUTHORIZE_ENDPOINT_INGRESS],
    "endpoint_private_dns_off": [Action.MODIFY_VPC_ENDPOINT],
    "s3_gateway_not_on_route_table": [Action.MODIFY_VPC_ENDPOINT],
    "task_security_group_closed": [Action.AUTHORIZE_TASK_EGRESS],
    "vpc_dns_off": [Action.MODIFY_VPC_DNS],
    "log_group_missing": [Action.CREATE_LOG_GROUP],
}
NETWORK = [name for name in REPAIRED if name != "log_group_missing"]


@pytest.mark.parametrize("name", REPAIRED)
def test_the_task_starts_once_the_plan_is_carried_out(aws: Sandbox, name: str):
    shop, scenario = built(aws, name)
    plan = shop.plan(scenario.event)
    assert [one.action for one in plan.changes] == [*REPAIRED[name], Action.FORCE_NEW_DEPLOYMENT]
    assert plan.reason_if_empty is None
    receipts = shop.apply(plan.changes)
    assert all(one.failed is None for one in receipts)
    assert set(shop.settled(receipts).values()) == {State.SETTLED}
    assert shop.running(scenario) == 1


@pytest.mark.parametrize("name", ["every_endpoint_missing", "task_security_group_closed"])
def test_without_any_one_change_the_task_does_not_start(aws: Sandbox, name: str):
    shop, scenario = built(aws, name)
    *changes, deployment = shop.plan(scenario.event).changes
    shop.apply([*changes[1:], deployment])
    assert shop.running(scenario) == 0


@pytest.mark.parametrize(
    "name", ["ecr_dkr_endpoint_missing", "endpoint_security_group_closed", "vpc_dns_off", "log_group_missing"]
)
def test_what_is_applied_twice_is_made_once(aws: Sandbox, name: str):
    shop, scenario = built(aws, name)
    plan = shop.plan(scenario.event)
    first = shop.apply(plan.changes)
    state = shop.state()
    assert shop.apply(plan.changes) == first
    shop.saved.clear()
    # With every receipt lost, and by another run, nothing is made again but the deployment.
    changes = without_deployment(plan)
    again = shop.apply(changes)
    assert all(step.stage in {Stage.DONE, Stage.ALREADY_SO} for one in again for step in one.steps)
    shop.saved.clear()
    other = shop.apply(changes, "run-2")
    assert {step.stage for one in other for step in one.steps} == {Stage.ALREADY_SO}
    shop.undo(other, "run-2")
    assert shop.state() == state


@pytest.mark.parametrize("name", NETWORK)
def test_undo_leaves_everything_as_it_was(aws: Sandbox, name: str):
    shop, scenario = built(aws, name)
    changes = without_deployment(shop.plan(scenario.event))
    before = shop.state()
    receipts = shop.apply(changes)
    assert shop.state() != before or name == "vpc_dns_off"
    undone = shop.undo(receipts)
    assert all(one.undone for one in undone)
    assert shop.state() == before


def test_a_second_plan_is_empty_after_the_first_one(aws: Sandbox):
    shop, scenario = built(aws, "every_endpoint_missing")
    shop.apply(shop.plan(scenario.event).changes)
    assert shop.plan(scenario.event).changes == ()


def test_a_new_endpoint_is_marked_and_open_to_the_whole_vpc(aws: Sandbox):
    shop, scenario = built(aws, "ecr_dkr_endpoint_missing")
    (change,) = without_deployment(shop.plan(scenario.event))
    (receipt,) = shop.apply([change])
    ec2 = aws.client("ec2")
    made = receipt.made("endpoint", "vpc_endpoint_id")
    endpoint = ec2.describe_vpc_endpoints(VpcEndpointIds=[made])["VpcEndpoints"][0]
    tags = {one["Key"]: one["Value"] for one in endpoint["Tags"]}
    assert (tags["ecs-medic:run"], tags["ecs-medic:incident"]) == ("run-1", "inc-0123456789ab")
    assert endpoint["PrivateDnsEnabled"] is True
    assert endpoint["SubnetIds"] == [scenario.resources["subnet"]]
    (group,) = endpoint["Groups"]
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group["GroupId"]]}])
    inbound = [one for one in rules["SecurityGroupRules"] if not one["IsEgress"]]
    assert [(one["CidrIpv4"], one["FromPort"], one["ToPort"]) for one in inbound] == [("10.0.0.0/16", 443, 443)]


def test_a_second_block_of_the_vpc_is_admitted_too(aws: Sandbox):
    shop, scenario = built(aws, "ecr_dkr_endpoint_missing")
    aws.client("ec2").associate_vpc_cidr_block(VpcId=scenario.resources["vpc"], CidrBlock="10.9.0.0/16")
    (change,) = without_deployment(shop.plan(scenario.event))
    assert change.params["cidrs"] == ["10.0.0.0/16", "10.9.0.0/16"]
    (receipt,) = shop.apply([change])
    assert len(receipt.steps) == 4
    assert receipt.failed is None


def test_a_log_group_has_its_retention_and_goes_only_while_it_is_empty(aws: Sandbox):
    shop, scenario = built(aws, "log_group_missing")
    logs = aws.client("logs")
    group, deployment = shop.plan(scenario.event).changes
    assert group.safety is Safety.AUTO
    (receipt,) = shop.apply([group])
    name = scenario.params["log_group"]
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["retentionInDays"] == 30
    (undone,) = shop.undo([receipt])
    assert undone.undone
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"] == []

    shop.saved.clear()
    receipts = shop.apply([group, deployment])
    logs.create_log_stream(logGroupName=name, logStreamName="audit/app/1")
    kept, _ = shop.undo(receipts)
    assert {one.stage for one in kept.steps} == {Stage.KEPT}
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["retentionInDays"] == 30


def test_exec_is_enabled_for_new_tasks_and_taken_back(aws: Sandbox):
    shop, scenario = built(aws, "exec_not_enabled")
    plan = shop.plan(scenario.event)
    assert [one.action for one in plan.changes] == [Action.ENABLE_EXECUTE_COMMAND, Action.FORCE_NEW_DEPLOYMENT]
    receipts = shop.apply(plan.changes)
    ecs = aws.client("ecs")
    (task,) = ecs.list_tasks(cluster=scenario.cluster, serviceName=scenario.service)["taskArns"]
    found = ecs.describe_tasks(cluster=scenario.cluster, tasks=[task])["tasks"][0]
    assert found["enableExecuteCommand"] is True
    agents = [one["lastStatus"] for one in found["containers"][0]["managedAgents"]]
    assert agents == ["RUNNING"]
    shop.undo(receipts)
    service = ecs.describe_services(cluster=scenario.cluster, services=[scenario.service])["services"][0]
    assert service["enableExecuteCommand"] is False


def test_a_public_address_is_given_with_the_subnets_that_are_there(aws: Sandbox):
    shop, scenario = built(aws, "public_subnet_without_public_ip")
    plan = shop.plan(scenario.event)
    assert [one.action for one in plan.changes] == [Action.ENABLE_PUBLIC_IP]
    assert plan.changes[0].monthly_cost_usd == 3.65
    receipts = shop.apply(plan.changes)
    assert shop.running(scenario) == 1
    service = aws.client("ecs").describe_services(cluster=scenario.cluster, services=[scenario.service])["services"][0]
    assert service["networkConfiguration"]["awsvpcConfiguration"]["subnets"] == [scenario.resources["subnet"]]
    (undone,) = shop.undo(receipts)
    assert undone.undone
    service = aws.client("ecs").describe_services(cluster=scenario.cluster, services=[scenario.service])["services"][0]
    assert service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"


def test_a_pending_endpoint_is_waited_for(aws: Sandbox):
    shop, scenario = built(aws, "ecr_dkr_endpoint_missing")
    (change,) = without_deployment(shop.plan(scenario.event))
    aws.behave(endpoint_pending_describes=2)
    receipts = shop.apply([change])
    states = [shop.settled(receipts)[Action.CREATE_VPC_ENDPOINT] for _ in range(4)]
    assert states[0] is State.WAITING
    assert states[-1] is State.SETTLED


def test_a_receipt_is_the_same_after_it_has_been_stored(aws: Sandbox):
    shop, scenario = built(aws, "every_endpoint_missing")
    for receipt in shop.apply(shop.plan(scenario.event).changes):
        assert from_json(as_json(receipt)) == receipt
