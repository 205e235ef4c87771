"""The way to each thing that a name may lead to, over IPv4 and over IPv6.

Source of the IPv6 parts: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
"""

from collections.abc import Iterator
from dataclasses import replace

from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Route
from ecs_medic.finding import Evidence
from ecs_medic.reachability.addresses import NAT64, Family, spans, translated
from ecs_medic.reachability.endpoints import through_endpoint, through_unseen_endpoint
from ecs_medic.reachability.far import Far, anywhere
from ecs_medic.reachability.internet import to_the_internet
from ecs_medic.reachability.names import Leads, Resolution, Resolver, possible_resolvers
from ecs_medic.reachability.near import subnet_of
from ecs_medic.reachability.path import Hop, HopKind, NoEndpointBecause, Path, Verdict, Via
from ecs_medic.reachability.records import has_ipv6, private_name_has
from ecs_medic.reachability.routes import possible_routes, table_of
from ecs_medic.reachability.security_groups import egress
from ecs_medic.reachability.trip import Trip
from ecs_medic.reachability.unread import missing_permission


def way_over_ipv4(found: Resolution, trip: Trip) -> Path:
    """The only way, once it is known what the name leads to."""
    if found.leads is Leads.ENDPOINT and found.endpoint is not None:
        if private_name_has(Family.IPV4, found.endpoint) is not True:
            return through_endpoint(found.endpoint, _in_doubt(found.hop), trip)
        return through_endpoint(found.endpoint, found.hop, trip)
    if found.leads is Leads.INTERNET:
        return to_the_internet(found.hop, trip)
    return _unseen_or_nowhere(found, trip)


def ways_over_ipv6(found: Resolution, trip: Trip) -> Iterator[Path]:
    """Every way that may be the one: whether a name has IPv6 addresses is not always documented."""
    if found.leads is Leads.ENDPOINT and found.endpoint is not None:
        six = private_name_has(Family.IPV6, found.endpoint)
        if six is not False:
            yield through_endpoint(found.endpoint, found.hop, trip)
        if six is not True:
            yield _to_an_ipv4_endpoint(found.hop, found.endpoint.id, trip)
    elif found.leads is Leads.INTERNET:
        six = has_ipv6(trip.destination.host)
        if six is not False:
            yield to_the_internet(found.hop, trip)
        if six is not True:
            yield by_nat64(found.hop, trip)
    else:
        yield _unseen_or_nowhere(found, trip)
        if found.leads is Leads.UNSEEN_ENDPOINT:
            yield _to_an_ipv4_endpoint(found.hop, "an endpoint in the VPC", trip)


def by_nat64(named: Hop, trip: Trip) -> Path:
    """The way to a name that has IPv4 addresses alone."""
    translates = _dns64_translates(trip)
    if translates:
        return to_the_internet(named, trip, nat64=True)
    host = trip.destination.host
    if translates is None:
        hops = (named, _dns64(trip, Verdict.UNKNOWN, f"whether DNS64 gives {host} an IPv6 address cannot be told"))
        return Path(trip.destination, Via.OTHER, hops)
    observed = f"EnableDns64 is off, so nothing gives {host}, which has IPv4 addresses alone, one in {NAT64}"
    return _cut_off(trip, (named, _dns64(trip, Verdict.BLOCKED, observed)))


def _to_an_ipv4_endpoint(named: Hop, endpoint: str, trip: Trip) -> Path:
    """DNS64 and NAT64 may lead to an endpoint's IPv4 addresses, as far as the route table lets them."""
    translates = _dns64_translates(trip)
    answers = f"{endpoint}, which answers {trip.destination.host}, has IPv4 addresses alone"
    if translates is False:
        return _cut_off(trip, (named, _dns64(trip, Verdict.BLOCKED, f"{answers}, and EnableDns64 is off")))
    table = table_of(trip.subnet_id, trip.network)
    vpc = trip.network.vpc.value.cidrs if isinstance(trip.network.vpc, Known) else ("0.0.0.0/0",)
    far = Far(translated(spans(vpc)), f"the NAT64 addresses of {endpoint}")
    routes = possible_routes(table, far, trip.network) if table is not None else ()
    if table is not None and not any(route is not None and _may_translate(route) for route in routes):
        hop = _dns64(trip, Verdict.BLOCKED, f"{answers}, and {table.id} leads to no NAT gateway for {NAT64}")
        return _cut_off(trip, (named, hop))
    hop = _dns64(trip, Verdict.UNKNOWN, f"{answers}: whether DNS64 and NAT64 lead there cannot be told")
    hops = (named, egress(trip.near, far, trip.destination.port), hop)
    return Path(trip.destination, Via.OTHER, hops)


def _may_translate(route: Route) -> bool:
    return not route.is_blackhole and not route.target.startswith(("igw-", "eigw-", "local"))


def _cut_off(trip: Trip, hops: tuple[Hop, ...]) -> Path:
    table = table_of(trip.subnet_id, trip.network)
    return Path(
        trip.destination,
        Via.NOTHING,
        hops,
        no_endpoint=NoEndpointBecause.NOT_SERVED,
        route_table_id=table.id if table else None,
    )


def _dns64_translates(trip: Trip) -> bool | None:
    """Whether the resolver gives IPv4-only names an IPv6 address: Amazon's tells, of any other nobody knows."""
    subnet = subnet_of(trip.subnet_id, trip.network)
    if subnet is None or possible_resolvers(trip.network) != {Resolver.AMAZON}:
        return None
    return subnet.enable_dns64


def _dns64(trip: Trip, verdict: Verdict, observed: str) -> Hop:
    network = trip.network
    missing = missing_permission(network.subnets) or missing_permission(network.dns_servers)
    evidence = Evidence("ec2:DescribeSubnets", trip.subnet_id, observed)
    return Hop(
        HopKind.ROUTE,
        trip.subnet_id,
        verdict,
        evidence,
        missing_permission=missing if verdict is Verdict.UNKNOWN else None,
    )


def _in_doubt(named: Hop) -> Hop:
    observed = f"{named.evidence.observed}; whether those include IPv4 ones is not documented"
    return replace(named, verdict=Verdict.UNKNOWN, evidence=replace(named.evidence, observed=observed))


def _unseen_or_nowhere(found: Resolution, trip: Trip) -> Path:
    if found.leads is Leads.UNSEEN_ENDPOINT:
        return through_unseen_endpoint(found.hop, trip)
    if found.leads is Leads.ELSEWHERE:
        destination = trip.destination
        far = anywhere(destination, trip.family)
        return Path(destination, Via.OTHER, (found.hop, egress(trip.near, far, destination.port)))
    return Path(trip.destination, Via.NOTHING, (found.hop,))
