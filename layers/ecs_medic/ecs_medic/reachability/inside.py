"""The way to an interface in the same VPC that belongs to no endpoint: a mount target, or a task.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html (the local route) and
https://docs.aws.amazon.com/efs/latest/ug/network-access.html.
"""

from collections.abc import Iterator

from ecs_medic.finding import Evidence
from ecs_medic.needs.need import Inside
from ecs_medic.reachability.acls import answer, crossing_hop, request
from ecs_medic.reachability.endpoints import local_route_hop
from ecs_medic.reachability.far import Far
from ecs_medic.reachability.names import private_name
from ecs_medic.reachability.near import addresses_of
from ecs_medic.reachability.path import Hop, HopKind, Path, Verdict, Via
from ecs_medic.reachability.routes import table_of
from ecs_medic.reachability.security_groups import egress, groups, ingress
from ecs_medic.reachability.trip import Trip


def to_inside(there: Inside, trip: Trip) -> Path:
    """The way to `there`; both ends' security groups, both subnets' ACLs both ways, and the local route."""
    table = table_of(trip.subnet_id, trip.network)
    named = (private_name(trip.destination, trip.network),) if there.by_private_name else ()
    hops = (*named, *_hops(there, trip))
    return Path(trip.destination, Via.INSIDE, hops, route_table_id=table.id if table else None)


def _hops(there: Inside, trip: Trip) -> Iterator[Hop]:
    network, near, port, here = trip.network, trip.near, trip.destination.port, trip.subnet_id
    addresses = addresses_of(there.address, there.subnet_id, network)
    name = f"{there.resource} ({there.address})" if there.address else there.resource
    ids = there.security_group_ids
    if ids is not None and not ids:
        # An interface that was given no group has the VPC's default one.
        ids = tuple(one.id for one in groups((), network) or ()) or None
    far = Far(addresses, name, security_group_ids=ids)
    yield egress(near, far, port)
    if there.subnet_id is None:
        yield _unknown(HopKind.NETWORK_ACL, there, "in which subnet it is is unknown")
    elif there.subnet_id != here:
        yield crossing_hop(request(here, addresses, port, name, outbound=True), network)
        yield local_route_hop(far, trip)
        yield crossing_hop(request(there.subnet_id, near.addresses, port, trip.client, outbound=False), network)
    if ids is None:
        yield _unknown(HopKind.DESTINATION_SECURITY_GROUP, there, "which security groups it has is unknown")
    else:
        yield ingress(HopKind.DESTINATION_SECURITY_GROUP, ids, near, port)
    if there.subnet_id is not None and there.subnet_id != here:
        yield crossing_hop(answer(there.subnet_id, near.addresses, trip.client, outbound=True), network)
        yield crossing_hop(answer(here, addresses, name, outbound=False), network)


def _unknown(kind: HopKind, there: Inside, observed: str) -> Hop:
    evidence = Evidence("ec2:DescribeNetworkInterfaces", there.resource, observed)
    return Hop(kind, there.resource, Verdict.UNKNOWN, evidence)
