"""Too many tasks wait for capacity in the cluster: AWS counts, and says so."""

from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.reported import reported, subject_of
from ecs_medic.vocabulary import Id


def provisioning_limit_exceeded(incident: Incident, _facts: Facts) -> Iterator[Outcome]:
    """AWS's word: no API lists the tasks that wait."""
    summary = (
        f"AWS reports that cluster {incident.cluster} holds too many tasks in PROVISIONING for "
        f"{subject_of(incident)} to start another."
    )
    yield from reported(Id.PROVISIONING_LIMIT_EXCEEDED, incident, phase=Phase.PLACEMENT, summary=summary)
