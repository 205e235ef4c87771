"""AWS Cloud Map holds a task of the service to be unhealthy."""

from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.reported import reported, subject_of
from ecs_medic.vocabulary import Id


def service_discovery_unhealthy(incident: Incident, _facts: Facts) -> Iterator[Outcome]:
    """AWS's word: Cloud Map takes over the health that ECS reports, and the task is replaced by then."""
    summary = f"AWS reports that service discovery holds a task of {subject_of(incident)} to be unhealthy."
    yield from reported(Id.SERVICE_DISCOVERY_UNHEALTHY, incident, phase=Phase.HEALTH, summary=summary)
