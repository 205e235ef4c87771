"""The interface endpoint exists, and the service's name does not lead to it."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Finding, JsonValue, Outcome
from ecs_medic.incident import Incident
from ecs_medic.reachability.path import NoEndpointBecause
from ecs_medic.rules.network.broken import WAY_OUT_KINDS, blocked_way_out, broken, evidence, first_phase, quiet, surest
from ecs_medic.rules.network.commands import aws, switch_vpc_dns_on
from ecs_medic.rules.network.paths import network_of, paths_of
from ecs_medic.vocabulary import Id


def endpoint_private_dns_off(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """One finding for each endpoint."""
    needed = paths_of(incident, facts).blocking
    found = broken(
        needed,
        lambda _, way: blocked_way_out(way) if way.no_endpoint is NoEndpointBecause.PRIVATE_DNS_OFF else None,
    )
    for endpoint in dict.fromkeys(one.way.endpoint_id or "" for one in found):
        here = [one for one in found if one.way.endpoint_id == endpoint]
        network = network_of(here[0].needed, facts)
        service = here[0].needed.need.destination.service
        params: dict[str, JsonValue] = {
            "vpc_endpoint_id": endpoint,
            "service": service,
            "region": facts.region,
        }
        command = aws("ec2 modify-vpc-endpoint --private-dns-enabled", facts.region, {"vpc-endpoint-id": endpoint})
        yield Finding(
            cause=Id.ENDPOINT_PRIVATE_DNS_OFF,
            confidence=surest(here),
            summary=f"{endpoint} serves {service} but has private DNS off, so {here[0].needed.need.destination.host} "
            "resolves to public addresses, to which there is no way.",
            subject=endpoint,
            phase=first_phase(here),
            fix=fix_for(
                Id.ENDPOINT_PRIVATE_DNS_OFF,
                params,
                cli=[*(switch_vpc_dns_on(network, facts.region) if network else []), command],
            ),
            params=params,
            evidence=evidence(here),
        )
    if not found:
        yield from quiet(Id.ENDPOINT_PRIVATE_DNS_OFF, facts, needed, WAY_OUT_KINDS)
