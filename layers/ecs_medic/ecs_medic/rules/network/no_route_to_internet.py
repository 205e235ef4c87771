"""The destination is on the internet, and nothing leads there."""

from collections.abc import Callable, Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Finding, JsonValue, Outcome
from ecs_medic.incident import Incident
from ecs_medic.needs.need import Carrier
from ecs_medic.reachability.path import Hop, Path
from ecs_medic.rules.network.broken import (
    WAY_OUT_KINDS,
    Broken,
    blocked_way_out,
    broken,
    evidence,
    first_phase,
    hosts,
    quiet,
    surest,
)
from ecs_medic.rules.network.paths import NeedPath, paths_of
from ecs_medic.rules.network.ways_out import (
    by_managed_instance,
    nat_leads_nowhere,
    no_endpoint_can_help,
    no_way_at_all,
    without_public_address,
)
from ecs_medic.vocabulary import Id


def no_route_to_internet(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """One finding for each subnet whose traffic has to leave the VPC and cannot."""
    needed = paths_of(incident, facts).blocking
    found = broken(needed, _guilty(facts))
    for subnet in dict.fromkeys(one.needed.interface.subnet_id for one in found if one.needed.interface):
        here = [one for one in found if one.needed.interface and one.needed.interface.subnet_id == subnet]
        # The same missing way holds up what comes before, too, even where endpoints could serve that.
        held_up = broken(needed, lambda _, way: blocked_way_out(way))
        yield _finding(here, held_up, subnet, facts.region)
    if not found:
        yield from quiet(Id.NO_ROUTE_TO_INTERNET, facts, needed, WAY_OUT_KINDS)


def cut_off_from_internet(facts: Facts, needed: NeedPath) -> bool:
    """Whether this need is one that only a way to the internet can serve, and there is none."""
    return bool(broken([needed], _guilty(facts)))


def _guilty(facts: Facts) -> Callable[[NeedPath, Path], Hop | None]:
    def test(needed: NeedPath, way: Path) -> Hop | None:
        if by_managed_instance(needed, facts):
            return None
        if hop := nat_leads_nowhere(needed, way, facts):
            return hop
        if not no_endpoint_can_help(way):
            return None
        host = needed.need.carrier is Carrier.HOST
        return no_way_at_all(way) or (without_public_address(way) if host else None)

    return test


def _finding(found: list[Broken], held_up: tuple[Broken, ...], subnet: str, region: str) -> Finding:
    params: dict[str, JsonValue] = {
        "subnet_id": subnet,
        "route_table_id": found[0].way.route_table_id,
        "destinations": list(hosts(found)),
        "region": region,
    }
    return Finding(
        cause=Id.NO_ROUTE_TO_INTERNET,
        confidence=surest(found),
        summary=f"{subnet} has no way to the internet ({found[0].hop.resource}: {found[0].hop.evidence.observed}); "
        f"out of reach: {', '.join(hosts(found))}.",
        subject=subnet,
        phase=first_phase([*found, *held_up]),
        fix=fix_for(Id.NO_ROUTE_TO_INTERNET, params),
        params=params,
        evidence=evidence(found),
    )
