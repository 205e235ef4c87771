"""Which way a packet leaves a subnet."""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sandbox.ecs.security_groups import prefix_list_cidrs


class Way(StrEnum):
    """What kind of thing the chosen route points to."""

    LOCAL = "local"
    INTERNET_GATEWAY = "internet gateway"
    EGRESS_ONLY_INTERNET_GATEWAY = "egress-only internet gateway"
    NAT_GATEWAY = "NAT gateway"
    GATEWAY_ENDPOINT = "gateway endpoint"
    ELSEWHERE = "elsewhere"
    """Transit gateway, peering, VPN, an appliance: the account does not say where that leads."""
    BLACKHOLE = "blackhole"
    NOWHERE = "no route"


@dataclass(frozen=True, slots=True)
class Hop:
    """The chosen way and what it points to (None for local, blackholes and no route)."""

    way: Way
    target: Any = None


def next_hop(ec2: Any, subnet: Any, address: str) -> Hop:
    """The most specific route of the subnet's table (or of the VPC's main table) for an address."""
    destination = ipaddress.ip_address(address)
    table = route_table_of(ec2, subnet)
    if table is None:
        return Hop(Way.NOWHERE)
    best: tuple[int, Hop] = (-1, Hop(Way.NOWHERE))
    for cidr, hop in [*_listed(ec2, table), *_gateway_endpoints(ec2, table)]:
        network = ipaddress.ip_network(cidr, strict=False)
        if destination in network and network.prefixlen > best[0]:
            best = (network.prefixlen, hop)
    return best[1]


def route_table_of(ec2: Any, subnet: Any) -> Any:
    """The table associated with the subnet, else the main table of its VPC."""
    main = None
    for table in ec2.route_tables.values():
        if table.vpc_id != subnet.vpc_id:
            continue
        for association in table.associations:
            if association.get("SubnetId") == subnet.id:
                return table
            if association.get("Main"):
                main = table
    return main


def _listed(ec2: Any, table: Any) -> list[tuple[str, Hop]]:
    found: list[tuple[str, Hop]] = []
    for route in table.routes:
        if route.destination_prefix_list is not None and str(route.gateway_id).startswith("vpce-"):
            continue  # the route of a gateway endpoint: the endpoint's own list of tables decides
        cidrs = [cidr for cidr in (route.destination_cidr_block, route.destination_ipv6_cidr_block) if cidr]
        if route.destination_prefix_list is not None:
            cidrs = prefix_list_cidrs(ec2, route.destination_prefix_list.id)
        found += [(cidr, _hop(ec2, table, route)) for cidr in cidrs]
    return found


def _hop(ec2: Any, table: Any, route: Any) -> Hop:
    if route.local:
        return Hop(Way.LOCAL)
    if str(route.state).lower() == "blackhole":
        return Hop(Way.BLACKHOLE)
    if route.nat_gateway is not None:
        nat = ec2.nat_gateways.get(route.nat_gateway.id)
        gone = nat is None or nat.state in {"deleted", "deleting"}
        return Hop(Way.BLACKHOLE) if gone else Hop(Way.NAT_GATEWAY, nat)
    if route.gateway is not None and route.gateway.id.startswith("igw-"):
        gateway = ec2.internet_gateways.get(route.gateway.id)
        gone = gateway is None or gateway.vpc is None or gateway.vpc.id != table.vpc_id
        return Hop(Way.BLACKHOLE) if gone else Hop(Way.INTERNET_GATEWAY, gateway)
    if route.egress_only_igw is not None:
        gone = route.egress_only_igw.id not in ec2.egress_only_internet_gateways
        return Hop(Way.BLACKHOLE) if gone else Hop(Way.EGRESS_ONLY_INTERNET_GATEWAY, route.egress_only_igw)
    targets = (route.transit_gateway, route.vpc_pcx, route.interface, route.instance, route.gateway)
    return Hop(Way.ELSEWHERE, next((target for target in targets if target is not None), None))


def _gateway_endpoints(ec2: Any, table: Any) -> list[tuple[str, Hop]]:
    found: list[tuple[str, Hop]] = []
    for endpoint in ec2.vpc_end_points.values():
        if str(endpoint.vpc_endpoint_type).lower() not in {"gateway", "none"}:
            continue
        if str(endpoint.state).lower() != "available" or table.id not in (endpoint.route_table_ids or []):
            continue
        for prefix_list in ec2.managed_prefix_lists.values():
            if prefix_list.prefix_list_name == endpoint.service_name:
                cidrs = prefix_list_cidrs(ec2, prefix_list.id)
                found += [(cidr, Hop(Way.GATEWAY_ENDPOINT, endpoint)) for cidr in cidrs]
    return found
