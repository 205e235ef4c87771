"""Whoever calls ECS may not: which action, on which resource, who denies it, and the least policy that helps."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.finding import Confidence, Finding, NotChecked
from ecs_medic.incident import Incident, Message
from ecs_medic.rules.caller.caller_denied import caller_denied
from ecs_medic.vocabulary import Id
from tests.builders import (
    ACCOUNT,
    CLUSTER_ARN,
    REGION,
    SERVICE_ARN,
    TASK_ARN,
    TASK_ROLE,
    allow,
    assert_quiet,
    assert_silent,
    deny,
    document,
    exec_incident,
    facts,
    incident,
    known,
    outcomes,
    role,
    the_finding,
)
from tests.rules.refused import CALLER, SESSION, caller_with, refused_call, refused_push, statements

UPDATE = refused_call("UpdateService", "ecs:UpdateService", SERVICE_ARN, service="orders", cluster="shop")
DEFINITION = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/orders:7"


def by(**changes: Any) -> Incident:
    """The refused update, with another call."""
    return refused_call(
        "UpdateService", "ecs:UpdateService", SERVICE_ARN, call=changes, service="orders", cluster="shop"
    )


def granted(finding: Finding) -> Any:
    """The statements; no action in them has a wildcard, and no command attaches a policy of AWS's."""
    assert "AmazonECS_FullAccess" not in " ".join(finding.fix.cli)
    listed = statements(finding.fix)
    assert "*" not in json.dumps([one["Action"] for one in listed])
    return listed


def test_a_role_without_the_action_is_confirmed_with_the_least_policy():
    finding = the_finding(caller_denied, UPDATE, caller_with(allow("ecs:DescribeServices")))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["caller"] == SESSION
    assert finding.params["denied_by"] == "identity"
    assert granted(finding) == [{"Effect": "Allow", "Action": ["ecs:UpdateService"], "Resource": SERVICE_ARN}]
    assert any("ecs:enable-execute-command" in step for step in finding.fix.steps)
    assert finding.fix.cli[0].startswith("aws iam put-role-policy --role-name builds ")


@pytest.mark.parametrize(
    ("operation", "action", "on", "resource", "condition"),
    [
        ("RunTask", "ecs:RunTask", DEFINITION, DEFINITION.replace(":7", ":*"), None),
        ("StopTask", "ecs:StopTask", TASK_ARN, f"{TASK_ARN.rsplit('/', 1)[0]}/*", None),
        ("RegisterTaskDefinition", "ecs:RegisterTaskDefinition", "*", "*", None),
        (
            "RegisterTaskDefinition",
            "iam:PassRole",
            TASK_ROLE,
            TASK_ROLE,
            {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        (
            "RunTask",
            "ecs:TagResource",
            f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/shop/*",
            f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/shop/*",
            {"StringEquals": {"ecs:CreateAction": "RunTask"}},
        ),
    ],
)
def test_each_call_gets_its_own_policy(operation, action, on, resource, condition):
    finding = the_finding(caller_denied, refused_call(operation, action, on), caller_with(allow("s3:GetObject")))
    (statement,) = granted(finding)
    assert (statement["Action"], statement["Resource"]) == ([action], resource)
    assert statement.get("Condition") == condition
    assert finding.confidence is Confidence.CONFIRMED


def test_tasks_may_be_run_in_the_named_cluster_only():
    incident = refused_call("RunTask", "ecs:RunTask", DEFINITION, call={"context": {"ecs:cluster": CLUSTER_ARN}})
    (statement,) = granted(the_finding(caller_denied, incident, caller_with(allow("s3:GetObject"))))
    assert statement["Condition"] == {"ArnEquals": {"ecs:cluster": CLUSTER_ARN}}


def test_a_role_that_trusts_ecs_itself_is_handed_on_to_ecs_itself():
    infrastructure = f"arn:aws:iam::{ACCOUNT}:role/volumes"
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}
    read = caller_with(allow("s3:GetObject"))
    passed = replace(role(infrastructure), trust=known(document(trust), "iam:GetRole"))
    read = replace(read, roles={**read.roles, infrastructure: known(passed)})
    finding = the_finding(caller_denied, refused_call("CreateService", "iam:PassRole", infrastructure), read)
    (statement,) = granted(finding)
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs.amazonaws.com"}}


def test_a_condition_that_the_known_request_meets_decides():
    """ecs:cluster is known from the service's ARN, so that nothing stays open."""
    context = {"ecs:cluster": CLUSTER_ARN}
    other = {"ArnEquals": {"ecs:cluster": CLUSTER_ARN.replace("shop", "staging")}}
    said = outcomes(caller_denied, by(context=context), caller_with(allow("ecs:UpdateService", Condition=other)))
    assert [one.confidence for one in said if isinstance(one, Finding)] == [Confidence.CONFIRMED]
    assert len(said) == 1


def test_a_condition_that_nobody_can_judge_is_said():
    tagged = {"StringEquals": {"aws:ResourceTag/team": "shop"}}
    read = caller_with(allow("ecs:UpdateService", Condition=tagged), decisions={"ecs:UpdateService": "implicitDeny"})
    said = outcomes(caller_denied, UPDATE, read)
    (finding,) = [one for one in said if isinstance(one, Finding)]
    assert finding.confidence is Confidence.LIKELY
    assert "aws:ResourceTag/team" in finding.fix.steps[0]
    assert [one for one in said if isinstance(one, NotChecked) and "aws:ResourceTag/team" in one.check]


@pytest.mark.parametrize(
    ("because", "denied_by", "advice"),
    [
        (
            "with an explicit deny in a service control policy",
            "scp",
            "Remove the Deny of ecs:UpdateService in a service",
        ),
        ("because no permissions boundary allows the {} action", "boundary", "permissions boundary"),
        ("because no session policy allows the {} action", "session", "session policy"),
        ("with an explicit deny in an identity-based policy", "identity", "Remove the Deny of ecs:UpdateService from"),
    ],
)
def test_who_denies_is_taken_from_awss_words_where_nothing_was_read(because, denied_by, advice):
    about = refused_call("UpdateService", "ecs:UpdateService", SERVICE_ARN, because=because)
    finding = the_finding(caller_denied, about, facts())
    assert finding.confidence is Confidence.LIKELY
    assert finding.params["denied_by"] == denied_by
    assert finding.fix.summary.startswith(advice) or advice in finding.fix.summary
    assert finding.fix.policy is None


def test_a_deny_of_the_callers_own_is_named():
    read = caller_with(allow("ecs:*"), deny("ecs:UpdateService"))
    about = refused_call(
        "UpdateService",
        "ecs:UpdateService",
        SERVICE_ARN,
        because="with an explicit deny in an identity-based policy",
    )
    finding = the_finding(caller_denied, about, read)
    assert finding.confidence is Confidence.CONFIRMED
    assert "from inline" in finding.fix.summary


def test_a_simulation_that_allows_what_aws_refused_confirms_nothing():
    read = caller_with(allow("ecs:*"), decisions={"ecs:UpdateService": "allowed"})
    said = outcomes(caller_denied, UPDATE, read)
    (finding,) = [one for one in said if isinstance(one, Finding)]
    assert finding.confidence is Confidence.LIKELY
    assert [one for one in said if isinstance(one, NotChecked) and "simulation" in one.reason]


def test_without_words_the_event_names_the_call():
    about = replace(
        by(denied_action=None, denied_resource=None), message=Message(UPDATE.kind, error_code="AccessDenied")
    )
    finding = the_finding(caller_denied, about, facts())
    assert finding.params["actions"] == ["ecs:UpdateService"]
    assert granted(finding)[0]["Resource"] == SERVICE_ARN


def test_the_root_user_and_unknown_callers_are_told_by_awss_words_alone():
    about = by(caller_arn=None, issuer_arn=None)
    finding = the_finding(caller_denied, about, caller_with(allow("ecs:*")))
    assert finding.confidence is Confidence.LIKELY
    assert finding.fix.cli == ()
    assert finding.summary.startswith("The caller may not call")


def test_a_caller_of_another_account_is_not_judged_by_a_namesake():
    foreign = "arn:aws:iam::444455556666:role/builds"
    about = by(issuer_arn=foreign)
    said = outcomes(caller_denied, about, caller_with(allow("ecs:*")))
    assert any(isinstance(one, NotChecked) and "another account" in one.reason for one in said)


def test_what_is_allowed_by_now_is_ruled_out():
    read = caller_with(allow("ecs:UpdateService"), decisions={"ecs:UpdateService": "allowed"})
    assert_quiet(caller_denied, replace(UPDATE, symptom=Id.UNKNOWN), read)
    assert CALLER in read.roles


@pytest.mark.parametrize(
    "about", [exec_incident(), incident(Id.APP_EXITED), refused_push()], ids=["exec", "task", "push"]
)
def test_other_incidents_are_none_of_its_business(about):
    assert_silent(caller_denied, about, caller_with(allow("ecs:*")))
