"""More tasks are protected from scale-in than the service should have.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
"""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.unread import unread
from ecs_medic.rules.reported import subject_of, surroundings
from ecs_medic.vocabulary import Id


def tasks_protected(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Compares the protected tasks with the desired count."""
    protected = facts.placement.protected_tasks
    if protected is NOT_READ or not isinstance(facts.service, Known):
        return
    if not isinstance(protected, Known):
        yield unread(Id.TASKS_PROTECTED, protected)
        return
    desired = facts.service.value.desired_count
    observed = f"{len(protected.value)} protected tasks, desired count {desired}"
    evidence = Evidence(protected.source, subject_of(incident), observed)
    if len(protected.value) > desired:
        params: dict[str, JsonValue] = {
            **surroundings(incident),
            "task_arn": list[JsonValue](protected.value),
            "protected": len(protected.value),
            "desired_count": desired,
        }
        yield Finding(
            cause=Id.TASKS_PROTECTED,
            confidence=Confidence.CONFIRMED,
            summary=f"{subject_of(incident)} cannot shrink: {observed}.",
            subject=subject_of(incident),
            phase=Phase.SERVICE,
            fix=fix_for(Id.TASKS_PROTECTED, params),
            params=params,
            evidence=(evidence,),
        )
    elif incident.symptom is Id.TASKS_PROTECTED:
        yield NotChecked(Id.TASKS_PROTECTED, f"{observed}: by now, or among the first ten tasks, no more are protected")
    else:
        yield RuledOut(Id.TASKS_PROTECTED, (evidence,))
