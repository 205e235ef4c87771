"""A failed ECS Exec answers the person: who asked, which container takes a session, and what to type."""

import copy
from typing import Any

import pytest

from sandbox.gallery import build
from tests.response.office import Office, words


def told(office: Office, event: Any) -> str:
    office.respond(event)
    (message,) = office.messages()
    return words(message)


def caller(event: Any) -> str:
    arn: str = event["detail"]["userIdentity"]["arn"]
    return arn


@pytest.mark.parametrize("name", ["exec_not_enabled", "exec_caller_denied", "exec_task_role_lacks_ssmmessages"])
def test_the_caller_is_named_and_no_command_is_promised_to_work_now(office, name):
    scenario = build(office.account, name)
    said = told(office, scenario.event)
    assert f"`{caller(scenario.event)}`" in said
    commands = [line for line in said.split("\n") if line.startswith("aws ecs execute-command")]
    before = said.split("aws ecs execute-command")[0]
    assert not commands or "Once it is fixed:" in before


def test_who_named_a_container_that_is_not_there_gets_the_command_for_one_that_is(office):
    scenario = build(office.account, "ssmmessages_endpoint_missing")
    running = office.account.client("ecs").list_tasks(cluster=scenario.cluster)["taskArns"][0]
    event = copy.deepcopy(dict(scenario.event))
    event["detail"]["requestParameters"]["container"] = "ap"
    event["detail"]["errorCode"] = "InvalidParameterException"
    event["detail"]["errorMessage"] = "The container name 'ap' is not in this task."
    said = told(office, event)
    assert f"`{caller(event)}`" in said
    assert "`ap` was asked for" in said
    assert running.rsplit("/", 1)[-1] in said


def test_the_command_line_of_the_session_is_never_repeated(office):
    scenario = build(office.account, "exec_not_enabled")
    event = copy.deepcopy(dict(scenario.event))
    event["detail"]["requestParameters"]["command"] = "cat /etc/orders/settings"
    said = told(office, event)
    assert "/etc/orders" not in said
    assert "/etc/orders" not in str(office.account.slack_calls())


def test_the_second_failure_of_the_same_task_costs_no_read_of_aws(office):
    scenario = build(office.account, "exec_not_enabled")
    office.respond(scenario.event)
    again = copy.deepcopy(dict(scenario.event))
    again["id"] = again["detail"]["eventID"] = "00000000-0000-0000-0000-000000000002"
    office.account.clear_calls()
    assert office.respond(again).status == "counted"
    assert {call["service"] for call in office.account.calls()} <= {"dynamodb", "slack"}
