"""The endpoint's policy does not allow the call."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Finding, JsonValue, Outcome
from ecs_medic.incident import Incident
from ecs_medic.reachability.path import HopKind
from ecs_medic.rules.network.broken import Broken, blocked_at, broken, evidence, first_phase, quiet, surest
from ecs_medic.rules.network.paths import paths_of
from ecs_medic.vocabulary import Id

_KIND = HopKind.ENDPOINT_POLICY


def endpoint_policy_denies(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """One finding for each endpoint, with the statement that its policy lacks."""
    if not facts.networks and not any(read.source.startswith("ec2:") for read in facts.failed_reads):
        # No VPC was asked about, since AWS named another policy, or what is missing, itself.
        return
    needed = paths_of(incident, facts).blocking
    found = broken(needed, blocked_at(_KIND))
    for endpoint in dict.fromkeys(one.hop.resource for one in found):
        yield _finding([one for one in found if one.hop.resource == endpoint], endpoint, facts.region)
    if not found:
        yield from quiet(Id.ENDPOINT_POLICY_DENIES, facts, needed, frozenset({_KIND, HopKind.NAME_RESOLUTION}))


def _finding(found: list[Broken], endpoint: str, region: str) -> Finding:
    service = found[0].needed.need.destination.service
    actions = sorted({action for one in found for action in one.needed.need.actions})
    params: dict[str, JsonValue] = {
        "vpc_endpoint_id": endpoint,
        "service": service,
        "actions": list(actions),
        "region": region,
    }
    calls = dict.fromkeys(call for one in found for call in one.needed.need.calls)
    by_resource = {resource: sorted(action for action, on in calls if on == resource) for _, resource in calls}
    statements: list[JsonValue] = [
        {"Effect": "Allow", "Principal": "*", "Action": list(granted), "Resource": resource}
        for resource, granted in by_resource.items()
    ]
    return Finding(
        cause=Id.ENDPOINT_POLICY_DENIES,
        confidence=surest(found),
        summary=f"{endpoint}, through which the task reaches {service}: {found[0].hop.evidence.observed}.",
        subject=endpoint,
        phase=first_phase(found),
        fix=fix_for(Id.ENDPOINT_POLICY_DENIES, params, policy={"Version": "2012-10-17", "Statement": statements}),
        params=params,
        evidence=evidence(found),
    )
