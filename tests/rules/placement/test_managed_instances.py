"""Capacity providers of managed instances: their roles, and the VPC that they start instances in."""

from dataclasses import replace

import pytest

from ecs_medic.facts.fact import NOT_READ, Absent, Unknown
from ecs_medic.finding import Confidence, NotChecked
from ecs_medic.rules.placement.managed_instance_role_misconfigured import managed_instance_role_misconfigured
from ecs_medic.rules.placement.managed_instance_vpc_mismatch import managed_instance_vpc_mismatch
from ecs_medic.vocabulary import Id
from tests.builders import (
    allow,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    document,
    known,
    outcomes,
    role,
    simulated,
    the_finding,
)
from tests.rules.placement.instances import (
    INFRASTRUCTURE,
    INSTANCE_ROLE,
    PROFILE,
    awsvpc,
    cluster,
    event,
    managed,
    subnet,
    subnets,
    with_service,
)

ROLE = event(Id.MANAGED_INSTANCE_ROLE_MISCONFIGURED)
VPC = event(Id.MANAGED_INSTANCE_VPC_MISMATCH)
ECS = {"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}
DENIED = Unknown("iam:GetRole", "denied: AccessDenied", "iam:GetRole")


def read(*, trust=ECS, decision="allowed", infrastructure=None, profile=None):
    well = known(
        role(
            INFRASTRUCTURE,
            trust=known(document(trust), "iam:GetRole"),
            simulation=simulated({"iam:PassRole": decision}),
            policies=known((), "iam:GetRolePolicy") if decision == "allowed" else NOT_READ,
        )
    )
    facts = cluster(
        capacity_providers=managed(),
        instance_roles={PROFILE: profile or known(INSTANCE_ROLE, "iam:GetInstanceProfile")},
    )
    return replace(facts, roles={INFRASTRUCTURE: infrastructure or well})


def test_an_infrastructure_role_that_ecs_may_not_assume():
    tasks = {**ECS, "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
    finding = the_finding(managed_instance_role_misconfigured, ROLE, read(trust=tasks))
    assert (finding.confidence, finding.subject) == (Confidence.CONFIRMED, INFRASTRUCTURE)
    assert "does not trust ecs.amazonaws.com" in finding.summary


def test_an_infrastructure_role_that_may_not_pass_the_instances_role():
    finding = the_finding(managed_instance_role_misconfigured, ROLE, read(decision="implicitDeny"))
    assert finding.confidence is Confidence.LIKELY
    assert "iam:PassRole" in finding.summary
    assert finding.fix.policy is not None


def test_a_role_or_profile_that_does_not_exist():
    gone = Absent("iam:GetRole", "NoSuchEntity")
    finding = the_finding(managed_instance_role_misconfigured, ROLE, read(infrastructure=gone))
    assert finding.confidence is Confidence.CONFIRMED
    gone = Absent("iam:GetInstanceProfile", "NoSuchEntity")
    assert "gives no role" in the_finding(managed_instance_role_misconfigured, ROLE, read(profile=gone)).summary


def test_roles_in_order_exclude_it():
    assert_quiet(managed_instance_role_misconfigured, ROLE, read())
    assert_silent(managed_instance_role_misconfigured, ROLE, cluster())


def test_roles_that_could_not_be_read():
    assert_not_checked(managed_instance_role_misconfigured, ROLE, read(infrastructure=DENIED), "iam:GetRole")
    refused = Unknown("iam:GetInstanceProfile", "denied", "iam:GetInstanceProfile")
    said = outcomes(managed_instance_role_misconfigured, ROLE, read(profile=refused))
    assert [one.missing_permission for one in said if isinstance(one, NotChecked)] == ["iam:GetInstanceProfile"]
    refused = Unknown("ecs:DescribeCapacityProviders", "denied", "ecs:DescribeCapacityProviders")
    unread = cluster(capacity_providers=refused)
    for rule in (managed_instance_role_misconfigured, managed_instance_vpc_mismatch):
        about = with_service(unread, awsvpc=awsvpc("subnet-1"))
        assert_not_checked(rule, ROLE, about, "ecs:DescribeCapacityProviders")


@pytest.mark.parametrize(("vpc", "fires"), [("vpc-2", True), ("vpc-1", False)])
def test_the_vpc_of_both_is_compared(vpc, fires):
    known_subnets = subnets(subnet("subnet-1"), subnet("subnet-9", vpc=vpc))
    facts = with_service(cluster(capacity_providers=managed(), subnets=known_subnets), awsvpc=awsvpc("subnet-1"))
    if not fires:
        assert_quiet(managed_instance_vpc_mismatch, VPC, facts)
        return
    finding = the_finding(managed_instance_vpc_mismatch, VPC, facts)
    assert finding.confidence is Confidence.CONFIRMED
    assert (finding.params["vpc_id"], finding.params["capacity_provider_vpc_id"]) == ("vpc-1", "vpc-2")


def test_subnets_that_could_not_be_read():
    refused = Unknown("ec2:DescribeSubnets", "denied", "ec2:DescribeSubnets")
    facts = with_service(cluster(capacity_providers=managed(), subnets=refused), awsvpc=awsvpc("subnet-1"))
    assert_not_checked(managed_instance_vpc_mismatch, VPC, facts, "ec2:DescribeSubnets")
    some = with_service(
        cluster(capacity_providers=managed(), subnets=subnets(subnet("subnet-1"))), awsvpc=awsvpc("subnet-1")
    )
    assert_silent(managed_instance_vpc_mismatch, VPC, some)


def test_the_least_policy_is_that_of_the_missing_action():
    finding = the_finding(managed_instance_role_misconfigured, ROLE, read(decision="explicitDeny"))
    assert finding.fix.policy == document(allow(["iam:PassRole"], INSTANCE_ROLE))
