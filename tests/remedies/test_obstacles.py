"""What AWS would refuse is found before anything is made."""

import pytest

from ecs_medic.plan import Change
from ecs_medic.remedies.registry import remedy
from ecs_medic.remedies.remedy import Obstacle
from sandbox.client import REGION, Sandbox
from sandbox.gallery import Workbench
from sandbox.gallery import network as net
from tests.remedies.workshop import Workshop, built, without_deployment


@pytest.fixture
def shop(aws: Sandbox) -> tuple[Workshop, Change, net.Network]:
    workshop, scenario = built(aws, "ecr_dkr_endpoint_missing")
    (change,) = without_deployment(workshop.plan(scenario.event))
    ids = scenario.resources
    network = net.Network(
        ids["vpc"], ids["subnet"], ids["route_table"], ids["task_group"], ids["endpoint_group"], ids["endpoint_subnet"]
    )
    return workshop, change, network


def obstacles(workshop: Workshop, change: Change) -> tuple[Obstacle, ...]:
    before = workshop.state()
    found = remedy(change).obstacles(change, workshop.run())
    assert workshop.state() == before
    return found


def test_none_where_all_is_well(shop):
    workshop, change, _ = shop
    assert obstacles(workshop, change) == ()


@pytest.mark.parametrize("operation", ["CreateVpcEndpoint", "CreateSecurityGroup"])
def test_a_permission_that_is_missing(aws: Sandbox, shop, operation: str):
    workshop, change, _ = shop
    aws.fault("ec2", operation, "access_denied")
    (found,) = obstacles(workshop, change)
    assert found.missing_permission == f"ec2:{operation}"


def test_an_endpoint_that_is_there_by_now(aws: Sandbox, shop):
    workshop, change, network = shop
    net.add_endpoints(Workbench(aws), network, ["ecr.dkr"])
    assert any("is there by now" in one.words for one in obstacles(workshop, change))
    # And applied all the same, it makes nothing.
    before = workshop.state()
    workshop.apply([change])
    assert workshop.state() == before


def test_a_private_hosted_zone_that_has_the_name(aws: Sandbox, shop):
    workshop, change, network = shop
    aws.client("route53").create_hosted_zone(
        Name=f"dkr.ecr.{REGION}.amazonaws.com",
        CallerReference="1",
        HostedZoneConfig={"PrivateZone": True},
        VPC={"VPCRegion": REGION, "VPCId": network.vpc},
    )
    (found,) = obstacles(workshop, change)
    assert (found.check, "has the name already" in found.words) == ("private DNS", True)
    (receipt,) = workshop.apply([change])
    assert receipt.failed.reason == "conflict"


def test_two_subnets_of_one_zone(shop):
    workshop, change, network = shop
    both = Change(
        change.action,
        {**change.params, "subnet_ids": [network.subnet, network.endpoint_subnet]},
        change.safety,
        None,
        "",
    )
    assert any(one.check == "subnets" and "second one" in one.words for one in obstacles(workshop, both))


@pytest.mark.parametrize("attribute", ["EnableDnsSupport", "EnableDnsHostnames"])
def test_names_that_are_switched_off(aws: Sandbox, shop, attribute: str):
    workshop, change, network = shop
    aws.client("ec2").modify_vpc_attribute(VpcId=network.vpc, **{attribute: {"Value": False}})
    assert any(one.check == "private DNS" for one in obstacles(workshop, change))
    later = Change(change.action, {**change.params, "after_vpc_dns": True}, change.safety, None, "")
    assert obstacles(workshop, later) == ()


def test_hosted_zones_that_could_not_be_read(aws: Sandbox, shop):
    workshop, change, _ = shop
    aws.fault("route53", "ListHostedZonesByVPC", "access_denied")
    (found,) = obstacles(workshop, change)
    assert found.missing_permission == "route53:ListHostedZonesByVPC"


def test_what_this_run_has_made_itself_is_no_obstacle(shop):
    workshop, change, _ = shop
    workshop.apply([change])
    assert obstacles(workshop, change) == ()


def test_an_endpoint_to_be_changed_that_is_gone(aws: Sandbox):
    workshop, scenario = built(aws, "s3_gateway_not_on_route_table")
    (change,) = without_deployment(workshop.plan(scenario.event))
    assert obstacles(workshop, change) == ()
    aws.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[scenario.params["vpc_endpoint_id"]])
    (found,) = obstacles(workshop, change)
    assert found.words == "is gone"
