"""No container instance has an attribute that the task definition needs."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.lacking import lacking
from ecs_medic.vocabulary import Id


def missing_attribute(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Compares the task definition with what each instance has left, and names the closest."""
    return lacking(Id.MISSING_ATTRIBUTE, incident, facts)
