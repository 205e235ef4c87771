"""The endpoint's security groups do not let the interface in."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Finding, JsonValue, Outcome
from ecs_medic.incident import Incident
from ecs_medic.reachability.path import HopKind
from ecs_medic.rules.network.broken import Broken, blocked_at, broken, evidence, first_phase, quiet, surest
from ecs_medic.rules.network.commands import aws, vpc_cidrs
from ecs_medic.rules.network.paths import network_of, paths_of
from ecs_medic.vocabulary import Id

_KIND = HopKind.ENDPOINT_SECURITY_GROUP


def endpoint_security_group_blocks(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """One finding for each set of security groups: endpoints that share them are opened by the same rule."""
    needed = paths_of(incident, facts).blocking
    found = broken(needed, blocked_at(_KIND))
    for groups in dict.fromkeys(one.hop.resource for one in found):
        yield _finding([one for one in found if one.hop.resource == groups], facts)
    if not found:
        yield from quiet(Id.ENDPOINT_SECURITY_GROUP_BLOCKS, facts, needed, frozenset({_KIND, HopKind.NAME_RESOLUTION}))


def _finding(found: list[Broken], facts: Facts) -> Finding:
    group_ids = found[0].hop.resource.split(",")
    endpoints = list(dict.fromkeys(one.way.endpoint_id or "" for one in found))
    services = list(dict.fromkeys(one.needed.need.destination.service or "" for one in found))
    params: dict[str, JsonValue] = {
        "vpc_endpoint_id": endpoints[0],
        "security_group_ids": list(group_ids),
        "service": services[0],
        "vpc_endpoint_ids": list(endpoints),
        "services": list(services),
        "port": 443,
        "region": facts.region,
    }
    return Finding(
        cause=Id.ENDPOINT_SECURITY_GROUP_BLOCKS,
        confidence=surest(found),
        summary=f"{', '.join(endpoints)} takes {', '.join(services)} for the whole VPC, and security group "
        f"{', '.join(group_ids)} {found[0].hop.evidence.observed}.",
        subject=group_ids[0],
        phase=first_phase(found),
        fix=fix_for(Id.ENDPOINT_SECURITY_GROUP_BLOCKS, params, cli=_commands(found, group_ids[0], facts)),
        params=params,
        evidence=evidence(found),
    )


def _commands(found: list[Broken], group_id: str, facts: Facts) -> list[str]:
    """One rule for the interface's own security groups; for the VPC's blocks where those are not known."""
    network = network_of(found[0].needed, facts)
    interface = found[0].needed.interface
    own = interface.security_group_ids if interface else None
    options = {"group-id": group_id, "protocol": "tcp", "port": "443"}
    if isinstance(own, Known) and own.value:
        sides = [{"source-group": own.value[0]}]
    else:
        sides = [{"cidr": cidr} for cidr in vpc_cidrs(network)] if network else []
    return [aws("ec2 authorize-security-group-ingress", facts.region, {**options, **side}) for side in sides]
