"""A route leads to something that was deleted."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Finding, JsonValue, Outcome
from ecs_medic.incident import Incident
from ecs_medic.reachability.path import Hop, HopKind, Path, Verdict, Via
from ecs_medic.rules.network.broken import WAY_OUT_KINDS, broken, evidence, first_phase, hosts, quiet, surest
from ecs_medic.rules.network.paths import NeedPath, paths_of
from ecs_medic.rules.network.ways_out import into_a_blackhole
from ecs_medic.vocabulary import Id


def route_blackhole(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """One finding for each route table whose route is dead."""
    needed = paths_of(incident, facts).blocking
    found = broken(needed, lambda one, way: into_a_blackhole(one, way, facts) or _inside_the_vpc(one, way))
    for table in dict.fromkeys(one.way.route_table_id for one in found):
        here = [one for one in found if one.way.route_table_id == table]
        route = here[0].way.route
        params: dict[str, JsonValue] = {
            "route_table_id": table,
            "destination": route.destination if route else None,
            "target": route.target if route else None,
            "destinations": list(hosts(here)),
            "region": facts.region,
        }
        to = f"{route.destination} to {route.target}" if route else here[0].hop.evidence.observed
        yield Finding(
            cause=Id.ROUTE_BLACKHOLE,
            confidence=surest(here),
            summary=f"Route table {table} sends {to}, which no longer exists; out of reach: {', '.join(hosts(here))}.",
            subject=table or "",
            phase=first_phase(here),
            fix=fix_for(Id.ROUTE_BLACKHOLE, params),
            params=params,
            evidence=evidence(here),
        )
    if not found:
        yield from quiet(Id.ROUTE_BLACKHOLE, facts, needed, WAY_OUT_KINDS)


def _inside_the_vpc(_: NeedPath, way: Path) -> Hop | None:
    """A more specific route than the local one, on the way to an interface endpoint or a mount target."""
    if way.via not in {Via.INTERFACE_ENDPOINT, Via.INSIDE}:
        return None
    return next((hop for hop in way.hops if hop.kind is HopKind.ROUTE and hop.verdict is Verdict.BLOCKED), None)
