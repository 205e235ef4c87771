"""Whatever AWS does to a repair, it ends as it was before, or it says exactly what is left."""

import json
from dataclasses import replace

import pytest

from ecs_medic.repair.workflow import repair
from ecs_medic.run_state import RunState
from sandbox.client import Sandbox
from tests.remedies.workshop import Workshop
from tests.repair.workplace import APPROVED, QUICK, workplace, writes

_WRITES = {
    ("log_group_missing", "logs", "CreateLogGroup"): RunState.IMPOSSIBLE,
    ("log_group_missing", "logs", "PutRetentionPolicy"): RunState.UNDONE,
    ("log_group_missing", "ecs", "UpdateService"): RunState.UNDONE,
    ("ecr_dkr_endpoint_missing", "ec2", "AuthorizeSecurityGroupIngress"): RunState.UNDONE,
    ("exec_not_enabled", "ecs", "UpdateService"): RunState.IMPOSSIBLE,
    ("endpoint_security_group_closed", "ec2", "AuthorizeSecurityGroupIngress"): RunState.IMPOSSIBLE,
    ("task_security_group_closed", "ec2", "AuthorizeSecurityGroupEgress"): RunState.IMPOSSIBLE,
    ("s3_gateway_not_on_route_table", "ec2", "ModifyVpcEndpoint"): RunState.IMPOSSIBLE,
    ("vpc_dns_off", "ec2", "ModifyVpcAttribute"): RunState.IMPOSSIBLE,
}


def _account(account: Sandbox) -> dict[str, object]:
    state = Workshop(account).state()
    state["log groups"] = [one["logGroupName"] for one in state["log groups"]]
    return state


@pytest.mark.parametrize(("name", "service", "operation"), _WRITES)
def test_a_denied_write_is_taken_back_and_names_its_permission(aws: Sandbox, name: str, service: str, operation: str):
    place = workplace(aws, name)
    before = _account(aws)
    aws.fault(service, operation, "access_denied")
    ending = place.repair(APPROVED)
    assert ending.state is _WRITES[name, service, operation], ending.words
    assert f"{service}:{operation}" in ending.words
    assert _account(aws) == before


@pytest.mark.parametrize(("name", "service", "operation"), list(_WRITES)[:3])
def test_a_write_that_is_throttled_for_a_while_is_made_in_the_end(
    aws: Sandbox, name: str, service: str, operation: str
):
    place = workplace(aws, name)
    aws.fault(service, operation, "throttled", times=5)
    assert place.repair(APPROVED).state is RunState.REPAIRED


def test_a_write_that_is_throttled_for_ever_is_given_up(aws: Sandbox):
    place = workplace(aws, "ecr_dkr_endpoint_missing")
    before = _account(aws)
    aws.fault("ec2", "CreateVpcEndpoint", "throttled")
    ending = place.repair(APPROVED)
    assert ending.state in {RunState.UNDONE, RunState.IMPOSSIBLE}
    assert "ec2:CreateVpcEndpoint" in ending.words
    assert _account(aws) == before


def test_an_answer_that_was_lost_makes_nothing_twice(aws: Sandbox):
    place = workplace(aws, "ecr_dkr_endpoint_missing")
    count = len(_account(aws)["describe_vpc_endpoints"])  # type: ignore[arg-type]
    aws.fault("ec2", "CreateVpcEndpoint", "truncated", times=1)
    assert place.repair(APPROVED).state is RunState.REPAIRED
    assert len(_account(aws)["describe_vpc_endpoints"]) == count + 1  # type: ignore[arg-type]


def test_what_never_takes_effect_is_taken_back(aws: Sandbox):
    place = workplace(aws, "ecr_dkr_endpoint_missing")
    before = _account(aws)
    aws.behave(endpoint_pending_describes=9999)
    ending = place.repair(APPROVED)
    assert ending.state is RunState.UNDONE
    assert "did not take effect in time" in ending.words
    assert _account(aws) == before


def test_what_cannot_be_taken_back_is_named(aws: Sandbox):
    place = workplace(aws, "ecr_dkr_endpoint_missing")
    aws.behave(endpoint_pending_describes=9999)
    aws.fault("ec2", "DeleteVpcEndpoints", "access_denied")
    ending = place.repair(APPROVED)
    assert ending.state is RunState.FAILED
    assert "vpce-" in ending.words
    assert "not taken back" in ending.words


def test_another_failure_behind_the_first_is_told_and_what_helped_stays(aws: Sandbox):
    """The log group is there now, and the next task fails by an image that does not exist: no remedy for that."""
    place = workplace(aws, "log_group_missing")
    group = place.scenario.params["log_group"]
    ecr = aws.client("ecr")
    for repository in ecr.describe_repositories()["repositories"]:
        images = ecr.list_images(repositoryName=repository["repositoryName"])["imageIds"]
        ecr.batch_delete_image(repositoryName=repository["repositoryName"], imageIds=images)
    ending = place.repair(APPROVED, APPROVED)
    assert ending.state is RunState.HELPED, ending
    assert "which does not exist" in ending.words
    assert group in [one["logGroupName"] for one in aws.client("logs").describe_log_groups()["logGroups"]]


def test_a_task_of_no_service_is_mended_and_for_a_person_to_run_again(aws: Sandbox):
    place = workplace(aws, "log_group_missing")
    event = dict(place.scenario.event)
    event["detail"] = {**event["detail"], "group": "family:one-off", "startedBy": "alex"}
    place.scenario = replace(place.scenario, event=event)
    ending = place.repair(APPROVED)
    assert (ending.state, ending.words) == (
        RunState.HELPED,
        "The cause is gone. The task belongs to no service: run it again.",
    )


def test_a_guardrail_stops_it_before_anything_is_changed(aws: Sandbox):
    place = workplace(aws, "log_group_missing")
    place.book.refuse = "3 repairs of orders within 24 h: the guardrail stops here."
    aws.clear_calls()
    ending = place.repair(APPROVED)
    assert ending.state is RunState.STOPPED
    assert "guardrail" in ending.words
    assert not writes(aws)


def test_a_plan_that_changed_is_asked_about_again(aws: Sandbox):
    place = workplace(aws, "every_endpoint_missing")
    site = place.site

    class Meanwhile(type(place.journal())):  # type: ignore[misc]
        """Somebody creates one of the endpoints while the question is open."""

        def ask(self, name, put, seconds):
            answer = super().ask(name, put, seconds)
            if len(place.book.asked) == 1:
                vpc = place.book.asked[0].changes[0].params["vpc_id"]
                tables = place.account.client("ec2").describe_route_tables()["RouteTables"]
                place.account.client("ec2").create_vpc_endpoint(
                    VpcId=vpc,
                    ServiceName="com.amazonaws.eu-west-1.s3",
                    RouteTableIds=[one["RouteTableId"] for one in tables if one["VpcId"] == vpc],
                )
            return answer

    ending = repair(Meanwhile(place.clock, [APPROVED, APPROVED]), site, QUICK)
    assert ending.state is RunState.REPAIRED
    first, second = place.book.asked
    assert len(second.changes) == len(first.changes) - 1


@pytest.mark.parametrize("denied", [True, False])
def test_the_policy_for_exec_is_attached_or_its_permission_named(aws: Sandbox, *, denied: bool):
    actions = ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"]
    statement = {"Effect": "Allow", "Action": [f"ssmmessages:{one}" for one in actions], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = aws.client("iam")
    arn = iam.create_policy(PolicyName="exec", PolicyDocument=document)["Policy"]["Arn"]
    place = workplace(aws, "exec_task_role_lacks_ssmmessages", exec_policy_arn=arn)
    if denied:
        aws.fault("iam", "AttachRolePolicy", "access_denied")
    ending = place.repair(APPROVED)
    holders = iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]
    if denied:
        assert ending.state is RunState.IMPOSSIBLE
        assert "iam:AttachRolePolicy" in ending.words
        assert not holders
    else:
        assert ending.state is RunState.REPAIRED, ending.words
        assert len(holders) == 1
