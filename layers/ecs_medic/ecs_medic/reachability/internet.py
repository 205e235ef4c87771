"""The way to a service's public addresses.

AWS does not say which address a name will have, so all that it may have are judged, part by part.
"""

from collections.abc import Sequence

from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Route, RouteTable
from ecs_medic.finding import Evidence
from ecs_medic.reachability.acls import acl_of, answer, crossing_hop, request
from ecs_medic.reachability.addresses import Family, Span, alike, family_of, span, text, translated
from ecs_medic.reachability.agree import agreed
from ecs_medic.reachability.exits import leave
from ecs_medic.reachability.far import Far, on_the_internet, through_nat64
from ecs_medic.reachability.names import serving, why_no_endpoint
from ecs_medic.reachability.nat import nat_gateway, nat_table
from ecs_medic.reachability.path import Hop, HopKind, Path, Verdict, Via
from ecs_medic.reachability.routes import SOURCE, cutters, is_out_of_sight, possible_routes, table_of
from ecs_medic.reachability.security_groups import egress, groups
from ecs_medic.reachability.trip import Trip
from ecs_medic.reachability.unread import addresses_permission


def to_the_internet(named: Hop, trip: Trip, *, nat64: bool = False) -> Path:
    """The way to the destination's public addresses, all of which must fare alike for a verdict.

    With `nat64`, to the addresses that DNS64 gives an IPv6 client for a name that has IPv4 addresses alone.
    """
    network, destination = trip.network, trip.destination
    far = through_nat64(destination, network) if nat64 else on_the_internet(destination, network, trip.family)
    table = table_of(trip.subnet_id, network)
    edges = _edges(trip, table)
    if nat64:
        edges += translated(one for one in edges if family_of(one) is Family.IPV4)
    groups = sorted(alike(far.addresses, edges), key=lambda group: min(first - last for first, last in group))
    parts = [far.part(one) for one in groups]
    ways = [
        (part, _way(named, trip, part, table, route))
        for part in parts
        for route in (possible_routes(table, part, network) if table else (None,))
        if route is None or route.target != "local"  # what is in this VPC is no address of the service
    ]
    if not ways:
        ways = [(far, _way(named, trip, far, table, None))]
    return agreed(trip.destination, [way for _, way in ways], lambda: _doubt(trip, table, ways))


def _way(named: Hop, trip: Trip, far: Far, table: RouteTable | None, route: Route | None) -> Path:
    """One part of the address space, by one route."""
    network, here, port = trip.network, trip.subnet_id, trip.destination.port
    if trip.family is Family.IPV4 and (route is None or not route.target.startswith("vpce-")):
        route = _unlisted_gateway(trip, table) or route
    leaves = leave(trip, far, table, route)
    reason, could = why_no_endpoint(trip.destination, network, table, trip.family)
    through = leaves.via is Via.GATEWAY_ENDPOINT
    return Path(
        destination=trip.destination,
        via=leaves.via,
        hops=(
            named,
            egress(trip.near, far, port),
            crossing_hop(request(here, far.addresses, port, far.description, outbound=True), network),
            *leaves.hops,
            crossing_hop(answer(here, far.addresses, far.description, outbound=False), network),
        ),
        endpoint_id=leaves.endpoint_id if through else could,
        no_endpoint=leaves.no_endpoint if through else reason,
        route_table_id=table.id if table else None,
        route=route,
        out_of_sight=tuple(dict.fromkeys(one.target for one in table.routes if _hides(one))) if table else (),
    )


def _hides(route: Route) -> bool:
    return is_out_of_sight(route) and not route.is_blackhole and span(route.destination) is not None


def _unlisted_gateway(trip: Trip, table: RouteTable | None) -> Route | None:
    """A gateway endpoint says itself which route tables it is on; its route may not have been listed yet."""
    if table is None or any(route.target.startswith("vpce-") for route in table.routes):
        return None
    for one in serving(trip.destination, trip.network):
        if one.type == "Gateway" and one.available and table.id in one.route_table_ids:
            return Route(one.service_name, one.id)
    return None


def _edges(trip: Trip, table: RouteTable | None) -> tuple[Span, ...]:
    """Every block at whose edges any of the rules on the way may decide differently."""
    network = trip.network
    tables, subnets = ([table] if table else []), [trip.subnet_id]
    for route in table.routes if table else ():
        nat = nat_gateway(route.target, network)
        if nat is not None:
            subnets += [nat.subnet_id] if nat.subnet_id else []
            tables += [beyond for beyond in (nat_table(nat, network),) if beyond]
    edges = [edge for one in tables for edge in cutters(one, network)]
    acls = [acl for one in subnets if (acl := acl_of(one, network)) is not None]
    cidrs = [entry.cidr for acl in acls for entry in acl.entries] + _cidrs_of_own_groups(trip)
    return tuple(dict.fromkeys([*edges, *(block for cidr in cidrs if (block := span(cidr)) is not None)]))


def _cidrs_of_own_groups(trip: Trip) -> list[str]:
    ids, lists = trip.near.interface.security_group_ids, trip.network.prefix_lists
    own = (groups(ids.value, trip.network) if isinstance(ids, Known) else None) or ()
    permissions = [one for group in own for one in group.egress]
    blocks = lists.value if isinstance(lists, Known) else {}
    return [cidr for one in permissions for cidr in one.cidrs] + [
        cidr for one in permissions for name in one.prefix_list_ids for cidr in blocks.get(name, ())
    ]


def _doubt(trip: Trip, table: RouteTable | None, ways: Sequence[tuple[Far, Path]]) -> Hop:
    host, resource = trip.destination.host, table.id if table else trip.subnet_id
    fates: dict[str, list[Span]] = {}
    for part, way in ways:
        fate = f"{way.verdict} by {way.route.target if way.route else 'no route'}"
        fates.setdefault(fate, []).extend(part.addresses)
    shown = "; ".join(f"{text(sorted(addresses), 2)}: {fate}" for fate, addresses in list(fates.items())[:4])
    observed = f"the public addresses of {host} fare differently, and which it has is unknown ({shown})"
    missing = addresses_permission(trip.network)
    return Hop(
        HopKind.ROUTE, resource, Verdict.UNKNOWN, Evidence(SOURCE, resource, observed), missing_permission=missing
    )
