"""The registry does not say whether the repository is missing or private.

Amazon ECR can be asked itself; of other registries the message is all there is.
"""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Evidence, Outcome
from ecs_medic.incident import Incident
from ecs_medic.rules.image.about import meant, shown_by_message
from ecs_medic.vocabulary import Id


def image_access_denied(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """What the message says, with what is known of the registry that was asked."""
    also: list[Evidence] = []
    for pull in meant(incident, facts):
        source = facts.task_definition.source
        if pull.image is not None and pull.image.ecr is None:
            credentials = "with" if pull.container.repository_credentials else "without"
            observed = f"pulled from {pull.image.registry}, {credentials} repositoryCredentials"
            also.append(Evidence(source, pull.container.name, observed))
        elif pull.repository is not None:
            found = facts.repository(pull.repository).found
            if isinstance(found, Known):
                also.append(Evidence(found.source, pull.repository.name, "the repository exists"))
    yield from shown_by_message(Id.IMAGE_ACCESS_DENIED, incident, facts, also=also)
