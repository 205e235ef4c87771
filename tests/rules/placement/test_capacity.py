"""Launch types, zones, clusters, and what only AWS's own words tell."""

from dataclasses import replace

import pytest

from ecs_medic.facts.ecs import Cluster
from ecs_medic.facts.fact import Absent, Unknown
from ecs_medic.finding import Confidence
from ecs_medic.incident import ExecAttempt, Message, SymptomConfidence
from ecs_medic.rules.placement import RULES
from ecs_medic.rules.placement.cluster_not_found import cluster_not_found
from ecs_medic.rules.placement.eni_setup_failed import eni_setup_failed
from ecs_medic.rules.placement.fargate_capacity_unavailable import fargate_capacity_unavailable
from ecs_medic.rules.placement.launch_type_incompatible import launch_type_incompatible
from ecs_medic.rules.placement.subnet_in_unsupported_az import subnet_in_unsupported_az
from ecs_medic.rules.placement.wrong_region import wrong_region
from ecs_medic.rules.service import RULES as SERVICE_RULES
from ecs_medic.vocabulary import Id
from tests.builders import CLUSTER_ARN, assert_not_checked, assert_quiet, assert_silent, known, the_finding
from tests.rules.placement.instances import (
    awsvpc,
    cluster,
    event,
    facts,
    subnet,
    subnets,
    with_definition,
    with_service,
)

REPORTED = (
    Id.QUOTA_EXCEEDED,
    Id.PROVISIONING_LIMIT_EXCEEDED,
    Id.API_THROTTLED,
    Id.AWS_INTERNAL_ERROR,
    Id.FARGATE_CAPACITY_UNAVAILABLE,
    Id.ENI_PROVISIONING_TIMEOUT,
    Id.ENI_SETUP_FAILED,
    Id.SERVICE_DISCOVERY_UNHEALTHY,
    Id.WRONG_REGION,
)
RULES_BY_NAME = {rule.__name__: rule for rule in (*RULES, *SERVICE_RULES)}


@pytest.mark.parametrize("cause", REPORTED)
def test_what_only_aws_knows_is_likely_and_told_in_its_words(cause):
    rule = RULES_BY_NAME[cause.value]
    finding = the_finding(rule, event(cause, "AWS's own words"), facts())
    assert (finding.cause, finding.confidence) == (cause, Confidence.LIKELY)
    assert "AWS's own words" in finding.evidence[0].observed
    assert not [line for line in finding.fix.cli if "<REGION>" in line or "<CLUSTER>" in line]
    unsure = event(cause, "perhaps", symptom_confidence=SymptomConfidence.LIKELY)
    assert the_finding(rule, unsure, facts()).confidence is Confidence.POSSIBLE


@pytest.mark.parametrize("cause", REPORTED)
def test_nobody_else_is_told_of_it(cause):
    assert_silent(RULES_BY_NAME[cause.value], event(Id.PLACEMENT_FAILED), facts())


def test_fargate_capacity_tells_zones_and_that_spot_alone_is_asked_for():
    read = cluster(subnets=subnets(subnet("subnet-1"), subnet("subnet-2", zone="eu-west-1b")))
    read = with_service(
        read, launch_type=None, capacity_providers=("FARGATE_SPOT",), awsvpc=awsvpc("subnet-1", "subnet-2")
    )
    finding = the_finding(fargate_capacity_unavailable, event(Id.FARGATE_CAPACITY_UNAVAILABLE), read)
    assert finding.params["availability_zones"] == ["eu-west-1a", "eu-west-1b"]
    assert finding.params["only_spot"] is True
    assert "Fargate Spot alone" in finding.summary


def test_an_interface_that_failed_tells_what_its_subnet_has_left():
    read = with_service(cluster(subnets=subnets(subnet("subnet-1"))), awsvpc=awsvpc("subnet-1"))
    finding = the_finding(eni_setup_failed, event(Id.ENI_SETUP_FAILED), read)
    assert finding.params["subnet_id"] == "subnet-1"
    assert "100 free addresses" in finding.evidence[-1].observed


def test_the_region_of_the_arn_is_named():
    arn = "arn:aws:ecs:eu-central-1:123456789012:task/shop/0123456789abcdef0123456789abcdef"
    by_message = event(Id.WRONG_REGION, f"Invalid region in arn {arn}")
    by_attempt = replace(event(Id.WRONG_REGION, "Invalid region"), exec_attempt=ExecAttempt(None, arn, None))
    for about in (by_message, by_attempt):
        assert the_finding(wrong_region, about, facts()).params["resource_region"] == "eu-central-1"


def test_a_definition_that_is_not_fit_for_the_launch_type():
    about = event(Id.LAUNCH_TYPE_INCOMPATIBLE)
    read = with_service(facts(), launch_type="FARGATE")
    finding = the_finding(launch_type_incompatible, about, read)
    assert (finding.confidence, finding.params["compatibilities"]) == (Confidence.CONFIRMED, ["EC2"])
    on_spot = with_service(facts(), launch_type=None, capacity_providers=("FARGATE_SPOT",))
    assert the_finding(launch_type_incompatible, about, on_spot).params["launch_type"] == "FARGATE"


def test_a_fit_definition():
    assert_quiet(launch_type_incompatible, event(Id.PLACEMENT_FAILED), facts())
    assert_not_checked(launch_type_incompatible, event(Id.LAUNCH_TYPE_INCOMPATIBLE), facts())
    assert_silent(launch_type_incompatible, event(Id.PLACEMENT_FAILED), with_definition(facts(), compatibilities=()))


def test_an_unread_definition_may_be_fit_or_not():
    refused = Unknown("ecs:DescribeTaskDefinition", "denied", "ecs:DescribeTaskDefinition")
    read = replace(facts(), task_definition=refused)
    about = event(Id.LAUNCH_TYPE_INCOMPATIBLE)
    assert_not_checked(launch_type_incompatible, about, read, "ecs:DescribeTaskDefinition")


def tokyo(zone_id: str | None, **changes):
    read = cluster(subnets=subnets(subnet("subnet-1", zone_id=zone_id)), **changes)
    return replace(with_service(read, launch_type="FARGATE", awsvpc=awsvpc("subnet-1")), region="ap-northeast-1")


def test_a_zone_without_fargate():
    finding = the_finding(subnet_in_unsupported_az, event(Id.AWS_INTERNAL_ERROR), tokyo("apne1-az3"))
    assert (finding.confidence, finding.params["subnet_id"]) == (Confidence.LIKELY, "subnet-1")


def test_zones_with_fargate_exclude_it():
    about = event(Id.AWS_INTERNAL_ERROR)
    assert_quiet(subnet_in_unsupported_az, about, tokyo("apne1-az1"))
    assert_quiet(subnet_in_unsupported_az, about, replace(tokyo("apne1-az3"), region="eu-west-1"))
    assert_silent(subnet_in_unsupported_az, about, tokyo(None))
    assert_silent(subnet_in_unsupported_az, about, with_service(tokyo("apne1-az3"), launch_type="EC2"))


def test_zones_that_were_not_read():
    refused = Unknown("ec2:DescribeSubnets", "denied", "ec2:DescribeSubnets")
    read = replace(tokyo("apne1-az3"), placement=replace(tokyo("apne1-az3").placement, subnets=refused))
    assert_not_checked(subnet_in_unsupported_az, event(Id.AWS_INTERNAL_ERROR), read, "ec2:DescribeSubnets")


@pytest.mark.parametrize(
    "found", [Absent("ecs:DescribeClusters", "shop: MISSING"), known(Cluster(CLUSTER_ARN, "shop", "INACTIVE"))]
)
def test_a_cluster_that_is_not_there(found):
    finding = the_finding(cluster_not_found, event(Id.CLUSTER_NOT_FOUND), replace(facts(), cluster=found))
    assert finding.confidence is Confidence.CONFIRMED


def test_a_cluster_that_is():
    assert_quiet(cluster_not_found, event(Id.CLUSTER_NOT_FOUND), facts())
    refused = Unknown("ecs:DescribeClusters", "denied", "ecs:DescribeClusters")
    read = replace(facts(), cluster=refused)
    assert_not_checked(cluster_not_found, event(Id.CLUSTER_NOT_FOUND), read, "ecs:DescribeClusters")


def test_words_are_kept_out_of_findings_without_any():
    silent = event(Id.QUOTA_EXCEEDED, message=Message())
    [finding] = RULES_BY_NAME["quota_exceeded"](silent, facts())
    assert finding.evidence == ()
