"""No way out, and no endpoint for a service that this task needs."""

from collections.abc import Callable, Iterator, Sequence

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Confidence, Finding, JsonValue, Outcome, Phase
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
    quiet,
    surest,
    weaker,
)
from ecs_medic.rules.network.commands import create_endpoints, one_subnet_a_zone
from ecs_medic.rules.network.no_route_to_internet import cut_off_from_internet
from ecs_medic.rules.network.paths import NeedPath, network_of, paths_of
from ecs_medic.rules.network.ways_out import (
    by_managed_instance,
    endpoint_would_help,
    no_way_at_all,
    without_public_address,
)
from ecs_medic.vocabulary import Id


def vpc_endpoint_missing(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Exactly the services without whose endpoints this symptom persists, and apart from them those of other needs."""
    paths = paths_of(incident, facts)
    missing = broken(paths.blocking, _guilty(facts))
    if missing:
        # Where something lies on the internet, endpoints alone do not make the task start: that way out comes first.
        of_this = [one for one in paths.blocking if one.at_most is not Confidence.POSSIBLE]
        also_internet = any(cut_off_from_internet(facts, one) for one in of_this)
        yield _finding(missing, facts, Phase.CONTAINER_START if also_internet else first_phase(missing))
    elif not broken(paths.blocking, _named_otherwise):
        yield from quiet(Id.VPC_ENDPOINT_MISSING, facts, paths.blocking, WAY_OUT_KINDS)
    listed = {one.needed.need.destination.service for one in missing}
    others = [one for one in paths.others if one.need.destination.service not in listed]
    elsewhere = broken(others, _guilty(facts))
    if elsewhere:
        yield _finding(elsewhere, facts, first_phase(elsewhere), other_purpose=True)


def _guilty(facts: Facts) -> Callable[[NeedPath, Path], Hop | None]:
    def test(needed: NeedPath, way: Path) -> Hop | None:
        if not endpoint_would_help(way) or by_managed_instance(needed, facts):
            return None
        # A container instance is somebody's own machine: without a public address it is an isolated one.
        host = needed.need.carrier is Carrier.HOST
        return no_way_at_all(way) or (without_public_address(way) if host else None)

    return test


def _named_otherwise(_: NeedPath, way: Path) -> Hop | None:
    """The closed way out that another cause names, though an endpoint is missing there too: that is not excluded."""
    return blocked_way_out(way) if endpoint_would_help(way) else None


def _finding(missing: Sequence[Broken], facts: Facts, phase: Phase, *, other_purpose: bool = False) -> Finding:
    network = network_of(missing[0].needed, facts)
    if network is None:
        raise ValueError("a broken way starts at a known interface")
    services = sorted({one.needed.need.destination.service or "" for one in missing})
    types = {service: "Gateway" if service.endswith(".s3") else "Interface" for service in services}
    own_subnets = list(dict.fromkeys(one.needed.interface.subnet_id for one in missing if one.needed.interface))
    subnets = one_subnet_a_zone(network, facts, own_subnets)
    tables = sorted({one.way.route_table_id for one in missing if one.way.route_table_id})
    params: dict[str, JsonValue] = {
        "services": list(services),
        "vpc_id": network.vpc_id,
        "subnet_ids": list(subnets),
        "route_table_ids": list(tables),
        "endpoint_types": dict(types),
        "region": facts.region,
    }
    # A transit gateway or a peering may lead to endpoints that a private hosted zone names: none of that is seen here.
    unseen = any(one.way.out_of_sight for one in missing)
    confidence = weaker(surest(missing), Confidence.LIKELY) if unseen else surest(missing)
    names = ", ".join(services)
    for_what = "for purposes other than this symptom, the task needs" if other_purpose else "the task needs"
    return Finding(
        cause=Id.VPC_ENDPOINT_MISSING,
        confidence=Confidence.POSSIBLE if other_purpose else confidence,
        summary=(
            f"{', '.join(own_subnets)} has no way to the internet, and {network.vpc_id} has no endpoint for what "
            f"{for_what}: {names}."
        ),
        subject=network.vpc_id,
        phase=phase,
        fix=fix_for(
            Id.VPC_ENDPOINT_MISSING,
            params,
            cli=create_endpoints(network, facts.region, types, subnets, tables),
        ),
        params=params,
        evidence=evidence(missing),
    )
