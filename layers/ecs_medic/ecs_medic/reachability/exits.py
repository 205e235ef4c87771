"""What the target of a route does with a connection to a public address.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ecs_medic.facts.fact import Absent, Known
from ecs_medic.facts.network import Route, RouteTable
from ecs_medic.finding import Evidence
from ecs_medic.reachability.endpoint_policy import policy_hops
from ecs_medic.reachability.far import Far
from ecs_medic.reachability.nat import endpoint_by_id, nat_hops
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
    return Exit(Via.NAT_GATEWAY, (_hop(table.id, Verdict.OPEN, _shown(route)), *nat_hops(route.target, trip, far)))


def _by_internet_gateway(trip: Trip, _: Far, table: RouteTable, route: Route) -> Exit:
    gateway = Hop(
        HopKind.INTERNET_GATEWAY,
        route.target,
        Verdict.OPEN,
        Evidence(SOURCE, route.target, "an internet gateway of the VPC"),
    )
    return Exit(Via.INTERNET_GATEWAY, (_hop(table.id, Verdict.OPEN, _shown(route)), gateway, _public_address(trip)))


def _public_address(trip: Trip) -> Hop:
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


def _by_egress_only_gateway(_: Trip, far: Far, table: RouteTable, route: Route) -> Exit:
    observed = f"{_shown(route)}, which carries IPv6 alone, and {far.description} are IPv4"
    return Exit(Via.NOTHING, (_hop(table.id, Verdict.BLOCKED, observed),))


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
