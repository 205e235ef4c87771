"""Several ways of which nobody can say which one is taken, made one path."""

from collections.abc import Callable, Iterable, Sequence

from ecs_medic.needs.need import Destination
from ecs_medic.reachability.path import Hop, Path


def agreed(destination: Destination, ways: Sequence[Path], doubt: Callable[[], Hop]) -> Path:
    """The only way where there is one, else a path that is open or blocked only where all ways are.

    `doubt` says why the ways cannot be told apart. Ways that differ in words alone are one way.
    """
    if len(ways) == 1:
        return ways[0]
    distinct: dict[object, Path] = {}
    for path in ways:
        for way in path.ways:
            distinct.setdefault(_signature(way), way)
    found = tuple(distinct.values())
    if len(found) == 1:
        return found[0]
    return Path(
        destination=destination,
        via=found[0].via,
        hops=(doubt(), *dict.fromkeys(hop for path in ways if path.alternatives for hop in path.hops)),
        endpoint_id=_common(way.endpoint_id for way in found),
        no_endpoint=_common(way.no_endpoint for way in found),
        route_table_id=_common(way.route_table_id for way in found),
        out_of_sight=next((way.out_of_sight for way in found if way.out_of_sight), ()),
        alternatives=found,
    )


def _signature(way: Path) -> object:
    hops = tuple((hop.kind, hop.resource, hop.verdict, hop.direction) for hop in way.hops)
    return (way.via, way.endpoint_id, way.no_endpoint, way.route_table_id, way.route, hops)


def _common[T](values: Iterable[T | None]) -> T | None:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None
