"""The rule on the policies of repositories: both sides of a pull across accounts."""

from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.facts import Absent, Fact, Facts, Unknown
from ecs_medic.facts.iam import PolicyDocument
from ecs_medic.facts.images import Repository, RepositoryId
from ecs_medic.finding import Confidence, Finding, NotChecked
from ecs_medic.needs.images import PULL_ACTIONS
from ecs_medic.rules.image.ecr_repository_policy_denies import ecr_repository_policy_denies
from ecs_medic.vocabulary import Id
from tests.builders import (
    ACCOUNT,
    EXECUTION_ROLE,
    IMAGE,
    REGION,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    container_definition,
    definition,
    document,
    facts,
    incident,
    known,
    outcomes,
    role,
    simulated,
    task,
    the_finding,
)

OWNER = "444455556666"
FOREIGN = RepositoryId(OWNER, REGION, "shop/orders")
OWN = RepositoryId(ACCOUNT, REGION, "shop/orders")
ABOUT = incident(Id.IMAGE_PULL_FORBIDDEN)
UNREAD = Unknown("ecr:GetRepositoryPolicy", "denied: AccessDeniedException", "ecr:GetRepositoryPolicy")
MAY_PULL = simulated(dict.fromkeys((*PULL_ACTIONS, "ecr:GetAuthorizationToken"), "allowed"))


def statement(principal: object, *actions: str, effect: str = "Allow") -> dict[str, object]:
    return {"Effect": effect, "Principal": principal, "Action": list(actions or PULL_ACTIONS)}


def across(policy: Fact[PolicyDocument], **changes: Any) -> Facts:
    containers = (container_definition(image=IMAGE.replace(ACCOUNT, OWNER)),)
    return facts(
        task_definition=definition(containers=containers),
        resource_policies={FOREIGN.arn("aws"): policy},
        **changes,
    )


def policy(*statements: object) -> Fact[PolicyDocument]:
    return known(document(*statements), "ecr:GetRepositoryPolicy")


@pytest.mark.parametrize(
    "given",
    [
        policy(statement({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
        policy(statement({"AWS": ACCOUNT})),
        policy(statement({"AWS": [EXECUTION_ROLE]})),
        policy(statement("*")),
    ],
)
def test_a_policy_that_admits_the_account_or_the_role_is_not_to_blame(given):
    assert_quiet(ecr_repository_policy_denies, ABOUT, across(given))


@pytest.mark.parametrize(
    "given",
    [
        Absent("ecr:GetRepositoryPolicy", "RepositoryPolicyNotFoundException"),
        policy(statement({"AWS": "777788889999"})),
        policy(statement({"AWS": ACCOUNT}, "ecr:BatchGetImage")),
        policy(statement({"AWS": ACCOUNT}), statement("*", "ecr:BatchGetImage", effect="Deny")),
    ],
)
def test_a_policy_that_does_not_is_confirmed(given):
    finding = the_finding(ecr_repository_policy_denies, ABOUT, across(given))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["registry_id"] == OWNER
    assert finding.params["container"] == "app"
    advised = dict(finding.fix.policy or {})["Statement"]
    assert isinstance(advised, list)
    assert [one["Principal"] for one in advised if isinstance(one, dict)] == [{"AWS": EXECUTION_ROLE}]


def test_a_condition_leaves_it_open():
    organization = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    assert_not_checked(
        ecr_repository_policy_denies, ABOUT, across(policy({**statement("*"), "Condition": organization}))
    )


def test_an_unread_policy_is_likely_only_where_the_role_may_pull_for_its_part():
    allowed = {EXECUTION_ROLE: known(role(EXECUTION_ROLE, simulation=MAY_PULL))}
    for roles, expected in ((allowed, Confidence.LIKELY), ({}, Confidence.POSSIBLE)):
        said = outcomes(ecr_repository_policy_denies, ABOUT, across(UNREAD, roles=roles))
        assert [type(one) for one in said] == [NotChecked, Finding]
        assert isinstance(said[0], NotChecked)
        assert said[0].missing_permission == "ecr:GetRepositoryPolicy"
        assert isinstance(said[1], Finding)
        assert said[1].confidence is expected
    assert_not_checked(
        ecr_repository_policy_denies,
        incident(Id.IMAGE_NOT_FOUND),
        across(UNREAD, roles=allowed),
        "ecr:GetRepositoryPolicy",
    )


def test_within_one_account_only_a_deny_counts():
    def own(given: Fact[PolicyDocument]) -> Facts:
        return facts(resource_policies={OWN.arn("aws"): given})

    denied = the_finding(ecr_repository_policy_denies, ABOUT, own(policy(statement("*", effect="Deny"))))
    assert denied.confidence is Confidence.CONFIRMED
    assert_quiet(ecr_repository_policy_denies, ABOUT, own(policy(statement({"AWS": "777788889999"}))))
    assert_silent(ecr_repository_policy_denies, ABOUT, own(Absent("ecr:GetRepositoryPolicy")))
    assert_silent(ecr_repository_policy_denies, ABOUT, own(UNREAD))
    assert_silent(ecr_repository_policy_denies, ABOUT, facts())


def test_a_repository_that_does_not_exist_has_no_policy_to_blame():
    missing = Repository(FOREIGN, Absent("ecr:BatchGetImage", "RepositoryNotFoundException"))
    read = across(Absent("ecr:GetRepositoryPolicy"), repositories={FOREIGN: missing})
    assert_silent(ecr_repository_policy_denies, ABOUT, read)


def test_an_instance_whose_role_is_unknown_is_judged_by_its_account():
    on_ec2 = {"task": task(launch_type="EC2")}
    assert_quiet(ecr_repository_policy_denies, ABOUT, across(policy(statement({"AWS": ACCOUNT})), **on_ec2))
    assert_not_checked(
        ecr_repository_policy_denies, ABOUT, across(policy(statement({"AWS": f"{EXECUTION_ROLE}-host"})), **on_ec2)
    )


def test_other_partitions_have_arns_of_their_own():
    image = f"{OWNER}.dkr.ecr.cn-north-1.amazonaws.com.cn/shop/orders:1.4.2"
    repository = RepositoryId(OWNER, "cn-north-1", "shop/orders")
    read = facts(
        task_definition=definition(containers=(container_definition(image=image),)),
        resource_policies={repository.arn("aws-cn"): Absent("ecr:GetRepositoryPolicy", "none")},
    )
    in_china = replace(read, partition="aws-cn", region="cn-north-1")
    assert the_finding(ecr_repository_policy_denies, ABOUT, in_china).subject.startswith("arn:aws-cn:ecr:cn-north-1:")
