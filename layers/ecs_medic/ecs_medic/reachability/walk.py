"""Can this interface open a connection to that destination? Hop by hop, and honest about what it cannot see."""

from collections.abc import Sequence

from ecs_medic.facts.network import Interface, Network
from ecs_medic.finding import Evidence
from ecs_medic.needs.need import Destination
from ecs_medic.reachability.agree import agreed
from ecs_medic.reachability.endpoints import through_endpoint, through_unseen_endpoint
from ecs_medic.reachability.far import anywhere
from ecs_medic.reachability.inside import to_inside
from ecs_medic.reachability.internet import to_the_internet
from ecs_medic.reachability.ipv6 import with_ipv6
from ecs_medic.reachability.names import Leads, Resolution, doubt, resolutions
from ecs_medic.reachability.near import Near, near_end, subnet_of
from ecs_medic.reachability.path import Hop, HopKind, Path, Verdict, Via
from ecs_medic.reachability.request import Request
from ecs_medic.reachability.security_groups import egress
from ecs_medic.reachability.trip import Trip
from ecs_medic.reachability.unread import missing_permission


def path(
    interface: Interface,
    destination: Destination,
    network: Network,
    *,
    requests: Sequence[Request] = (),
    public_ip_possible: bool = True,
    account: str | None = None,
) -> Path:
    """The way from `interface` to `destination` in the VPC as it was read.

    `requests` are the calls that endpoint policies are to be asked about. `public_ip_possible` is False for an
    interface that no launch type gives a public address. `account` is the one that was read with: a VPC that another
    account shares hides its owner's endpoints and gateways. IPv4 alone is judged; where it is
    blocked and IPv6 may be a way around, nothing is certain.

    A hop is blocked only where the facts show it, so more facts may decide what is unknown, and never turn a verdict
    into its opposite.
    """
    near = near_end(interface, network, public_ip_possible=public_ip_possible, account=account)
    unjudged = _unjudged(near)
    if unjudged is not None:
        return Path(destination, Via.OTHER, (unjudged,))
    trip = Trip(near, destination, requests)
    if destination.inside is not None:
        return to_inside(destination.inside, trip)
    ways = [_way(found, trip) for found in resolutions(destination, near.network)]
    return with_ipv6(agreed(destination, ways, lambda: doubt(destination, near.network)), trip)


def _unjudged(near: Near) -> Hop | None:
    """Why nothing can be said of an interface that has, or may have, no IPv4 address."""
    interface, subnets = near.interface, near.network.subnets
    subnet = subnet_of(interface.subnet_id, near.network)
    if subnet is not None and not subnet.ipv6_native:
        return None
    if subnet is None and interface.private_ip is not None:
        return None
    observed = "is an IPv6-only subnet, which is not judged" if subnet else "was not read"
    evidence = Evidence("ec2:DescribeSubnets", interface.subnet_id, observed)
    missing = missing_permission(subnets)
    return Hop(HopKind.INTERFACE, interface.subnet_id, Verdict.UNKNOWN, evidence, missing_permission=missing)


def _way(found: Resolution, trip: Trip) -> Path:
    if found.leads is Leads.ENDPOINT and found.endpoint is not None:
        return through_endpoint(found.endpoint, found.hop, trip)
    if found.leads is Leads.UNSEEN_ENDPOINT:
        return through_unseen_endpoint(found.hop, trip)
    if found.leads is Leads.INTERNET:
        return to_the_internet(found.hop, trip)
    if found.leads is Leads.ELSEWHERE:
        destination = trip.destination
        return Path(destination, Via.OTHER, (found.hop, egress(trip.near, anywhere(destination), destination.port)))
    return Path(trip.destination, Via.NOTHING, (found.hop,))
