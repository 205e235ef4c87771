"""A message turns green on proof alone: the rule silent on fresh facts, and a task that stays up."""

from datetime import timedelta
from typing import Any

import pytest

from ecs_medic.response.meter import Metric
from sandbox.gallery import build
from tests.response.office import Office, another_task, words

GREEN = "🟢"


def repair(office: Office, scenario) -> None:
    """What a person would do: the missing endpoint, made like the one that is there."""
    ec2 = office.account.client("ec2")
    endpoint = next(
        one for one in ec2.describe_vpc_endpoints()["VpcEndpoints"] if one["VpcEndpointType"] == "Interface"
    )
    ec2.create_vpc_endpoint(
        VpcId=endpoint["VpcId"],
        VpcEndpointType="Interface",
        ServiceName=scenario.params["services"][0],
        SubnetIds=endpoint["SubnetIds"],
        SecurityGroupIds=[group["GroupId"] for group in endpoint["Groups"]],
        PrivateDnsEnabled=True,
    )


def deploy(office: Office, scenario) -> list[dict[str, Any]]:
    """Forces a new deployment, and returns what EventBridge would deliver."""
    office.account.take_events()
    office.account.client("ecs").update_service(
        cluster=scenario.cluster, service=scenario.service, forceNewDeployment=True
    )
    return office.account.take_events()


def steady(events: list[dict[str, Any]]) -> dict[str, Any]:
    return next(one for one in events if one["detail"].get("eventName") == "SERVICE_STEADY_STATE")


@pytest.fixture
def failing(office):
    scenario = build(office.account, "ecr_dkr_endpoint_missing")
    office.respond(scenario.event)
    return scenario


def sign(office: Office) -> str:
    (message,) = office.messages()
    return words(message)[0]


def test_a_repaired_service_turns_green_once_its_task_has_stayed_up(office, failing):
    repair(office, failing)
    events = deploy(office, failing)
    answer = office.respond(steady(events))
    assert (answer.status, answer.action) == ("resolved", "resolve")
    office.pass_time(seconds=10)
    office.sweep()
    assert sign(office) == "🔴"
    assert "stay up" in words(office.messages()[0])
    office.pass_time(minutes=4)
    office.sweep()
    assert sign(office) == GREEN
    (message,) = office.messages()
    assert "1 of 1 task running" in words(message)
    assert "Resolved" in words(office.answers()[-1])
    assert office.metrics[Metric.RESOLVED] == 1


def test_a_steady_state_without_a_repair_turns_nothing_green(office, failing):
    event: Any = build(office.account, "service_steady_state").event
    event["resources"] = [event["resources"][0].rsplit("/", 1)[0] + "/" + failing.service]
    event["detail"]["clusterArn"] = failing.event["detail"]["clusterArn"]
    office.pass_time(minutes=10)
    office.respond(event)
    office.pass_time(minutes=10)
    office.sweep()
    assert sign(office) == "🔴"


def test_a_rule_that_cannot_be_checked_turns_nothing_green(office, failing):
    repair(office, failing)
    events = deploy(office, failing)
    office.pass_time(minutes=5)
    office.account.fault("ec2", "DescribeVpcEndpoints", "access_denied")
    office.respond(steady(events))
    assert sign(office) == "🔴"
    assert "could not be" in words(office.messages()[0])
    office.account.clear_faults()
    office.pass_time(minutes=6)
    office.sweep()
    assert sign(office) == GREEN


def test_what_fails_again_within_a_day_reopens_the_same_message(office, failing):
    repair(office, failing)
    events = deploy(office, failing)
    office.pass_time(minutes=5)
    office.respond(steady(events))
    assert sign(office) == GREEN
    office.pass_time(hours=2)
    again = another_task(failing.event, 7, later=timedelta(hours=2, minutes=5))
    assert office.respond(again).status == "diagnosed"
    (message,) = office.messages()
    assert words(message)[0] != GREEN
    assert "Failed again" in words(message)
    assert "2 times" in words(message)
    assert "Failed again" in words(office.answers()[-1])


def test_an_event_from_before_the_end_does_not_reopen_it(office, failing):
    repair(office, failing)
    events = deploy(office, failing)
    office.pass_time(minutes=5)
    office.respond(steady(events))
    late = another_task(failing.event, 8)
    assert office.respond(late).status == "counted"
    office.pass_time(minutes=1)
    office.sweep()
    assert sign(office) == GREEN
    assert "2 times" in words(office.messages()[0])


def test_a_failure_during_the_verification_keeps_it_open(office, failing):
    repair(office, failing)
    events = deploy(office, failing)
    office.pass_time(minutes=5)
    office.respond(another_task(failing.event, 9, later=timedelta(minutes=4, seconds=50)))
    office.respond(steady(events))
    assert sign(office) == "🔴"


def test_a_service_without_incidents_costs_one_query(office):
    event = build(office.account, "service_steady_state").event
    office.account.clear_calls()
    answer = office.respond(event)
    assert (answer.status, answer.posted) == ("resolved", False)
    assert [(one["service"], one["operation"]) for one in office.account.calls()] == [("dynamodb", "Query")]
