"""The VPC's DNS attributes are off: no name resolves, or no private one."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Network
from ecs_medic.finding import Evidence, Finding, JsonValue, Outcome
from ecs_medic.incident import Incident
from ecs_medic.reachability.path import Hop, HopKind, NoEndpointBecause, Path
from ecs_medic.rules.network.broken import (
    Broken,
    blocked_at,
    blocked_way_out,
    broken,
    evidence,
    first_phase,
    hosts,
    quiet,
    surest,
)
from ecs_medic.rules.network.commands import switch_vpc_dns_on
from ecs_medic.rules.network.paths import NeedPath, network_of, paths_of
from ecs_medic.vocabulary import Id


def vpc_dns_disabled(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """One finding for each VPC."""
    needed = paths_of(incident, facts).blocking
    # An attribute that was not read may be off: no more than that.
    found = [one for one in broken(needed, _guilty) if (around := network_of(one.needed, facts)) and _off(around)]
    for vpc_id in dict.fromkeys(one.needed.interface.vpc_id for one in found if one.needed.interface):
        here = [one for one in found if one.needed.interface and one.needed.interface.vpc_id == vpc_id]
        network = network_of(here[0].needed, facts)
        if network is not None:
            yield _finding(here, network, facts.region)
    if not found:
        yield from quiet(Id.VPC_DNS_DISABLED, facts, needed, frozenset({HopKind.NAME_RESOLUTION}))


def _guilty(needed: NeedPath, way: Path) -> Hop | None:
    if way.no_endpoint is NoEndpointBecause.VPC_DNS_ATTRIBUTES:
        return blocked_way_out(way)
    return blocked_at(HopKind.NAME_RESOLUTION)(needed, way)


def _off(network: Network) -> dict[str, str]:
    """The attributes that were read and are off, with where that was read."""
    attributes = {"enableDnsSupport": network.dns_support, "enableDnsHostnames": network.dns_hostnames}
    return {name: fact.source for name, fact in attributes.items() if isinstance(fact, Known) and not fact.value}


def _finding(found: list[Broken], network: Network, region: str) -> Finding:
    off = _off(network)
    params: dict[str, JsonValue] = {"vpc_id": network.vpc_id, "attributes": list(off), "region": region}
    seen = tuple(Evidence(source, network.vpc_id, f"{name} is false") for name, source in off.items())
    return Finding(
        cause=Id.VPC_DNS_DISABLED,
        confidence=surest(found),
        summary=f"{network.vpc_id} has {' and '.join(off)} off, so names lead nowhere that the task could reach: "
        f"{', '.join(hosts(found))}.",
        subject=network.vpc_id,
        phase=first_phase(found),
        fix=fix_for(Id.VPC_DNS_DISABLED, params, cli=switch_vpc_dns_on(network, region)),
        params=params,
        evidence=(*seen, *evidence(found)),
    )
