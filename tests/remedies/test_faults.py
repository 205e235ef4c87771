"""Writes that AWS refuses, drops or is too busy for: the receipt says what stands, and nothing is left unsaid."""

import pytest

from ecs_medic.aws.refusals import Reason
from ecs_medic.remedies.receipt import Receipt, Stage
from ecs_medic.remedies.registry import remedy
from ecs_medic.remedies.remedy import State
from sandbox.client import Sandbox
from tests.remedies.workshop import built, without_deployment

WRITES = {
    "CreateSecurityGroup": ("security_group", []),
    "AuthorizeSecurityGroupIngress": ("ingress 10.0.0.0/16", ["security_group"]),
    "CreateVpcEndpoint": ("endpoint", ["security_group", "ingress 10.0.0.0/16"]),
}


@pytest.mark.parametrize(("kind", "reason"), [("access_denied", Reason.DENIED), ("throttled", Reason.THROTTLED)])
@pytest.mark.parametrize("operation", WRITES)
def test_a_refused_write_is_told_with_what_stands_and_can_be_taken_back(
    aws: Sandbox, operation: str, kind: str, reason: Reason
):
    shop, scenario = built(aws, "ecr_dkr_endpoint_missing")
    (change,) = without_deployment(shop.plan(scenario.event))
    before = shop.state()
    aws.fault("ec2", operation, kind)
    (receipt,) = shop.apply([change])
    failed, done = WRITES[operation]
    assert receipt.failed is not None
    assert (receipt.failed.name, receipt.failed.stage, receipt.failed.reason) == (failed, Stage.REFUSED, reason)
    assert receipt.failed.words
    if reason is Reason.DENIED:
        assert receipt.failed.missing_permission == f"ec2:{operation}"
    assert [one.name for one in receipt.steps if one.stage is Stage.DONE] == done
    aws.clear_faults()
    (undone,) = shop.undo([receipt])
    assert undone.undone
    assert shop.state() == before


@pytest.mark.parametrize("kind", ["disconnect", "server_error"])
def test_a_write_without_an_answer_is_looked_for(aws: Sandbox, kind: str):
    """The call may have been carried out: nobody says that it was not, and going on makes it once."""
    shop, scenario = built(aws, "ecr_dkr_endpoint_missing")
    (change,) = without_deployment(shop.plan(scenario.event))
    aws.fault("ec2", "CreateVpcEndpoint", kind)
    (receipt,) = shop.apply([change])
    assert receipt.failed is not None
    assert (receipt.failed.name, receipt.failed.stage) == ("endpoint", Stage.UNSURE)
    aws.clear_faults()
    (again,) = shop.apply([change])
    assert {one.stage for one in again.steps} == {Stage.DONE}
    assert shop.settled([again]) == {change.action: State.SETTLED}


@pytest.mark.parametrize("operation", WRITES)
def test_an_answer_that_is_cut_off_is_made_good_by_a_look(aws: Sandbox, operation: str):
    """The call was carried out, and its answer does not say what came of it."""
    shop, scenario = built(aws, "ecr_dkr_endpoint_missing")
    (change,) = without_deployment(shop.plan(scenario.event))
    before = shop.state()
    aws.fault("ec2", operation, "truncated")
    (receipt,) = shop.apply([change])
    aws.clear_faults()
    if receipt.failed is not None:
        assert receipt.failed.stage is Stage.UNSURE
        (receipt,) = shop.apply([change])
    assert {one.stage for one in receipt.steps} == {Stage.DONE}
    assert all(value for one in receipt.steps for value in one.made.values())
    (undone,) = shop.undo([receipt])
    assert undone.undone
    assert shop.state() == before


def test_a_passing_throttle_ends_with_one_endpoint(aws: Sandbox):
    shop, scenario = built(aws, "ecr_dkr_endpoint_missing")
    (change,) = without_deployment(shop.plan(scenario.event))
    count = len(shop.state()["describe_vpc_endpoints"])
    aws.fault("ec2", "CreateVpcEndpoint", "throttled", times=1)
    (receipt,) = shop.apply([change])
    assert receipt.failed is None
    assert len(shop.state()["describe_vpc_endpoints"]) == count + 1


@pytest.mark.parametrize("operation", ["DescribeVpcEndpoints", "DescribeSecurityGroups"])
def test_nothing_is_written_where_nobody_could_look_first(aws: Sandbox, operation: str):
    shop, scenario = built(aws, "ecr_dkr_endpoint_missing")
    (change,) = without_deployment(shop.plan(scenario.event))
    before = shop.state()
    aws.fault("ec2", operation, "access_denied")
    (receipt,) = shop.apply([change])
    assert receipt.failed is not None
    assert receipt.failed.stage is Stage.REFUSED
    assert receipt.failed.missing_permission == f"ec2:{operation}"
    aws.clear_faults()
    assert shop.state() == before


def test_a_refused_undo_stays_open_and_says_why(aws: Sandbox):
    shop, scenario = built(aws, "ecr_dkr_endpoint_missing")
    (change,) = without_deployment(shop.plan(scenario.event))
    before = shop.state()
    receipts = shop.apply([change])
    aws.fault("ec2", "DeleteVpcEndpoints", "access_denied")
    (stuck,) = shop.undo(receipts, rounds=1)
    assert not stuck.undone
    step = stuck.step("endpoint")
    assert (step.stage, step.missing_permission) == (Stage.UNDOING, "ec2:DeleteVpcEndpoints")
    aws.clear_faults()
    (undone,) = shop.undo([stuck])
    assert undone.undone
    assert shop.state() == before


@pytest.mark.parametrize(
    ("name", "service", "operation"),
    [
        ("log_group_missing", "logs", "CreateLogGroup"),
        ("s3_gateway_not_on_route_table", "ec2", "ModifyVpcEndpoint"),
        ("endpoint_security_group_closed", "ec2", "AuthorizeSecurityGroupIngress"),
        ("exec_not_enabled", "ecs", "UpdateService"),
    ],
)
def test_every_other_remedy_tells_a_refusal_too(aws: Sandbox, name: str, service: str, operation: str):
    shop, scenario = built(aws, name)
    change = shop.plan(scenario.event).changes[0]
    before = shop.state()
    aws.fault(service, operation, "access_denied")
    (receipt,) = shop.apply([change])
    assert receipt.failed is not None
    assert (receipt.failed.reason, receipt.failed.missing_permission) == (Reason.DENIED, f"{service}:{operation}")
    assert shop.state() == before


def test_switched_off_is_off_on_the_wire(aws: Sandbox):
    """Not even a dry run leaves the process."""
    shop, scenario = built(aws, "ecr_dkr_endpoint_missing")
    plan = shop.plan(scenario.event)
    shop.closed = "the kill switch is thrown"
    aws.clear_calls()
    (receipt,) = shop.apply(plan.changes)
    assert receipt.failed.reason == Reason.STOPPED
    found = remedy(plan.changes[0]).obstacles(plan.changes[0], shop.run())
    assert any("kill switch" in one.words for one in found)
    sent = {one["operation"] for one in aws.calls()}
    assert sent
    assert all(one.startswith(("Describe", "List", "Get")) for one in sent)


def test_a_switch_thrown_half_way_stops_the_rest(aws: Sandbox):
    shop, scenario = built(aws, "ecr_dkr_endpoint_missing")
    (change,) = without_deployment(shop.plan(scenario.event))
    before = shop.state()
    asked = 0

    def gate() -> str | None:
        nonlocal asked
        asked += 1
        return "switched off" if asked > 2 else None

    run = shop.run()
    run.writer._gate = gate
    fresh = remedy(change).apply(change, run, Receipt(run.id, run.incident_id, change))
    assert [one.stage for one in fresh.steps] == [Stage.DONE, Stage.DONE, Stage.REFUSED]
    (undone,) = shop.undo([fresh])
    assert undone.undone
    assert shop.state() == before
