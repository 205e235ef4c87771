"""What lies behind a NAT gateway: its own subnet's route table, or, where it is regional, its own table."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ecs_medic.collect.network import nat_gateway_from
from ecs_medic.facts.network import Network, Route, RouteTable
from ecs_medic.needs.need import Destination
from ecs_medic.reachability.path import HopKind, Verdict
from ecs_medic.reachability.walk import path
from tests.rules.network import worlds as w

DOCKER_HUB = Destination("registry-1.docker.io")
REGIONAL = {
    "NatGatewayId": "nat-1",
    "State": "available",
    "VpcId": "vpc-1",
    "ConnectivityType": "public",
    "AvailabilityMode": "regional",
    "RouteTableId": "rtb-nat",
    "NatGatewayAddresses": [{"PublicIp": "52.1.1.1", "AvailabilityZone": "eu-west-1a", "IsPrimary": True}],
}


def behind(answer: Mapping[str, object], *own: Route) -> Network:
    """The subnet's default route leads to the NAT gateway; the main table leads nowhere."""
    gateways = w.known({"nat-1": nat_gateway_from(answer)})
    where = w.network(endpoints=(), routes=(w.LOCAL, w.BY_NAT), nat_gateways=gateways)
    table = RouteTable("rtb-nat", (w.LOCAL, *own))
    return replace(where, route_tables=w.known((*where.route_tables.value, table)))


@pytest.mark.parametrize(
    ("own", "expected"), [((w.BY_INTERNET_GATEWAY,), Verdict.OPEN), ((), Verdict.BLOCKED)], ids=["way out", "none"]
)
def test_a_regional_one_has_a_route_table_of_its_own(own, expected):
    assert path(w.INTERFACE, DOCKER_HUB, behind(REGIONAL, *own)).verdict is expected


def test_a_regional_one_is_in_no_subnet_whose_acl_could_matter():
    found = path(w.INTERFACE, DOCKER_HUB, behind(REGIONAL, w.BY_INTERNET_GATEWAY))
    here = [hop.evidence.observed for hop in found.hops if hop.kind is HopKind.NETWORK_ACL]
    assert here
    assert all(f"on {w.SUBNET} " in observed for observed in here)


@pytest.mark.parametrize("gone", ["RouteTableId", "AvailabilityMode"])
def test_of_one_in_no_subnet_the_main_table_says_nothing(gone):
    answer = {**REGIONAL, "RouteTableId": "rtb-elsewhere"} if gone == "AvailabilityMode" else REGIONAL
    found = path(w.INTERFACE, DOCKER_HUB, behind({name: value for name, value in answer.items() if name != gone}))
    assert found.verdict is Verdict.UNKNOWN
