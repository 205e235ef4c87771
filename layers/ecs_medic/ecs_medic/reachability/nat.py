"""What a NAT gateway does with a connection: it needs a way out of its own subnet, and that subnet's ACL.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
"""

from collections.abc import Iterator

from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Endpoint, NatGateway, Network, Route, RouteTable
from ecs_medic.finding import Evidence
from ecs_medic.reachability.acls import EPHEMERAL, answer, crossing_hop, request
from ecs_medic.reachability.block_public_access import gateway_verdict
from ecs_medic.reachability.endpoint_policy import policy_hops
from ecs_medic.reachability.far import Far
from ecs_medic.reachability.path import Hop, HopKind, Verdict
from ecs_medic.reachability.routes import possible_routes, table_of
from ecs_medic.reachability.trip import Trip
from ecs_medic.reachability.unread import addresses_permission, missing_permission

_GONE = frozenset({"deleting", "deleted", "failed"})


def nat_hops(nat_id: str, trip: Trip, far: Far) -> Iterator[Hop]:
    """Everything from the NAT gateway on, and the way back to it and from it.

    What an IPv6 client sends to NAT64's addresses goes on in IPv4.
    """
    onward = far.behind_nat64 or far
    network, port = trip.network, trip.destination.port
    nat = nat_gateway(nat_id, network)
    if nat is None:
        known = isinstance(network.nat_gateways, Known)
        observed = "is not there any more" if known else "was not read"
        verdict = Verdict.BLOCKED if known else Verdict.UNKNOWN
        yield _hop(nat_id, verdict, observed, missing_permission(network.nat_gateways))
        return
    if nat.state.lower() != "available":
        yield _hop(nat.id, Verdict.BLOCKED, f"its state is {nat.state}")
        return
    where = "the whole VPC" if nat.regional else nat.subnet_id or "a subnet that was not read"
    yield _hop(nat.id, Verdict.OPEN, f"is available in {where}")
    here, addresses = nat.subnet_id, trip.near.addresses
    if not here:
        # A regional one is in no subnet, so no ACL is crossed; of any other, which one it is in has to be known.
        yield _beyond(nat, trip, onward)
        return
    apart = here != trip.subnet_id
    if apart:
        yield crossing_hop(request(here, addresses, port, trip.client, outbound=False), network)
    yield _beyond(nat, trip, onward)
    yield crossing_hop(request(here, onward.addresses, port, onward.description, outbound=True), network)
    yield crossing_hop(answer(here, onward.addresses, onward.description, outbound=False, usual=EPHEMERAL), network)
    if apart:
        yield crossing_hop(answer(here, addresses, trip.client, outbound=True), network)


def nat_is_gone(nat_id: str, network: Network) -> bool:
    """Whether the NAT gateway is known to be deleted, or to have failed to come up."""
    nat = nat_gateway(nat_id, network)
    return isinstance(network.nat_gateways, Known) and (nat is None or nat.state.lower() in _GONE)


def nat_gateway(nat_id: str, network: Network) -> NatGateway | None:
    """The NAT gateway, if it was read."""
    return network.nat_gateways.value.get(nat_id) if isinstance(network.nat_gateways, Known) else None


def nat_table(nat: NatGateway, network: Network) -> RouteTable | None:
    """The route table that decides what lies behind the NAT gateway; None where nothing tells.

    A regional one has its own, and no subnet: the VPC's main table says nothing of it.
    """
    if not isinstance(network.route_tables, Known):
        return None
    if nat.regional or not nat.subnet_id:
        return next((one for one in network.route_tables.value if one.id == nat.route_table_id), None)
    return table_of(nat.subnet_id, network)


def _beyond(nat: NatGateway, trip: Trip, far: Far) -> Hop:
    """Where the NAT gateway's own route table sends the connection."""
    network = trip.network
    table = nat_table(nat, network)
    if table is None:
        return _hop(nat.id, Verdict.UNKNOWN, "its route table was not read", missing_permission(network.route_tables))
    routes = possible_routes(table, far, network)
    fates = {_fate(nat, route, trip) for route in routes}
    shown = ", ".join(f"{one.destination} to {one.target}" if one else "no route" for one in routes)
    kind = "" if nat.public else "a private NAT gateway: "
    verdict = fates.pop() if len(fates) == 1 else Verdict.UNKNOWN
    missing = addresses_permission(network) if verdict is Verdict.UNKNOWN else None
    observed = f"{kind}its route table {table.id} has {shown}"
    if verdict is not Verdict.BLOCKED and any(one is not None and one.target.startswith("igw-") for one in routes):
        gateway, why, unread = gateway_verdict(nat.subnet_id, network, only_outwards=True)
        if gateway is not Verdict.OPEN:
            return _hop(nat.id, gateway, f"{observed}; {why}", unread or missing)
    return _hop(nat.id, verdict, observed, missing)


def _fate(nat: NatGateway, route: Route | None, trip: Trip) -> Verdict:
    if route is None or route.is_blackhole or route.target.startswith(("nat-", "eigw-")) or route.target == "local":
        return Verdict.BLOCKED
    if route.target.startswith("igw-"):
        return Verdict.OPEN if nat.public else Verdict.BLOCKED
    endpoint = endpoint_by_id(route.target, trip.network)
    serves = endpoint is not None and endpoint.type == "Gateway" and trip.destination.is_s3 and endpoint.available
    # AWS does not say whether a gateway endpoint takes what a private NAT gateway sends.
    if endpoint is not None and serves and nat.public:
        hops = policy_hops(endpoint, trip.network.vpc_id, trip.requests)
        return Verdict.OPEN if all(hop.verdict is Verdict.OPEN for hop in hops) else Verdict.UNKNOWN
    return Verdict.UNKNOWN


def endpoint_by_id(endpoint_id: str, network: Network) -> Endpoint | None:
    """The endpoint, if it was read."""
    if not isinstance(network.endpoints, Known):
        return None
    return next((one for one in network.endpoints.value if one.id == endpoint_id), None)


def _hop(nat_id: str, verdict: Verdict, observed: str, missing: str | None = None) -> Hop:
    evidence = Evidence("ec2:DescribeNatGateways", nat_id, observed)
    return Hop(HopKind.NAT_GATEWAY, nat_id, verdict, evidence, missing_permission=missing)
