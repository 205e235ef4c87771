"""Can this interface open a connection to that destination? Hop by hop, and honest about what it cannot see."""

from collections.abc import Sequence

from ecs_medic.facts.network import Interface, Network
from ecs_medic.finding import Evidence
from ecs_medic.needs.need import Destination
from ecs_medic.reachability.agree import agreed
from ecs_medic.reachability.inside import to_inside
from ecs_medic.reachability.ipv6 import beside_ipv4, over_ipv6_alone
from ecs_medic.reachability.names import doubt, resolutions
from ecs_medic.reachability.near import Near, near_end, subnet_of
from ecs_medic.reachability.path import Hop, HopKind, Path, Verdict, Via
from ecs_medic.reachability.request import Request
from ecs_medic.reachability.trip import Trip
from ecs_medic.reachability.unread import missing_permission
from ecs_medic.reachability.ways import way_over_ipv4


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
    account shares hides its owner's endpoints and gateways. Over IPv6 goes what has no IPv4,
    and what IPv4 blocks; where AWS does not document which names and addresses are used, nothing is certain.

    A hop is blocked only where the facts show it, so more facts may decide what is unknown, and never turn a verdict
    into its opposite.
    """
    near = near_end(interface, network, public_ip_possible=public_ip_possible, account=account)
    unjudged = _unjudged(near, destination)
    if unjudged is not None:
        return Path(destination, Via.OTHER, (unjudged,))
    trip = Trip(near, destination, requests)
    if destination.inside is not None:
        return to_inside(destination.inside, trip)
    subnet = subnet_of(interface.subnet_id, near.network)
    if subnet is not None and subnet.ipv6_native:
        return over_ipv6_alone(trip)
    ways = [way_over_ipv4(found, trip) for found in resolutions(destination, near.network)]
    return beside_ipv4(agreed(destination, ways, lambda: doubt(destination, near.network)), trip)


def _unjudged(near: Near, destination: Destination) -> Hop | None:
    """Why nothing can be said of an interface that may have no IPv4 address, or of its way to one inside the VPC."""
    interface, subnets = near.interface, near.network.subnets
    subnet = subnet_of(interface.subnet_id, near.network)
    if subnet is not None and not (subnet.ipv6_native and destination.inside is not None):
        return None
    if subnet is None and interface.private_ip is not None:
        return None
    observed = "is an IPv6-only subnet, whose ways inside the VPC are not judged" if subnet else "was not read"
    evidence = Evidence("ec2:DescribeSubnets", interface.subnet_id, observed)
    missing = missing_permission(subnets)
    return Hop(HopKind.INTERFACE, interface.subnet_id, Verdict.UNKNOWN, evidence, missing_permission=missing)
