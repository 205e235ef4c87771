"""No container instance has as many CPU units left as the task needs."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.lacking import lacking
from ecs_medic.vocabulary import Id


def insufficient_cpu(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Compares the task definition with what each instance has left, and names the closest."""
    return lacking(Id.INSUFFICIENT_CPU, incident, facts)
