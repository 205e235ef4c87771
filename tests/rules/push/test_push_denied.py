"""Whoever pushes may not: which actions are missing, who denies them, and the least policy that helps."""

import json
from dataclasses import replace

import pytest

from ecs_medic.facts import Absent, Unknown
from ecs_medic.finding import Confidence, Finding, NotChecked
from ecs_medic.incident import Kind, Message
from ecs_medic.needs.push import REPOSITORY_ACTIONS, TOKEN
from ecs_medic.rules.push.push_denied import push_denied
from ecs_medic.vocabulary import Id
from tests.builders import (
    ACCOUNT,
    allow,
    assert_quiet,
    assert_silent,
    deny,
    document,
    exec_incident,
    facts,
    known,
    outcomes,
    role,
    simulated,
    the_finding,
)
from tests.rules.refused import CALLER, REPOSITORY, SESSION, caller_with, refused_call, refused_push, statements, words

NO_POLICY = {REPOSITORY: Absent("ecr:GetRepositoryPolicy", "it has no policy of its own")}
DENIED = {action.lower(): "implicitDeny" for action in (*REPOSITORY_ACTIONS, TOKEN)}
STRANGER = "arn:aws:iam::444455556666:role/builds"
STRANGERS = {"issuer_arn": STRANGER, "caller_arn": "arn:aws:sts::444455556666:assumed-role/builds/x"}


def test_a_role_that_may_do_nothing_gets_both_statements_and_nothing_more():
    read = caller_with(allow("s3:GetObject"), decisions=DENIED, resource_policies=NO_POLICY)
    finding = the_finding(push_denied, refused_push(), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.subject == CALLER
    assert finding.params["denied_by"] == "identity"
    assert finding.params["caller"] == SESSION
    assert finding.fix.policy == document(
        {"Effect": "Allow", "Action": [TOKEN], "Resource": "*"},
        {"Effect": "Allow", "Action": list(REPOSITORY_ACTIONS), "Resource": REPOSITORY},
    )
    assert finding.fix.cli[0].startswith("aws iam put-role-policy --role-name builds ")


def test_what_is_allowed_already_is_not_granted_again():
    may = [allow(TOKEN), allow(["ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload"], REPOSITORY)]
    read = caller_with(*may, resource_policies=NO_POLICY)
    finding = the_finding(push_denied, refused_push("ecr:PutImage"), read)
    missing = ["ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"]
    assert finding.params["actions"] == missing
    assert finding.fix.policy == document({"Effect": "Allow", "Action": missing, "Resource": REPOSITORY})
    assert "exactly the repository shop/orders" in finding.fix.summary


def test_a_refused_login_is_granted_on_everything_and_alone():
    incident = refused_push(
        TOKEN,
        call={"repository": None, "registry": None},
        message=Message(Kind.ECR_PUSH, stopped_reason=words(TOKEN, "*"), error_code="AccessDenied"),
    )
    finding = the_finding(push_denied, incident, caller_with(allow("s3:GetObject")))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.fix.policy == document({"Effect": "Allow", "Action": [TOKEN], "Resource": "*"})


def test_the_repositorys_own_deny_is_named_as_what_denies():
    policy = document({"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage"})
    read = caller_with(allow("ecr:*"), resource_policies={REPOSITORY: known(policy, "ecr:GetRepositoryPolicy")})
    because = "with an explicit deny in a resource-based policy"
    finding = the_finding(push_denied, refused_push("ecr:PutImage", because=because), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["denied_by"] == "resource_policy"
    assert "policy of" in finding.fix.summary
    assert finding.fix.policy is None


@pytest.mark.parametrize(
    ("because", "denied_by"),
    [
        ("with an explicit deny in a service control policy", "scp"),
        ("because no permissions boundary allows the {} action", "boundary"),
        ("because no session policy allows the {} action", "session"),
        ("because no VPC endpoint policy allows the {} action", "endpoint"),
    ],
)
def test_somebody_above_is_named_by_awss_words_and_no_policy_is_offered(because, denied_by):
    read = caller_with(allow("ecr:*"), decisions=dict.fromkeys(DENIED, "allowed"), resource_policies=NO_POLICY)
    said = outcomes(push_denied, refused_push(because=because), read)
    (finding,) = [one for one in said if isinstance(one, Finding)]
    assert finding.confidence is Confidence.LIKELY
    assert finding.params["denied_by"] == denied_by
    assert finding.fix.policy is None
    assert any(isinstance(one, NotChecked) for one in said)


def test_a_deny_of_the_callers_own_is_removed_by_name():
    read = caller_with(allow("ecr:*"), deny("ecr:PutImage"), resource_policies=NO_POLICY)
    because = "with an explicit deny in an identity-based policy"
    finding = the_finding(push_denied, refused_push("ecr:PutImage", because=because), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.fix.summary.startswith("Remove the Deny of ecr:PutImage from inline")


def test_without_reads_awss_words_stand_and_the_whole_push_is_granted():
    unread = Unknown("iam:ListRolePolicies", "denied", "iam:ListRolePolicies")
    read = facts(roles={CALLER: known(replace(role(CALLER), policies=unread, simulation=unread))})
    said = outcomes(push_denied, refused_push(), read)
    (finding,) = [one for one in said if isinstance(one, Finding)]
    assert finding.confidence is Confidence.LIKELY
    assert finding.evidence[0].source == "event"
    given = {action for one in statements(finding.fix) for action in one["Action"]}
    assert given == {TOKEN, *REPOSITORY_ACTIONS}
    assert {one.missing_permission for one in said if isinstance(one, NotChecked)} == {"iam:ListRolePolicies"}


def test_a_condition_that_nobody_can_judge_is_said_and_confirms_nothing():
    only_main = {"StringEquals": {"aws:PrincipalTag/branch": "main"}}
    read = caller_with(
        allow([TOKEN, *REPOSITORY_ACTIONS], Condition=only_main), decisions=DENIED, resource_policies=NO_POLICY
    )
    said = outcomes(push_denied, refused_push(), read)
    (finding,) = [one for one in said if isinstance(one, Finding)]
    assert finding.confidence is Confidence.LIKELY
    assert finding.params["conditions"] == ["aws:PrincipalTag/branch"]
    assert "aws:PrincipalTag/branch" in finding.fix.steps[0]
    assert any(isinstance(one, NotChecked) and "aws:PrincipalTag/branch" in one.check for one in said)


def test_a_stranger_whom_the_repository_does_not_admit_gets_the_repositorys_policy():
    finding = the_finding(push_denied, refused_push(call=STRANGERS), facts(resource_policies=NO_POLICY))
    assert finding.confidence is Confidence.CONFIRMED
    assert (finding.subject, finding.params["denied_by"]) == (REPOSITORY, "resource_policy")
    (statement,) = statements(finding.fix)
    assert statement["Principal"] == {"AWS": STRANGER}
    assert statement["Action"] == list(REPOSITORY_ACTIONS)
    assert json.dumps(finding.fix.policy, separators=(",", ":")) in finding.fix.cli[0]


def test_a_stranger_who_is_admitted_may_lack_permissions_at_home_which_is_not_checked():
    policy = document({"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "ecr:*"})
    read = facts(resource_policies={REPOSITORY: known(policy, "ecr:GetRepositoryPolicy")})
    said = outcomes(push_denied, refused_push(call=STRANGERS), read)
    (finding,) = [one for one in said if isinstance(one, Finding)]
    assert finding.confidence is Confidence.LIKELY
    assert any(isinstance(one, NotChecked) and "another account" in one.reason for one in said)


def test_another_accounts_repository_keeps_its_policy_to_itself():
    theirs = refused_push(call={"registry": "444455556666"})
    said = outcomes(push_denied, theirs, caller_with(allow("ecr:*")))
    assert any(isinstance(one, NotChecked) and "account 444455556666" in one.reason for one in said)
    assert not [one for one in said if isinstance(one, Finding) and one.confidence is Confidence.CONFIRMED]


def test_what_is_allowed_by_now_is_ruled_out_once_nobody_speaks_of_a_refusal():
    read = caller_with(allow("ecr:*"), decisions=dict.fromkeys(DENIED, "allowed"), resource_policies=NO_POLICY)
    later = replace(refused_push(), symptom=Id.UNKNOWN)
    assert_quiet(push_denied, later, read)
    still = caller_with(allow("s3:*"), decisions=DENIED, resource_policies=NO_POLICY)
    assert the_finding(push_denied, later, still).confidence is Confidence.CONFIRMED


@pytest.mark.parametrize(
    "incident", [exec_incident(), refused_call("UpdateService", "ecs:UpdateService", "*")], ids=["exec", "ecs"]
)
def test_other_incidents_are_none_of_its_business(incident):
    assert_silent(push_denied, incident, caller_with(allow("s3:*")))


def test_a_user_is_judged_by_the_simulation_and_gets_a_users_policy():
    ann = f"arn:aws:iam::{ACCOUNT}:user/people/ann"
    read = facts(
        roles={ann: known(replace(role(ann), policies=Unknown("-", "not read"), simulation=simulated(DENIED)))},
        resource_policies=NO_POLICY,
    )
    finding = the_finding(push_denied, refused_push(call={"caller_arn": ann, "issuer_arn": None}), read)
    assert finding.confidence is Confidence.LIKELY
    assert finding.fix.cli[0].startswith("aws iam put-user-policy --user-name ann ")
