"""The service registers its tasks with a target group that does not exist."""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Absent, Known
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.health.targets import group_params, groups_not_read
from ecs_medic.vocabulary import Id

_CAUSE = Id.TARGET_GROUP_MISSING


def target_group_missing(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where Elastic Load Balancing answers that there is no such group."""
    if facts.target_groups or incident.symptom is _CAUSE:
        yield from groups_not_read(_CAUSE, facts)
    for arn, group in facts.target_groups.items():
        if isinstance(group, Known):
            yield RuledOut(_CAUSE, (Evidence(group.source, arn, f"{group.value.name} exists"),))
        elif isinstance(group, Absent):
            params = group_params(incident, facts, arn)
            yield Finding(
                cause=_CAUSE,
                confidence=Confidence.CONFIRMED,
                summary=f"The service registers its tasks with {arn.rpartition(':')[2]}, which does not exist.",
                subject=arn,
                phase=Phase.SERVICE,
                fix=fix_for(_CAUSE, params),
                params=params,
                evidence=(Evidence(group.source, arn, group.detail or "not found"),),
            )
