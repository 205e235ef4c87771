"""A network ACL denies the request, or its answer."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Finding, JsonValue, Outcome
from ecs_medic.incident import Incident
from ecs_medic.reachability.path import HopKind
from ecs_medic.rules.network.broken import blocked_at, broken, evidence, first_phase, hosts, quiet, surest
from ecs_medic.rules.network.paths import paths_of
from ecs_medic.vocabulary import Id

_KIND = HopKind.NETWORK_ACL


def network_acl_blocks(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """One finding for each ACL and direction."""
    needed = paths_of(incident, facts).blocking
    found = broken(needed, blocked_at(_KIND))
    for acl, direction in dict.fromkeys((one.hop.resource, one.hop.direction) for one in found):
        here = [one for one in found if (one.hop.resource, one.hop.direction) == (acl, direction)]
        params: dict[str, JsonValue] = {
            "network_acl_id": acl,
            "direction": direction,
            "destinations": list(hosts(here)),
            "region": facts.region,
        }
        yield Finding(
            cause=Id.NETWORK_ACL_BLOCKS,
            confidence=surest(here),
            summary=f"Network ACL {acl} {here[0].hop.evidence.observed}; out of reach: {', '.join(hosts(here))}.",
            subject=acl,
            phase=first_phase(here),
            fix=fix_for(Id.NETWORK_ACL_BLOCKS, params),
            params=params,
            evidence=evidence(here),
        )
    if not found:
        yield from quiet(Id.NETWORK_ACL_BLOCKS, facts, needed, frozenset({_KIND}))
