"""The load balancer has no subnet in the zone that the task runs in, so it never asks the task.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
"""

from collections.abc import Iterable, Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Known
from ecs_medic.facts.health import LoadBalancer, TargetGroup
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.file_systems import zone_of
from ecs_medic.needs.need import Carrier
from ecs_medic.rules.health.targets import group_params, groups_meant, groups_not_read, not_read
from ecs_medic.vocabulary import Id

_CAUSE = Id.ELB_ZONE_NOT_ENABLED


def elb_zone_not_enabled(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where both the task's zone and the load balancer's zones were read."""
    if facts.target_groups or incident.symptom is _CAUSE:
        yield from groups_not_read(_CAUSE, facts)
    for arn in groups_meant(incident, facts):
        group = facts.target_groups[arn]
        if isinstance(group, Known):
            yield from _judged(group.value, incident, facts)


def _judged(group: TargetGroup, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    zone = zone_of(facts, Carrier.TASK)
    for arn in group.load_balancer_arns:
        balancer = facts.load_balancers.get(arn, NOT_READ)
        yield from not_read(_CAUSE, balancer)
        if zone is None or not isinstance(balancer, Known) or not balancer.value.subnets:
            continue
        seen = Evidence(
            balancer.source, balancer.value.name, f"enabled zones: {', '.join(sorted(balancer.value.subnets))}"
        )
        if zone in balancer.value.subnets:
            yield RuledOut(_CAUSE, (seen,))
        else:
            yield _finding(group, balancer.value, zone, seen, incident, facts)


def _finding(  # noqa: PLR0917 - what was seen, and where
    group: TargetGroup, balancer: LoadBalancer, zone: str, seen: Evidence, incident: Incident, facts: Facts
) -> Finding:
    interface = facts.task_interface.value if isinstance(facts.task_interface, Known) else None
    added: list[JsonValue] = [*balancer.subnets.values(), *([interface.subnet_id] if interface else [])]
    params: dict[str, JsonValue] = {
        **group_params(incident, facts, group.arn),
        "load_balancer_arn": balancer.arn,
        "zone": zone,
        "subnet_ids": added,
    }
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"The task runs in {zone}, and load balancer {balancer.name} has no subnet there: it never asks the "
        "task.",
        subject=balancer.arn,
        phase=Phase.HEALTH,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(seen, Evidence(facts.task.source, "the task", f"runs in {zone}")),
    )
