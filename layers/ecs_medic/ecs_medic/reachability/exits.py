"""What the target of a route does with a connection to a public address.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html,
https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ecs_medic.facts.fact import Absent, Known
from ecs_medic.facts.network import Route, RouteTable
from ecs_medic.finding import Evidence
from ecs_medic.reachability.addresses import NAT64, Family, internet, within
from ecs_medic.reachability.block_public_access import gateway_verdict
from ecs_medic.reachability.endpoint_policy import policy_hops
from ecs_medic.reachability.far import Far
from ecs_medic.reachability.nat import endpoint_by_id, nat_hops
from ecs_medic.reachability.near import subnet_of
from ecs_medic.reachability.path import Hop, HopKind, NoEndpointBecause, Verdict, Via
from ecs_medic.reachability.routes import SOURCE
from ecs_medic.reachability.trip import Trip
from ecs_medic.reachability.unread import missing_permission


@dataclass(frozen=True, slots=True)
class Exit:
    """How the connection leaves: by what, and over which hops."""

    via: Via
    hops: tuple[Hop, ...]
    endpoint_id: str | None = None
    no_endpoint: NoEndpointBecause | None = None


def leave(trip: Trip, far: Far, table: RouteTable | None, route: Route | None) -> Exit:
    """The exit by `route` of the interface's own `table`."""
    if table is None:
        observed = f"the route table of {trip.subnet_id} was not read"
        missing = missing_permission(trip.network.route_tables)
        return Exit(Via.OTHER, (_hop(trip.subnet_id, Verdict.UNKNOWN, observed, missing),))
    if route is None:
        return Exit(Via.NOTHING, (_hop(table.id, Verdict.BLOCKED, f"has no route to {far.description}"),))
    if route.is_blackhole:
        return Exit(Via.NOTHING, (_hop(table.id, Verdict.BLOCKED, f"{_shown(route)}, which is gone: a blackhole"),))
    return _exit_of(route.target)(trip, far, table, route)


def _exit_of(target: str) -> Callable[[Trip, Far, RouteTable, Route], Exit]:
    return next((exit_by for prefix, exit_by in _EXITS if target.startswith(prefix)), _out_of_sight)


def _by_nat(trip: Trip, far: Far, table: RouteTable, route: Route) -> Exit:
    if far.family is Family.IPV6 and far.behind_nat64 is None:
        observed = f"{_shown(route)}, of which AWS documents {NAT64} alone for IPv6"
        return Exit(Via.OTHER, (_hop(table.id, Verdict.UNKNOWN, observed),))
    return Exit(Via.NAT_GATEWAY, (_hop(table.id, Verdict.OPEN, _shown(route)), *nat_hops(route.target, trip, far)))


def _by_internet_gateway(trip: Trip, far: Far, table: RouteTable, route: Route) -> Exit:
    if far.behind_nat64 is not None:
        return _not_translated(table, route)
    gateway = _gateway(trip, route, "an internet gateway of the VPC", only_outwards=False)
    return Exit(Via.INTERNET_GATEWAY, (_hop(table.id, Verdict.OPEN, _shown(route)), gateway, _public_address(trip)))


def _gateway(trip: Trip, route: Route, what: str, *, only_outwards: bool) -> Hop:
    verdict, observed, missing = gateway_verdict(trip.subnet_id, trip.network, only_outwards=only_outwards)
    evidence = Evidence(SOURCE, route.target, f"{what}; {observed}" if observed else what)
    return Hop(HopKind.INTERNET_GATEWAY, route.target, verdict, evidence, missing_permission=missing)


def _not_translated(table: RouteTable, route: Route) -> Exit:
    observed = f"{_shown(route)}, which does not translate {NAT64} into IPv4: a NAT gateway does"
    return Exit(Via.NOTHING, (_hop(table.id, Verdict.BLOCKED, observed),))


def _public_address(trip: Trip) -> Hop:
    if trip.family is Family.IPV6:
        return _public_ipv6_address(trip)
    address = trip.near.public_ip
    resource = trip.near.interface.id or trip.subnet_id
    if isinstance(address, Known):
        verdict, observed = Verdict.OPEN, f"has the public address {address.value}"
    elif isinstance(address, Absent):
        verdict, observed = Verdict.BLOCKED, "has no public address, without which an internet gateway is no way out"
        observed += f" ({address.detail})" if address.detail else ""
    else:
        verdict, observed = Verdict.UNKNOWN, f"whether it has a public address is unknown ({address.reason})"
    evidence = Evidence(address.source, resource, observed)
    return Hop(HopKind.PUBLIC_ADDRESS, resource, verdict, evidence, missing_permission=missing_permission(address))


def _public_ipv6_address(trip: Trip) -> Hop:
    """Every IPv6 address is a public one, unless its block was made a private one."""
    subnet = subnet_of(trip.subnet_id, trip.network)
    resource = trip.near.interface.id or trip.subnet_id
    public = within(trip.near.addresses, internet(Family.IPV6)) and subnet is not None and not subnet.ipv6_private
    observed = f"the IPv6 addresses of {trip.near.name} are public ones"
    if not public:
        observed = f"whether the IPv6 address of {trip.near.name} is a public one is unknown"
    verdict = Verdict.OPEN if public else Verdict.UNKNOWN
    missing = None if public else missing_permission(trip.network.subnets)
    evidence = Evidence("ec2:DescribeSubnets", resource, observed)
    return Hop(HopKind.PUBLIC_ADDRESS, resource, verdict, evidence, missing_permission=missing)


def _by_egress_only_gateway(trip: Trip, far: Far, table: RouteTable, route: Route) -> Exit:
    if far.behind_nat64 is not None:
        return _not_translated(table, route)
    if far.family is Family.IPV4:
        observed = f"{_shown(route)}, which carries IPv6 alone, and {far.description} are IPv4"
        return Exit(Via.NOTHING, (_hop(table.id, Verdict.BLOCKED, observed),))
    gateway = _gateway(trip, route, "an egress-only internet gateway of the VPC", only_outwards=True)
    hops = (_hop(table.id, Verdict.OPEN, _shown(route)), gateway, _public_address(trip))
    return Exit(Via.EGRESS_ONLY_INTERNET_GATEWAY, hops)


def _by_endpoint(trip: Trip, far: Far, table: RouteTable, route: Route) -> Exit:
    """A gateway endpoint of Amazon S3; any other endpoint that a route leads to is a firewall's."""
    taken = _hop(table.id, Verdict.OPEN, _shown(route))
    endpoint = endpoint_by_id(route.target, trip.network)
    source = "ec2:DescribeVpcEndpoints"
    if endpoint is None:
        evidence = Evidence(source, route.target, f"{route.destination} leads to it, and nothing else was read of it")
        missing = missing_permission(trip.network.endpoints)
        unread = Hop(HopKind.ENDPOINT, route.target, Verdict.UNKNOWN, evidence, missing_permission=missing)
        return Exit(Via.OTHER, (taken, unread))
    if endpoint.type != "Gateway" or not trip.destination.is_s3:
        return _out_of_sight(trip, far, table, route)
    verdict = Verdict.OPEN if endpoint.available else Verdict.BLOCKED
    state = Hop(HopKind.ENDPOINT, endpoint.id, verdict, Evidence(source, endpoint.id, f"its state is {endpoint.state}"))
    return Exit(
        Via.GATEWAY_ENDPOINT,
        (taken, state, *policy_hops(endpoint, trip.network.vpc_id, trip.requests)),
        endpoint.id,
        None if endpoint.available else NoEndpointBecause.NOT_AVAILABLE,
    )


def _out_of_sight(_: Trip, __: Far, table: RouteTable, route: Route) -> Exit:
    return Exit(Via.OTHER, (_hop(table.id, Verdict.UNKNOWN, f"{_shown(route)}: what is behind it cannot be seen"),))


_EXITS = (
    ("nat-", _by_nat),
    ("igw-", _by_internet_gateway),
    ("eigw-", _by_egress_only_gateway),
    ("vpce-", _by_endpoint),
)


def _shown(route: Route) -> str:
    return f"{route.destination} leads to {route.target}"


def _hop(resource: str, verdict: Verdict, observed: str, missing: str | None = None) -> Hop:
    return Hop(HopKind.ROUTE, resource, verdict, Evidence(SOURCE, resource, observed), missing_permission=missing)
