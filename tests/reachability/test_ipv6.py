"""IPv4 is blocked, and whether IPv6 gets through was not judged."""

from dataclasses import replace

import pytest

from ecs_medic.collect.network import subnet_from
from ecs_medic.facts.network import Route
from ecs_medic.needs.need import Destination
from ecs_medic.reachability.path import Verdict
from ecs_medic.reachability.walk import path
from tests.rules.network import worlds as w

OUT = Route("::/0", "eigw-1")
BLOCK = {"Ipv6CidrBlock": "2a05:d018:1::/64", "Ipv6CidrBlockState": {"State": "associated"}}


def verdict(host: str, route: Route = OUT, **association: object) -> Verdict:
    item = {
        "SubnetId": w.SUBNET,
        "VpcId": "vpc-1",
        "CidrBlock": "10.0.1.0/24",
        "Ipv6CidrBlockAssociationSet": [{**BLOCK, **association}],
    }
    where = w.network(endpoints=(), routes=(w.LOCAL, route))
    where = replace(where, subnets=w.known({**where.subnets.value, w.SUBNET: subnet_from(item)}))
    return path(w.INTERFACE, Destination(host), where).verdict


@pytest.mark.parametrize("host", ["public.ecr.aws", "registry-1.docker.io", "123456789012.dkr-ecr.eu-west-1.on.aws"])
def test_a_host_that_may_have_ipv6_addresses_may_be_reached_by_them(host):
    assert verdict(host) is Verdict.UNKNOWN


def test_a_service_that_has_none_is_blocked():
    assert verdict("api.ecr.eu-west-1.amazonaws.com") is Verdict.BLOCKED


def test_without_a_living_route_or_an_address_it_is_blocked():
    assert verdict("quay.io", Route("::/0", "eigw-1", "blackhole")) is Verdict.BLOCKED
    assert verdict("quay.io", Route("fd00::/8", "eigw-1")) is Verdict.BLOCKED
    assert verdict("quay.io", Ipv6CidrBlockState={"State": "disassociated"}) is Verdict.BLOCKED
