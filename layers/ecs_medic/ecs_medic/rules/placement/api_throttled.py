"""AWS throttles ECS's calls for the service, and says so."""

from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.reported import reported, subject_of
from ecs_medic.vocabulary import Id


def api_throttled(incident: Incident, _facts: Facts) -> Iterator[Outcome]:
    """AWS's word: how many calls were made shows nowhere."""
    summary = f"AWS reports that calls for {subject_of(incident)} are throttled; the scheduler tries again by itself."
    yield from reported(Id.API_THROTTLED, incident, phase=Phase.SERVICE, summary=summary)
