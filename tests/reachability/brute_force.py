"""A packet walk of its own: one packet at a time, one address and one port at a time, with nothing of the model in it.

Every rule is asked about concrete packets. The answer is what all of them have in common: True (all get through), False
(none does), or None (it depends, or a packet went where nobody can see).
"""

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import Any

from ecs_medic.facts.fact import Fact, Known
from ecs_medic.facts.network import (
    Endpoint,
    EndpointInterface,
    Interface,
    NatGateway,
    Network,
    NetworkAcl,
    Permission,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
)
from ecs_medic.needs.need import Destination

type Answer = bool | None

USUAL_PORTS = (32768, 40000, 49151, 49152, 60999, 61000, 65535)
ODD_PORTS = (1024, 1025, 2000, 4999, 5000, 32767)


@cache
def block(cidr: str) -> IPv4Network | None:
    found = ip_network(cidr)
    return found if isinstance(found, IPv4Network) else None


def known[T](fact: Fact[T]) -> T:
    assert isinstance(fact, Known)
    return fact.value


@dataclass(frozen=True)
class World:
    """Everything that a packet may meet, and the call that it is sent for."""

    destination: Destination
    call: tuple[str, str]
    here: str
    own_groups: set[str]
    has_public_address: bool
    support: bool
    hostnames: bool
    resolvers: Sequence[str]
    vpc: Sequence[IPv4Network]
    subnets: Mapping[str, Subnet]
    tables: Sequence[RouteTable]
    acls: Sequence[NetworkAcl]
    groups: Mapping[str, SecurityGroup]
    endpoints: Sequence[Endpoint]
    doors: Mapping[str, EndpointInterface]
    nats: Mapping[str, NatGateway]
    lists: Mapping[str, Sequence[str]]
    list_names: Mapping[str, str]

    @property
    def amazons(self) -> set[str]:
        """The addresses of Amazon's resolver."""
        return {"AmazonProvidedDNS", "169.254.169.253", str(self.vpc[0][2])}

    @property
    def s3(self) -> list[IPv4Network]:
        """Where Amazon S3 is."""
        lists = [cidrs for name, cidrs in self.lists.items() if self.list_names.get(name, "").endswith(".s3")]
        return [found for cidrs in lists for cidr in cidrs if (found := block(cidr))]


def reachable(interface: Interface, destination: Destination, network: Network, call: tuple[str, str]) -> Answer:
    """Whether a connection succeeds, over everything that is left open: addresses, ports, what a resolver answers."""
    world = World(
        destination,
        call,
        interface.subnet_id,
        set(known(interface.security_group_ids)),
        isinstance(interface.public_ip, Known),
        known(network.dns_support),
        known(network.dns_hostnames),
        known(network.dns_servers),
        [found for cidr in known(network.vpc).cidrs if (found := block(cidr))],
        known(network.subnets),
        known(network.route_tables),
        known(network.network_acls),
        known(network.security_groups),
        known(network.endpoints),
        known(network.endpoint_interfaces),
        known(network.nat_gateways),
        known(network.prefix_lists),
        known(network.prefix_list_names),
    )
    own = interface.private_ip
    sources = [IPv4Address(own)] if own else sample_subnet(world, interface.subnet_id)
    answers: set[Answer] = set()
    for place in resolved(world):
        if place == "nowhere":
            answers.add(False)
        elif isinstance(place, Endpoint):
            answers |= {any_door(world, place, source) for source in sources}
        else:
            answers |= {to_public(world, source, target) for source in sources for target in public_samples(world)}
    return merge(answers)


def merge(answers: Iterable[Answer]) -> Answer:
    distinct = set(answers)
    return distinct.pop() if len(distinct) == 1 else None


def chain(steps: Iterable[Answer]) -> Answer:
    found = set(steps)
    return False if False in found else None if None in found else True


# Names


def resolved(world: World) -> Iterator[Endpoint | str]:
    private = [
        one
        for one in world.endpoints
        if one.service_name == world.destination.service
        and one.type == "Interface"
        and one.state.lower() == "available"
        and one.private_dns_enabled
        and not one.private_dns_only_for_inbound_resolver
        and world.support
        and world.hostnames
    ]
    if not all(server in world.amazons for server in world.resolvers):
        yield "public"
        yield from private
    elif not world.support:
        yield "nowhere"
    elif private:
        yield from private
    else:
        yield "public"


# Inside the VPC


def any_door(world: World, endpoint: Endpoint, source: IPv4Address) -> Answer:
    answers = {
        merge(through_door(world, endpoint, subnet, source, target) for target in targets)
        for subnet, targets in doors_of(world, endpoint)
    }
    return True if True in answers else None if None in answers else False


def doors_of(world: World, endpoint: Endpoint) -> Iterator[tuple[str, list[IPv4Address]]]:
    for identifier in endpoint.interface_ids:
        door = world.doors[identifier]
        own = door.private_ip
        yield door.subnet_id, [IPv4Address(own)] if own else sample_subnet(world, door.subnet_id)


def sample_subnet(world: World, subnet: str) -> list[IPv4Address]:
    whole = IPv4Network(world.subnets[subnet].cidr or "")
    return sorted({whole[0], whole[-1], whole[128], whole[127], whole[77]})


def through_door(world: World, endpoint: Endpoint, subnet: str, source: IPv4Address, target: IPv4Address) -> Answer:
    theirs = set(endpoint.security_group_ids)
    steps: list[Answer] = [
        groups_pass(world, _rules(world, world.own_groups, outbound=True), target, theirs),
        groups_pass(world, _rules(world, theirs, outbound=False), source, world.own_groups),
        policy_allows(endpoint, world.call),
    ]
    if subnet != world.here:
        steps += [
            inside(route_for(world, table_of(world, world.here), target, to_service=False)),
            acl_passes(world, world.here, "out", (target, 443)),
            acl_passes(world, subnet, "in", (source, 443)),
            answers_pass(world, subnet, "out", source),
            answers_pass(world, world.here, "in", target),
        ]
    return chain(steps)


def inside(route: Route | None) -> Answer:
    if route is None or route.target == "local":
        return True
    return False if route.state == "blackhole" else None


# To the internet


def public_samples(world: World) -> list[IPv4Address]:
    """Addresses that the service may have: at, and beside, every edge that any rule has, and a few others."""
    texts = {"8.8.8.8/32", "52.95.1.1/32", "99.77.3.4/32", "1.1.1.1/32", "172.217.3.3/32"}
    texts |= {route.destination for table in world.tables for route in table.routes if route.destination[:3] != "pl-"}
    texts |= {entry.cidr for acl in world.acls for entry in acl.entries}
    texts |= {cidr for group in world.groups.values() for one in (*group.ingress, *group.egress) for cidr in one.cidrs}
    texts |= {cidr for cidrs in world.lists.values() for cidr in cidrs}
    s3 = world.s3
    wants_s3 = (world.destination.service or "").endswith(".s3")
    found: set[IPv4Address] = set()
    for whole in filter(None, map(block, texts)):
        for number in (int(whole[0]) - 1, int(whole[0]), int(whole[-1]), int(whole[-1]) + 1):
            if not 0 <= number < 2**32:
                continue
            address = IPv4Address(number)
            ordinary = address.is_global and not address.is_multicast and not address.is_reserved
            outside = not any(address in cidr for cidr in world.vpc)
            if ordinary and outside and any(address in cidr for cidr in s3) == wants_s3:
                found.add(address)
    return sorted(found)


def to_public(world: World, source: IPv4Address, target: IPv4Address) -> Answer:
    return chain(
        (
            groups_pass(world, _rules(world, world.own_groups, outbound=True), target, set()),
            acl_passes(world, world.here, "out", (target, 443)),
            answers_pass(world, world.here, "in", target),
            leaves(world, source, target),
        )
    )


def leaves(world: World, source: IPv4Address, target: IPv4Address) -> Answer:
    route = route_for(world, table_of(world, world.here), target, to_service=True)
    if route is None or route.state == "blackhole":
        return False
    if route.target.startswith("igw-"):
        return world.has_public_address
    if route.target.startswith("vpce-"):
        return gateway(world, route.target)
    return by_nat(world, route.target, source, target) if route.target.startswith("nat-") else None


def by_nat(world: World, nat_id: str, source: IPv4Address, target: IPv4Address) -> Answer:
    nat = world.nats.get(nat_id)
    if nat is None or nat.state != "available":
        return False
    steps: list[Answer] = [
        beyond_nat(world, nat, target),
        acl_passes(world, nat.subnet_id, "out", (target, 443)),
        merge(acl_passes(world, nat.subnet_id, "in", (target, port)) for port in (*USUAL_PORTS, *ODD_PORTS)),
    ]
    if nat.subnet_id != world.here:
        steps.append(acl_passes(world, nat.subnet_id, "in", (source, 443)))
        steps.append(answers_pass(world, nat.subnet_id, "out", source))
    return chain(steps)


def beyond_nat(world: World, nat: NatGateway, target: IPv4Address) -> Answer:
    route = route_for(world, table_of(world, nat.subnet_id), target, to_service=True)
    if route is None or route.state == "blackhole" or route.target.startswith("nat-"):
        return False
    if route.target.startswith("igw-"):
        return nat.public
    if route.target.startswith("vpce-"):
        return True if nat.public and gateway(world, route.target) else None
    return None


def gateway(world: World, identifier: str) -> Answer:
    endpoint = next(one for one in world.endpoints if one.id == identifier)
    if endpoint.type != "Gateway" or endpoint.service_name != world.destination.service:
        return None
    return endpoint.state == "available" and policy_allows(endpoint, world.call)


# Rules


def table_of(world: World, subnet: str) -> RouteTable:
    for table in world.tables:
        if subnet in table.subnet_ids:
            return table
    return next(table for table in world.tables if table.main)


def route_for(world: World, table: RouteTable, target: IPv4Address, *, to_service: bool) -> Route | None:
    """The most specific route; of two that are equally so, the one that is no prefix list's."""
    matching: list[tuple[int, bool, Route]] = []
    for route in table.routes:
        of_list = route.destination.startswith("pl-")
        gateways = [one.service_name for one in world.endpoints if one.id == route.target and one.type == "Gateway"]
        foreign = of_list and gateways and (not to_service or gateways[0] != world.destination.service)
        cidrs = () if foreign else world.lists[route.destination] if of_list else (route.destination,)
        matching += [
            (found.prefixlen, not of_list, route) for cidr in cidrs if (found := block(cidr)) and target in found
        ]
    return max(matching, key=lambda one: one[:2])[2] if matching else None


def _rules(world: World, groups: Iterable[str], *, outbound: bool) -> list[Permission]:
    found = [world.groups[one] for one in groups]
    return [one for group in found for one in (group.egress if outbound else group.ingress)]


def groups_pass(world: World, permissions: list[Permission], peer: IPv4Address, peer_groups: set[str]) -> bool:
    for one in permissions:
        tcp = one.protocol in {"-1", "tcp", "6"}
        port = one.protocol == "-1" or one.ports is None or 443 in range(one.ports[0], one.ports[1] + 1)
        if not (tcp and port):
            continue
        cidrs = [*one.cidrs, *(cidr for name in one.prefix_list_ids for cidr in world.lists[name])]
        if any(peer in found for found in map(block, cidrs) if found) or peer_groups & set(one.group_ids):
            return True
    return False


def answers_pass(world: World, subnet: str, way: str, peer: IPv4Address) -> Answer:
    usual = [acl_passes(world, subnet, way, (peer, port)) for port in USUAL_PORTS]
    if all(usual):
        return True
    odd = [acl_passes(world, subnet, way, (peer, port)) for port in ODD_PORTS]
    return None if any(usual) or any(odd) else False


def acl_passes(world: World, subnet: str, way: str, packet: tuple[IPv4Address, int]) -> bool:
    """Whether a packet crosses: `packet` is the far side's address and the port that the packet is sent to."""
    peer, port = packet
    acl = next(one for one in world.acls if subnet in one.subnet_ids)
    for entry in sorted(acl.entries, key=lambda one: one.number):
        if entry.egress != (way == "out") or entry.protocol not in {"-1", "6"}:
            continue
        found = block(entry.cidr)
        if found is None or peer not in found:
            continue
        if entry.protocol == "6" and entry.ports is not None and not entry.ports[0] <= port <= entry.ports[1]:
            continue
        return entry.allow
    return False


def policy_allows(endpoint: Endpoint, call: tuple[str, str]) -> bool:
    policy: Any = endpoint.policy
    if policy is None:
        return True
    effects = {
        statement["Effect"]
        for statement in policy["Statement"]
        if fnmatch.fnmatchcase(call[0], statement["Action"]) and fnmatch.fnmatchcase(call[1], statement["Resource"])
    }
    return "Allow" in effects and "Deny" not in effects
