"""The endpoint exists and carries no traffic: pending, failed, rejected, or being deleted."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.network import Endpoint
from ecs_medic.finding import Finding, JsonValue, Outcome
from ecs_medic.incident import Incident
from ecs_medic.reachability.nat import endpoint_by_id
from ecs_medic.reachability.path import Hop, HopKind, NoEndpointBecause, Path
from ecs_medic.rules.network.broken import (
    WAY_OUT_KINDS,
    Broken,
    blocked_at,
    blocked_way_out,
    broken,
    evidence,
    first_phase,
    quiet,
    surest,
)
from ecs_medic.rules.network.paths import NeedPath, network_of, paths_of
from ecs_medic.vocabulary import Id


def endpoint_not_available(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """One finding for each endpoint."""
    needed = paths_of(incident, facts).blocking
    found = broken(needed, _guilty)
    for endpoint in dict.fromkeys(one.way.endpoint_id or "" for one in found):
        here = [one for one in found if one.way.endpoint_id == endpoint]
        read = _endpoint(here[0], facts)
        state = read.state if read else None
        service = here[0].needed.need.destination.service
        params: dict[str, JsonValue] = {
            "vpc_endpoint_id": endpoint,
            "service": service,
            "state": state,
            "last_error": read.last_error if read else None,
            "region": facts.region,
        }
        because = f" ({read.last_error})" if read and read.last_error else ""
        yield Finding(
            cause=Id.ENDPOINT_NOT_AVAILABLE,
            confidence=surest(here),
            summary=f"{endpoint}, the endpoint for {service}, is {state}{because}, and there is no other way.",
            subject=endpoint,
            phase=first_phase(here),
            fix=fix_for(Id.ENDPOINT_NOT_AVAILABLE, params),
            params=params,
            evidence=evidence(here),
        )
    if not found:
        yield from quiet(Id.ENDPOINT_NOT_AVAILABLE, facts, needed, WAY_OUT_KINDS | {HopKind.ENDPOINT})


def _guilty(needed: NeedPath, way: Path) -> Hop | None:
    if way.no_endpoint is not NoEndpointBecause.NOT_AVAILABLE:
        return None
    return blocked_at(HopKind.ENDPOINT)(needed, way) or blocked_way_out(way)


def _endpoint(found: Broken, facts: Facts) -> Endpoint | None:
    network = network_of(found.needed, facts)
    return endpoint_by_id(found.way.endpoint_id or "", network) if network else None
