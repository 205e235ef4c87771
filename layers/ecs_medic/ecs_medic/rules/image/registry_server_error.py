"""The registry answered with an error of its own: its words are all that shows it."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome
from ecs_medic.incident import Incident
from ecs_medic.rules.image.about import shown_by_message
from ecs_medic.vocabulary import Id


def registry_server_error(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Usually over by the next attempt."""
    yield from shown_by_message(Id.REGISTRY_SERVER_ERROR, incident, facts)
