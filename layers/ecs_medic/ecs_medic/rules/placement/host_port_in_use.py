"""No container instance has a free port that the task definition asks for by number."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.lacking import lacking
from ecs_medic.vocabulary import Id


def host_port_in_use(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Compares the task definition with what each instance has left, and names the closest."""
    return lacking(Id.HOST_PORT_IN_USE, incident, facts)
