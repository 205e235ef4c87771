"""The way through an interface endpoint. Once its private name answers, there is no way around it.

Source: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Endpoint, EndpointInterface, Network
from ecs_medic.finding import Evidence
from ecs_medic.reachability.acls import answer, crossing_hop, request
from ecs_medic.reachability.addresses import Family, Span, spans
from ecs_medic.reachability.endpoint_policy import policy_hops
from ecs_medic.reachability.far import Far, anywhere
from ecs_medic.reachability.near import addresses_of
from ecs_medic.reachability.path import Hop, HopKind, Path, Verdict, Via
from ecs_medic.reachability.routes import SOURCE as ROUTES
from ecs_medic.reachability.routes import is_out_of_sight, possible_routes, table_of
from ecs_medic.reachability.security_groups import egress, endpoint_ingress, groups
from ecs_medic.reachability.trip import Trip
from ecs_medic.reachability.unread import addresses_permission, missing_permission

_BEST_FIRST = (Verdict.OPEN, Verdict.UNKNOWN, Verdict.BLOCKED)


@dataclass(frozen=True, slots=True)
class _Door:
    """One network interface of the endpoint, or one that must exist."""

    name: str
    subnet_id: str | None
    addresses: tuple[Span, ...]


def through_endpoint(endpoint: Endpoint, named: Hop, trip: Trip) -> Path:
    """The way through `endpoint`; one of its interfaces that can be reached is enough."""
    policy = policy_hops(endpoint, trip.network.vpc_id, trip.requests)
    table = table_of(trip.subnet_id, trip.network)
    paths = [
        Path(
            destination=trip.destination,
            via=Via.INTERFACE_ENDPOINT,
            hops=(named, *_hops(endpoint, door, trip), *policy),
            endpoint_id=endpoint.id,
            route_table_id=table.id if table else None,
        )
        for door in _doors(endpoint, trip.network, trip.family)
    ]
    best = min(paths, key=lambda path: (_BEST_FIRST.index(path.verdict), not path.is_answered))
    closed = sum(path.verdict is Verdict.BLOCKED for path in paths)
    if best.verdict is Verdict.OPEN and closed:
        best = replace(
            best,
            hops=(_partly(named, endpoint, closed, len(paths)), *best.hops[1:]),
            sometimes_blocked=tuple(dict.fromkeys(hop for one in paths if (hop := one.broken_at) is not None)),
        )
    return best


def through_unseen_endpoint(named: Hop, trip: Trip) -> Path:
    """The way through an endpoint that may exist: only the interface's own groups can be judged."""
    network, destination = trip.network, trip.destination
    vpc = network.vpc.value if isinstance(network.vpc, Known) else None
    blocks = spans((*vpc.cidrs, *vpc.ipv6_cidrs), trip.family) if vpc else ()
    addresses = blocks or anywhere(destination, trip.family).addresses
    inside = Far(addresses, "an endpoint in the VPC", security_group_ids=None)
    return Path(destination, Via.INTERFACE_ENDPOINT, (named, egress(trip.near, inside, destination.port)))


def _partly(named: Hop, endpoint: Endpoint, closed: int, doors: int) -> Hop:
    observed = f"{named.evidence.observed}; {closed} of {endpoint.id}'s {doors} interfaces cannot be reached"
    return replace(named, evidence=replace(named.evidence, observed=observed))


def _doors(endpoint: Endpoint, network: Network, family: Family) -> tuple[_Door, ...]:
    if isinstance(network.endpoint_interfaces, Known) and endpoint.interface_ids:
        known = network.endpoint_interfaces.value
        return tuple(_door(endpoint, one, known.get(one), network, family) for one in endpoint.interface_ids)
    places: Sequence[str | None] = endpoint.subnet_ids or (None,)
    return tuple(_Door(f"{endpoint.id} in {one}", one, addresses_of(None, one, network, family)) for one in places)


def _door(
    endpoint: Endpoint, identifier: str, found: EndpointInterface | None, network: Network, family: Family
) -> _Door:
    if found is None:
        return _Door(f"{endpoint.id} ({identifier})", None, addresses_of(None, None, network, family))
    six = next(iter(found.ipv6_addresses), None)
    address = six if family is Family.IPV6 else found.private_ip
    place = addresses_of(address, found.subnet_id, network, family)
    return _Door(f"{endpoint.id} ({address or identifier})", found.subnet_id, place)


def _hops(endpoint: Endpoint, door: _Door, trip: Trip) -> Iterator[Hop]:
    network, near, port, here = trip.network, trip.near, trip.destination.port, trip.subnet_id
    found = groups(endpoint.security_group_ids, network)
    # A reference is to a group's id, which is known even where the group itself was not read.
    ids = endpoint.security_group_ids or (tuple(one.id for one in found) if found else None)
    far = Far(door.addresses, door.name, security_group_ids=ids)
    yield egress(near, far, port)
    if door.subnet_id is None:
        yield _unplaced(endpoint, network)
    elif door.subnet_id != here:
        yield crossing_hop(request(here, door.addresses, port, door.name, outbound=True), network)
        yield local_route_hop(far, trip)
        yield crossing_hop(request(door.subnet_id, near.addresses, port, trip.client, outbound=False), network)
    yield endpoint_ingress(endpoint.security_group_ids, near, port)
    if door.subnet_id is not None and door.subnet_id != here:
        yield crossing_hop(answer(door.subnet_id, near.addresses, trip.client, outbound=True), network)
        yield crossing_hop(answer(here, door.addresses, door.name, outbound=False), network)


def _unplaced(endpoint: Endpoint, network: Network) -> Hop:
    missing = missing_permission(network.endpoint_interfaces)
    evidence = Evidence(
        "ec2:DescribeNetworkInterfaces", endpoint.id, "in which subnets its network interfaces are is unknown"
    )
    return Hop(HopKind.NETWORK_ACL, endpoint.id, Verdict.UNKNOWN, evidence, "egress", missing)


def local_route_hop(far: Far, trip: Trip) -> Hop:
    """Inside the VPC the local route leads everywhere, unless a more specific one sends the packet elsewhere."""
    network, subnet_id = trip.network, trip.subnet_id
    table = table_of(subnet_id, network)
    if table is None:
        missing = missing_permission(network.route_tables)
        evidence = Evidence(ROUTES, subnet_id, f"the route table of {subnet_id} was not read")
        return Hop(HopKind.ROUTE, subnet_id, Verdict.UNKNOWN, evidence, missing_permission=missing)
    routes = possible_routes(table, far, network)
    if all(route is None or route.target == "local" for route in routes):
        evidence = Evidence(ROUTES, table.id, f"the local route leads to {far.description}")
        return Hop(HopKind.ROUTE, table.id, Verdict.OPEN, evidence)
    shown = ", ".join(f"{route.destination} to {route.target}" for route in routes if route is not None)
    if all(route is not None and route.is_blackhole for route in routes):
        evidence = Evidence(ROUTES, table.id, f"{far.description} is routed into a blackhole: {shown}")
        return Hop(HopKind.ROUTE, table.id, Verdict.BLOCKED, evidence)
    seen = all(route is not None and not is_out_of_sight(route) for route in routes)
    observed = f"{far.description} is routed out of the local route: {shown}" + ("" if seen else ", out of sight")
    missing = addresses_permission(network)
    return Hop(
        HopKind.ROUTE, table.id, Verdict.UNKNOWN, Evidence(ROUTES, table.id, observed), missing_permission=missing
    )
