"""The security groups of the interface that carries the traffic do not let it out."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Finding, JsonValue, Outcome
from ecs_medic.incident import Incident
from ecs_medic.reachability.near import subnet_of
from ecs_medic.reachability.path import HopKind
from ecs_medic.rules.network.broken import Broken, blocked_at, broken, evidence, first_phase, hosts, quiet, surest
from ecs_medic.rules.network.commands import aws
from ecs_medic.rules.network.paths import network_of, paths_of
from ecs_medic.vocabulary import Id

_KIND = HopKind.SECURITY_GROUP_EGRESS


def task_security_group_blocks_egress(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """One finding for each set of security groups."""
    needed = paths_of(incident, facts).blocking
    found = broken(needed, blocked_at(_KIND))
    for groups in dict.fromkeys(one.hop.resource for one in found):
        here = [one for one in found if one.hop.resource == groups]
        group_ids = groups.split(",")
        interface = here[0].needed.interface
        port = here[0].needed.need.destination.port
        params: dict[str, JsonValue] = {
            "security_group_ids": list(group_ids),
            "destinations": list(hosts(here)),
            "port": port,
            "region": facts.region,
        }
        everywhere = (
            "Ipv6Ranges=[{CidrIpv6=::/0}]" if _has_ipv6_alone(here[0], facts) else "IpRanges=[{CidrIp=0.0.0.0/0}]"
        )
        options = {
            "group-id": group_ids[0],
            "ip-permissions": f"IpProtocol=tcp,FromPort={port},ToPort={port},{everywhere}",
        }
        yield Finding(
            cause=Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
            confidence=surest(here),
            summary=f"{', '.join(group_ids)}, on the interface of the {interface.belongs_to if interface else 'task'} "
            f"that carries the traffic, {here[0].hop.evidence.observed}; "
            f"out of reach: {', '.join(hosts(here))}.",
            subject=group_ids[0],
            phase=first_phase(here),
            fix=fix_for(
                Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
                params,
                cli=[aws("ec2 authorize-security-group-egress", facts.region, options)],
            ),
            params=params,
            evidence=evidence(here),
        )
    if not found:
        yield from quiet(Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS, facts, needed, frozenset({_KIND}))


def _has_ipv6_alone(found: Broken, facts: Facts) -> bool:
    network = network_of(found.needed, facts)
    subnet = subnet_of(found.needed.interface.subnet_id, network) if network and found.needed.interface else None
    return subnet is not None and subnet.ipv6_native
