"""The registry limits how often one may pull: its own words show it, the task definition shows as whom it was asked."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.finding import Evidence, Outcome
from ecs_medic.incident import Incident
from ecs_medic.rules.image.about import meant, shown_by_message
from ecs_medic.vocabulary import Id


def registry_rate_limited(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Without a login, everybody behind one address shares one limit."""
    also = [
        Evidence(
            facts.task_definition.source,
            pull.container.name,
            f"{pull.image.registry} is asked "
            + ("with repositoryCredentials" if pull.container.repository_credentials else "without a login"),
        )
        for pull in meant(incident, facts)
        if pull.image is not None and pull.image.ecr is None
    ]
    yield from shown_by_message(Id.REGISTRY_RATE_LIMITED, incident, facts, also=also)
