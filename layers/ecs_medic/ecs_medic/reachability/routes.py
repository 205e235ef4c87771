"""Route tables: the most specific route that matches decides.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html and route-tables-priority.html.
"""

from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Network, Route, RouteTable
from ecs_medic.reachability.addresses import Span, alike, prefix_length, span
from ecs_medic.reachability.far import Far, holds

SOURCE = "ec2:DescribeRouteTables"

_SEEN_TARGETS = ("local", "igw-", "nat-", "vpce-", "eigw-")
_UNKNOWN_LENGTH = -1


def table_of(subnet_id: str, network: Network) -> RouteTable | None:
    """The subnet's own route table, else the VPC's main one; None where nothing tells."""
    if not isinstance(network.route_tables, Known):
        return None
    tables = network.route_tables.value
    own = next((table for table in tables if subnet_id in table.subnet_ids), None)
    return own or next((table for table in tables if table.main), None)


def possible_routes(table: RouteTable, far: Far, network: Network) -> tuple[Route | None, ...]:
    """Every route that may be the one taken, None among them where none may match.

    More than one only where the far end's address is not known well enough, or a prefix list's blocks are not.
    """
    result: dict[Route | None, None] = {}
    for group in alike(far.addresses, cutters(table, network)):
        result.update(dict.fromkeys(_possible(table, far.part(group), network)))
    return tuple(result)


def is_out_of_sight(route: Route) -> bool:
    """Whether it leads to something behind which nothing can be seen from here: a transit gateway, a firewall …"""
    return not route.target.startswith(_SEEN_TARGETS)


def cutters(table: RouteTable, network: Network) -> tuple[Span, ...]:
    """Every block at whose edges the table may decide differently."""
    blocks = [route.destination for route in table.routes]
    if isinstance(network.prefix_lists, Known):
        blocks += [cidr for one in tuple(blocks) for cidr in network.prefix_lists.value.get(one, ())]
    return tuple(found for cidr in blocks if (found := span(cidr)) is not None)


def _possible(table: RouteTable, far: Far, network: Network) -> tuple[Route | None, ...]:
    """For a part of the address space that no block of the table cuts in two."""
    best: Route | None = None
    longest = -1
    doubtful: list[tuple[int, Route]] = []
    for route in table.routes:
        sure, length = _match(route, far, network)
        if sure is None or (sure and length == _UNKNOWN_LENGTH):
            doubtful.append((length, route))
        elif sure and (length > longest or (length == longest and not route.destination.startswith("pl-"))):
            best, longest = route, length
    certain = [route for length, route in doubtful if holds(route.destination, far, network)]
    if certain and longest <= 0:
        # A managed list's blocks are all more specific than a default route.
        return tuple(dict.fromkeys([*certain, *(route for _, route in doubtful)]))
    rivals = [route for length, route in doubtful if length == _UNKNOWN_LENGTH or length >= longest]
    return (best, *rivals)


def _match(route: Route, far: Far, network: Network) -> tuple[bool | None, int]:
    """Whether the route matches, and by how many bits."""
    piece = far.addresses[0]
    block = span(route.destination)
    if block is not None:
        return block[0] <= piece[0] and piece[1] <= block[1], prefix_length(block)
    if not route.destination.startswith("pl-"):
        return False, _UNKNOWN_LENGTH
    matches = holds(route.destination, far, network)
    if matches is False:
        return False, _UNKNOWN_LENGTH
    lengths = [
        prefix_length((first, last))
        for cidr in _blocks(route.destination, network)
        if (found := span(cidr)) is not None
        for first, last in (found,)
        if first <= piece[0] and piece[1] <= last
    ]
    return matches, max(lengths, default=_UNKNOWN_LENGTH)


def _blocks(list_id: str, network: Network) -> tuple[str, ...]:
    known = network.prefix_lists.value if isinstance(network.prefix_lists, Known) else {}
    return known.get(list_id, ())
