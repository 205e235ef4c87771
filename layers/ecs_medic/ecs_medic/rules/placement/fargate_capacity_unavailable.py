"""Fargate has no capacity for the task at this time: only AWS knows that, and says so."""

from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Evidence, JsonValue, Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.reported import reported, subject_of
from ecs_medic.vocabulary import Id

_SPOT = "FARGATE_SPOT"


def fargate_capacity_unavailable(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """AWS's word, with what the account shows of the way out: zones, and whether only Spot capacity is asked for."""
    service = facts.service.value if isinstance(facts.service, Known) else None
    zones = _zones(facts)
    only_spot = service is not None and set(service.capacity_providers) == {_SPOT}
    evidence: list[Evidence] = []
    if service and service.capacity_providers:
        observed = f"capacity provider strategy: {', '.join(service.capacity_providers)}"
        evidence.append(Evidence(facts.service.source, service.name, observed))
    if zones:
        evidence.append(Evidence("ec2:DescribeSubnets", subject_of(incident), f"its subnets are in {', '.join(zones)}"))
    params: dict[str, JsonValue] = {"availability_zones": list[JsonValue](zones), "only_spot": only_spot}
    where = f" in {', '.join(zones)}" if zones else ""
    spot = " The service asks for Fargate Spot alone." if only_spot else ""
    yield from reported(
        Id.FARGATE_CAPACITY_UNAVAILABLE,
        incident,
        phase=Phase.PLACEMENT,
        summary=f"AWS reports that Fargate has no capacity for {subject_of(incident)} now{where}.{spot}",
        params=params,
        evidence=evidence,
    )


def _zones(facts: Facts) -> tuple[str, ...]:
    awsvpc = facts.service.value.awsvpc if isinstance(facts.service, Known) else None
    if awsvpc is None or not isinstance(facts.placement.subnets, Known):
        return ()
    subnets = facts.placement.subnets.value
    return tuple(sorted({subnets[one].availability_zone for one in awsvpc.subnet_ids if one in subnets}))
