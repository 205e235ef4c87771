"""Whether IPv6 may be a way around where IPv4 is blocked. That it is one is never said: nothing else is read of it.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html (dual-stack mode)
"""

from ecs_medic.finding import Evidence
from ecs_medic.needs.endpoints import DNS_SUFFIXES
from ecs_medic.reachability.near import subnet_of
from ecs_medic.reachability.path import Hop, HopKind, Path, Verdict, Via
from ecs_medic.reachability.routes import SOURCE, table_of
from ecs_medic.reachability.trip import Trip

_EVERYWHERE = "::/0"
_IPV4_ONLY = tuple(f".{suffix}" for suffix in DNS_SUFFIXES.values())
"""Names of AWS services without "dualstack" in them have no IPv6 address."""


def with_ipv6(found: Path, trip: Trip) -> Path:
    """The path, of which nothing is certain where it is blocked and IPv6 may be a way around."""
    if found.verdict is not Verdict.BLOCKED or not _may_have_ipv6(trip.destination.host):
        return found
    subnet = subnet_of(trip.subnet_id, trip.network)
    table = table_of(trip.subnet_id, trip.network)
    if subnet is None or not subnet.ipv6_cidrs or table is None:
        return found
    route = next((one for one in table.routes if one.destination == _EVERYWHERE and not one.is_blackhole), None)
    if route is None:
        return found
    observed = f"{trip.destination.host} may have IPv6 addresses, and {_EVERYWHERE} leads to {route.target}"
    hop = Hop(HopKind.ROUTE, table.id, Verdict.UNKNOWN, Evidence(SOURCE, table.id, observed))
    around = Path(trip.destination, Via.OTHER, (hop,), route_table_id=table.id, route=route)
    return Path(trip.destination, found.via, (hop,), route_table_id=table.id, alternatives=(*found.ways, around))


def _may_have_ipv6(host: str) -> bool:
    name = host.lower()
    return "dualstack" in name or not name.endswith(_IPV4_ONLY)
