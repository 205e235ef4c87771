"""A packet walk of its own: one packet at a time, one address and one port at a time, with nothing of the model in it.

Every rule is asked about concrete packets. The answer is what all of them have in common: True (all get through), False
(none does), or None (it depends, or a packet went where nobody can see).
"""

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
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
type Address = IPv4Address | IPv6Address
type Block = IPv4Network | IPv6Network

USUAL_PORTS = (32768, 40000, 49151, 49152, 60999, 61000, 65535)
ODD_PORTS = (1024, 1025, 2000, 4999, 5000, 32767)


NAT64 = ip_network("64:ff9b::/96")
TEXTS = (
    "8.8.8.8/32",
    "52.95.1.1/32",
    "99.77.3.4/32",
    "1.1.1.1/32",
    "172.217.3.3/32",
    "2606:4700::1/128",
    "2a03:2880::1/128",
)
IPV4_ALONE = ("api.ecr.", ".dkr.ecr.", "logs.", "ecr.api.", ".s3.eu", "s3.eu", "ssmmessages.")
BOTH = ("secretsmanager.", ".dualstack.", ".on.aws")


@cache
def block(cidr: str) -> Block | None:
    return ip_network(cidr)


def translated(address: Address) -> Address:
    """The IPv4 address that a NAT64 address stands for; any other as it is."""
    return IPv4Address(int(address) % 2**32) if address in NAT64 else address


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
    vpc: Sequence[Block]
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
    def home(self) -> Subnet:
        """The subnet that the packet starts in."""
        return self.subnets[self.here]

    @property
    def dns64(self) -> Answer:
        """Whether names without an IPv6 address get one; of a resolver that is not Amazon's nobody knows."""
        return self.home.enable_dns64 if all(one in self.amazons for one in self.resolvers) else None

    @property
    def records(self) -> Answer:
        """Whether the public name has IPv6 addresses."""
        host = self.destination.host
        if any(part in host for part in BOTH):
            return True
        return False if any(part in host for part in IPV4_ALONE) and "amazonaws" in host else None

    @property
    def s3(self) -> list[Block]:
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
        [found for cidr in (*known(network.vpc).cidrs, *known(network.vpc).ipv6_cidrs) if (found := block(cidr))],
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
    if world.home.ipv6_native:
        return over_ipv6(world, interface, alone=True)
    four = over_ipv4(world, interface)
    has = bool(interface.ipv6_addresses.value) if isinstance(interface.ipv6_addresses, Known) else None
    if four is not False or has is False or not world.home.ipv6_cidrs:
        return four
    six = over_ipv6(world, interface, alone=False)
    # Who is denied by an endpoint's policy was answered, and may never have tried the other way.
    answered = over_ipv4(replace(world, call=("", "")), interface) is not False
    return six if not six or (has and not answered) else None


def over_ipv4(world: World, interface: Interface) -> Answer:
    own = interface.private_ip
    sources = [IPv4Address(own)] if own else sample_subnet(world, interface.subnet_id, 4)
    answers: set[Answer] = set()
    for place in resolved(world):
        if place == "nowhere":
            answers.add(False)
        elif isinstance(place, Endpoint):
            doors = {any_door(world, place, source) for source in sources}
            answers |= doors if has_record(place, 4) else {None if merge(doors) is not False else False}
        else:
            answers |= to_all(world, sources, public_samples(world, 4))
    return merge(answers)


def over_ipv6(world: World, interface: Interface, *, alone: bool) -> Answer:
    own = known(interface.ipv6_addresses) if isinstance(interface.ipv6_addresses, Known) else ()
    sources: list[Address] = [ip_address(one) for one in own] or sample_subnet(world, interface.subnet_id, 6)
    host = world.destination.host
    # An agent may ask another name of the service, which has both.
    twin = alone and host.endswith("amazonaws.com") and ".dkr." not in host and world.records is not True
    answers: set[Answer] = set()
    for place in resolved(world):
        if place == "nowhere":
            answers.add(False)
            continue
        if isinstance(place, Endpoint):
            record = has_record(place, 6)
            if record is not False:
                answers |= {any_door(world, place, source) for source in sources}
            if record is not True:
                answers.add(by_dns64_to_an_endpoint(world))
        elif world.records is not True:
            answers |= by_dns64(world, sources)
        if twin or (place == "public" and world.records is not False):
            answers |= to_all(world, sources, public_samples(world, 6))
    return merge(answers)


def to_all(world: World, sources: Iterable[Address], targets: Sequence[Address]) -> set[Answer]:
    return {to_public(world, source, target) for source in sources for target in targets}


def has_record(endpoint: Endpoint, version: int) -> Answer:
    """Whether the endpoint's private name has an address of that version."""
    name = f"ipv{version}"
    if endpoint.ip_address_type != "dualstack":
        return endpoint.ip_address_type == name
    if endpoint.dns_record_ip_type is None:
        return None
    return endpoint.dns_record_ip_type in {name, "dualstack", *(("service-defined",) if version == 4 else ())}


def by_dns64(world: World, sources: Iterable[Address]) -> set[Answer]:
    if not world.dns64:
        return {world.dns64}
    start = int(NAT64[0])
    return to_all(world, sources, [IPv6Address(start + int(one)) for one in public_samples(world, 4)])


def by_dns64_to_an_endpoint(world: World) -> Answer:
    """Whether NAT64 leads to private addresses depends; without a NAT gateway it does not."""
    if world.dns64 is False:
        return False
    # The two ends of 10.0.0.0/16, in which all of these networks lie.
    ends = [IPv6Address(int(NAT64[0]) + int(IPv4Address(one))) for one in ("10.0.0.0", "10.0.255.255")]
    rules = _rules(world, world.own_groups, outbound=True)
    if not any(groups_pass(world, rules, one, set()) for one in ends):
        return False
    routes = [route_for(world, table_of(world, world.here), one, to_service=False) for one in ends]
    usable = [one for one in routes if one and one.state != "blackhole" and "igw-" not in one.target]
    return None if usable else False


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


def any_door(world: World, endpoint: Endpoint, source: Address) -> Answer:
    answers = {
        merge(through_door(world, endpoint, subnet, source, target) for target in targets)
        for subnet, targets in doors_of(world, endpoint, source.version)
    }
    return True if True in answers else None if None in answers else False


def doors_of(world: World, endpoint: Endpoint, version: int) -> Iterator[tuple[str, list[Address]]]:
    for identifier in endpoint.interface_ids:
        door = world.doors[identifier]
        own = door.private_ip if version == 4 else next(iter(door.ipv6_addresses), None)
        yield door.subnet_id, [ip_address(own)] if own else sample_subnet(world, door.subnet_id, version)


def sample_subnet(world: World, subnet: str, version: int) -> list[Address]:
    found = world.subnets[subnet]
    cidrs = found.ipv6_cidrs if version == 6 else (found.cidr or "10.0.0.0/16",)
    whole = ip_network(cidrs[0])
    half = whole.num_addresses // 2
    return [whole[0], whole[-1], whole[half], whole[half - 1], whole[77]]


def through_door(world: World, endpoint: Endpoint, subnet: str, source: Address, target: Address) -> Answer:
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


def public_samples(world: World, version: int) -> list[Address]:
    """Addresses that the service may have: at, and beside, every edge that any rule has, and a few others."""
    texts = set(TEXTS)
    texts |= {route.destination for table in world.tables for route in table.routes if route.destination[:3] != "pl-"}
    texts |= {entry.cidr for acl in world.acls for entry in acl.entries}
    texts |= {cidr for group in world.groups.values() for one in (*group.ingress, *group.egress) for cidr in one.cidrs}
    texts |= {cidr for cidrs in world.lists.values() for cidr in cidrs}
    s3 = [one for one in world.s3 if one.version == version]
    # Without a list of its addresses Amazon S3 may be anywhere.
    wants_s3 = (world.destination.service or "").endswith(".s3") and bool(s3)
    make, bits = (IPv4Address, 32) if version == 4 else (IPv6Address, 128)
    wholes = {whole for one in texts if (whole := block(one)) is not None}
    # What a rule says of NAT64's addresses it says of the IPv4 ones behind them.
    edges = {int(edge) for one in wholes if one.version == version for edge in (one[0], one[-1])}
    if version == 4:
        edges |= {
            int(translated(edge)) for one in wholes if one.version == 6 for edge in (one[0], one[-1]) if edge in NAT64
        }
    found: set[Address] = set()
    for edge in edges:
        for number in (edge - 1, edge, edge + 1):
            if not 0 <= number < 2**bits:
                continue
            address = make(number)
            ordinary = address.is_global and not address.is_multicast and not address.is_reserved
            if version == 6:
                ordinary = address.is_global and address in ip_network("2000::/3")
            outside = not any(address in cidr for cidr in world.vpc)
            if ordinary and outside and any(address in cidr for cidr in s3) == wants_s3:
                found.add(address)
    return sorted(found)


def to_public(world: World, source: Address, target: Address) -> Answer:
    return chain(
        (
            groups_pass(world, _rules(world, world.own_groups, outbound=True), target, set()),
            acl_passes(world, world.here, "out", (target, 443)),
            answers_pass(world, world.here, "in", target),
            leaves(world, source, target),
        )
    )


def leaves(world: World, source: Address, target: Address) -> Answer:
    route = route_for(world, table_of(world, world.here), target, to_service=True)
    if route is None or route.state == "blackhole":
        return False
    only_six, open_gateway = route.target.startswith("eigw-"), route.target.startswith("igw-")
    if only_six or open_gateway:
        if target in NAT64 or (only_six and target.version == 4):
            return False
        public: Answer = (
            (None if world.home.ipv6_private else True) if target.version == 6 else world.has_public_address
        )
        return chain((public, unblocked(world, world.here, only_outwards=only_six)))
    if route.target.startswith("vpce-"):
        return gateway(world, route.target)
    if target.version == 6 and target not in NAT64:
        return None
    return by_nat(world, route.target, source, target) if route.target.startswith("nat-") else None


def unblocked(world: World, subnet: str, *, only_outwards: bool) -> Answer:
    """Whether VPC Block Public Access leaves the subnet's gateway alone; an exclusion may, too."""
    mode = world.subnets[subnet].internet_gateway_block_mode
    return True if mode in {None, "off"} or (only_outwards and mode == "block-ingress") else None


def by_nat(world: World, nat_id: str, source: Address, seen: Address) -> Answer:
    target = translated(seen)
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


def beyond_nat(world: World, nat: NatGateway, target: Address) -> Answer:
    route = route_for(world, table_of(world, nat.subnet_id), target, to_service=True)
    if route is None or route.state == "blackhole" or route.target.startswith(("nat-", "eigw-")):
        return False
    if route.target.startswith("igw-"):
        return nat.public and unblocked(world, nat.subnet_id, only_outwards=True)
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


def route_for(world: World, table: RouteTable, target: Address, *, to_service: bool) -> Route | None:
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


def groups_pass(world: World, permissions: list[Permission], peer: Address, peer_groups: set[str]) -> bool:
    for one in permissions:
        tcp = one.protocol in {"-1", "tcp", "6"}
        port = one.protocol == "-1" or one.ports is None or 443 in range(one.ports[0], one.ports[1] + 1)
        if not (tcp and port):
            continue
        cidrs = [*one.cidrs, *(cidr for name in one.prefix_list_ids for cidr in world.lists[name])]
        if any(peer in found for found in map(block, cidrs) if found) or peer_groups & set(one.group_ids):
            return True
    return False


def answers_pass(world: World, subnet: str, way: str, peer: Address) -> Answer:
    usual = [acl_passes(world, subnet, way, (peer, port)) for port in USUAL_PORTS]
    if all(usual):
        return True
    odd = [acl_passes(world, subnet, way, (peer, port)) for port in ODD_PORTS]
    return None if any(usual) or any(odd) else False


def acl_passes(world: World, subnet: str, way: str, packet: tuple[Address, int]) -> bool:
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
    if policy is None or not call[0]:
        return True
    effects = {
        statement["Effect"]
        for statement in policy["Statement"]
        if fnmatch.fnmatchcase(call[0], statement["Action"]) and fnmatch.fnmatchcase(call[1], statement["Resource"])
    }
    return "Allow" in effects and "Deny" not in effects
