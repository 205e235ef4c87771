"""AWS reports a fault of its own."""

from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.reported import reported, subject_of
from ecs_medic.vocabulary import Id


def aws_internal_error(incident: Incident, _facts: Facts) -> Iterator[Outcome]:
    """AWS's word: nothing in the account shows it."""
    summary = f"AWS reports an internal error for {subject_of(incident)}; the account does not show why."
    yield from reported(Id.AWS_INTERNAL_ERROR, incident, phase=Phase.RUN, summary=summary)
