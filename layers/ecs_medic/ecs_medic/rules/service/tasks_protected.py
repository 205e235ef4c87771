"""Tasks that are protected from scale-in keep a service from shrinking, or a deployment from ending.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Service
from ecs_medic.facts.fact import NOT_READ, Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.unread import unread
from ecs_medic.rules.reported import subject_of, surroundings
from ecs_medic.vocabulary import Id


@dataclass(frozen=True, slots=True)
class _Hold:
    """What protection keeps from happening, and how sure that is."""

    words: str
    confidence: Confidence = Confidence.CONFIRMED


def tasks_protected(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Compares the protected tasks with the desired count, and with what still runs of older deployments."""
    protected = facts.placement.protected_tasks
    if protected is NOT_READ or not isinstance(facts.service, Known):
        return
    if not isinstance(protected, Known):
        yield unread(Id.TASKS_PROTECTED, protected)
        return
    service = facts.service.value
    observed = f"{len(protected.value)} protected tasks, desired count {service.desired_count}"
    hold = _hold(service, len(protected.value))
    if hold is not None:
        evidence = [Evidence(protected.source, subject_of(incident), observed)]
        if len(service.deployments) > 1:
            evidence.append(Evidence(facts.service.source, service.name, _running(service)))
        params: dict[str, JsonValue] = {
            **surroundings(incident),
            "task_arn": list[JsonValue](protected.value),
            "protected": len(protected.value),
            "desired_count": service.desired_count,
        }
        yield Finding(
            cause=Id.TASKS_PROTECTED,
            confidence=hold.confidence,
            summary=f"{hold.words}: {observed}.",
            subject=subject_of(incident),
            phase=Phase.SERVICE,
            fix=fix_for(Id.TASKS_PROTECTED, params),
            params=params,
            evidence=tuple(evidence),
        )
    elif incident.symptom is Id.TASKS_PROTECTED:
        yield NotChecked(Id.TASKS_PROTECTED, f"{observed}: by now, or among the first ten tasks, no more are protected")
    else:
        yield RuledOut(Id.TASKS_PROTECTED, (Evidence(protected.source, subject_of(incident), observed),))


def _hold(service: Service, protected: int) -> _Hold | None:
    if protected > service.desired_count:
        return _Hold(f"{service.name} cannot shrink")
    primary = next((one for one in service.deployments if one.status == "PRIMARY"), None)
    if primary is None or not protected or primary.running_count < service.desired_count:
        return None
    left = sum(one.running_count for one in service.deployments if one is not primary)
    # Which deployment a protected task belongs to was not read, so an old task may also just be on its way down.
    return _Hold(f"Deployment {primary.id} of {service.name} cannot end", Confidence.LIKELY) if left else None


def _running(service: Service) -> str:
    return "; ".join(f"{one.status} {one.id} runs {one.running_count} tasks" for one in service.deployments)
