"""A quota of the account is used up: AWS counts, and says so."""

from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.reported import reported, subject_of
from ecs_medic.vocabulary import Id


def quota_exceeded(incident: Incident, _facts: Facts) -> Iterator[Outcome]:
    """AWS's word: what is in use is spread over the whole Region, and counting it here would be no better."""
    summary = (
        f"AWS reports that {subject_of(incident)} has reached a quota of account {incident.account} in "
        f"{incident.region}."
    )
    yield from reported(Id.QUOTA_EXCEEDED, incident, phase=Phase.PLACEMENT, summary=summary)
