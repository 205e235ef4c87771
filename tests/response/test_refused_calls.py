"""A refused push and a refused call, from the event to the alert, and to its end once the call is allowed."""

import copy
import json
from typing import Any

import pytest

from sandbox.gallery import build
from sandbox.gallery.scenario import Scenario
from tests.response.office import Office, words

WELL = "🟢"


def again(event: Any, number: int) -> dict[str, Any]:
    other = copy.deepcopy(dict(event))
    other["id"] = other["detail"]["eventID"] = f"00000000-0000-0000-0000-{number:012d}"
    return other


def alert(office: Office) -> str:
    (message,) = office.messages()
    return words(message)


def allow(office: Office, scenario: Scenario, role: str) -> None:
    statement = {"Effect": "Allow", "Action": scenario.params["actions"], "Resource": scenario.params["resources"]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    office.account.client("iam").put_role_policy(RoleName=role, PolicyName="more", PolicyDocument=document)


@pytest.mark.parametrize(
    ("name", "role", "called"),
    [
        ("push_denied", "builds", "shop/parcels"),
        ("update_service_denied", "deploys", "hampers"),
        ("pass_role_denied", "authors", "RegisterTaskDefinition"),
    ],
)
def test_the_alert_names_who_and_what_counts_and_ends_once_it_is_allowed(office, name, role, called):
    scenario = build(office.account, name)
    first = office.respond(scenario.event)
    assert (first.status, first.posted) == ("diagnosed", True)
    assert first.verdict == {"cause": scenario.cause, "confidence": "confirmed"}
    said = alert(office)
    assert called in said.split("\n")[0]
    assert f"`{scenario.event['detail']['userIdentity']['arn']}`" in said
    assert f"aws iam put-role-policy --role-name {role} " in said
    assert office.respond(scenario.event).status == "duplicate"
    assert office.respond(again(scenario.event, 2)).status == "counted"
    office.pass_time(minutes=11)
    office.sweep()
    assert WELL not in alert(office)
    allow(office, scenario, role)
    office.pass_time(minutes=30)
    office.sweep()
    assert alert(office).startswith(WELL)
    assert "allowed" in alert(office)


def test_a_repository_that_was_made_ends_it(office):
    scenario = build(office.account, "push_repository_missing")
    office.respond(scenario.event)
    assert "shop/almanac" in alert(office)
    office.account.client("ecr").create_repository(repositoryName=str(scenario.params["repository"]))
    office.pass_time(minutes=11)
    office.sweep()
    assert alert(office).startswith(WELL)


def test_what_only_awss_words_told_never_ends_by_itself(office):
    scenario = build(office.account, "push_denied")
    event = copy.deepcopy(dict(scenario.event))
    event["detail"]["userIdentity"] = {"type": "Root", "arn": "arn:aws:iam::123456789012:root"}
    assert office.respond(event).verdict == {"cause": "push_denied", "confidence": "likely"}
    office.pass_time(minutes=30)
    office.sweep()
    assert WELL not in alert(office)


@pytest.mark.parametrize("code", ["ServiceNotFoundException", "InvalidParameterException"])
def test_a_callers_own_mistake_is_ignored(office, code):
    scenario = build(office.account, "update_service_denied")
    event = copy.deepcopy(dict(scenario.event))
    event["detail"] |= {"errorCode": code, "errorMessage": "Service not found."}
    answer = office.respond(event)
    assert (answer.status, answer.posted) == ("ignored", False)
    assert office.messages() == []
