"""The deployment's percentages let ECS neither start a task first nor stop one first.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html: the minimum is rounded up,
the maximum down.
"""

import math
from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Service
from ecs_medic.facts.fact import NOT_READ, Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.unread import unread
from ecs_medic.rules.reported import surroundings
from ecs_medic.vocabulary import Id

_CAUSE = Id.DEPLOYMENT_LIMITS_DEADLOCK
_SOURCE = "ecs:DescribeServices"
_ROLLING = "ROLLING"


def deployment_limits_deadlock(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Computes how many tasks must stay and how many there may be, for the desired count as it is now."""
    if facts.service is NOT_READ:
        return
    if not isinstance(facts.service, Known):
        yield unread(_CAUSE, facts.service)
        return
    service = facts.service.value
    limits = _limits(service)
    if limits is None:
        return
    lower, upper = limits
    evidence = Evidence(_SOURCE, service.name, _observed(service, lower, upper))
    if lower >= service.desired_count >= upper:
        yield _finding(incident, service, evidence)
    elif incident.symptom is _CAUSE:
        # What AWS said was true of the numbers of that moment; capacity can also be what leaves no room.
        yield NotChecked(_CAUSE, f"{evidence.observed}: as the service is now, that leaves room")
    else:
        yield RuledOut(_CAUSE, (evidence,))


def _limits(service: Service) -> tuple[int, int] | None:
    """(tasks that must stay, tasks that there may be); None where nothing is wanted or nothing is said.

    None also where the new tasks are started beside all of the old ones: only a rolling update replaces step by step.
    """
    configuration = service.deployment_configuration
    if (configuration.strategy or _ROLLING) != _ROLLING:
        return None
    minimum, maximum = configuration.minimum_healthy_percent, configuration.maximum_percent
    if minimum is None or maximum is None or service.desired_count == 0:
        return None
    desired = service.desired_count
    # A daemon runs once on each instance: a second copy is never started beside it.
    most = desired if service.scheduling_strategy == "DAEMON" else math.floor(desired * maximum / 100)
    return math.ceil(desired * minimum / 100), most


def _observed(service: Service, lower: int, upper: int) -> str:
    configuration = service.deployment_configuration
    return (
        f"desired count {service.desired_count}, minimumHealthyPercent {configuration.minimum_healthy_percent} "
        f"({lower} must stay), maximumPercent {configuration.maximum_percent} (at most {upper})"
    )


def _finding(incident: Incident, service: Service, evidence: Evidence) -> Finding:
    configuration = service.deployment_configuration
    params: dict[str, JsonValue] = {
        **surroundings(incident),
        "desired_count": service.desired_count,
        "minimum_healthy_percent": configuration.minimum_healthy_percent,
        "maximum_percent": configuration.maximum_percent,
    }
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"{service.name} can neither start a task first nor stop one first: {evidence.observed}.",
        subject=service.arn,
        phase=Phase.SERVICE,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(evidence,),
    )
