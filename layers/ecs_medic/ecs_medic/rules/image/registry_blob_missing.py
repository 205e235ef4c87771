"""The registry knows the image and lacks a part of it.

The manifest is all that Amazon ECR shows without a pull: that it is there makes the registry's words the likelier.
"""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Evidence, Outcome
from ecs_medic.incident import Incident
from ecs_medic.rules.image.about import meant, shown_by_message
from ecs_medic.vocabulary import Id


def registry_blob_missing(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """What the message says, and whether the manifest is there."""
    also = []
    for pull in meant(incident, facts):
        manifest = facts.repository(pull.repository).manifest(pull.reference) if pull.repository else None
        if isinstance(manifest, Known):
            also.append(
                Evidence(manifest.source, pull.container.image, f"its manifest is there: {manifest.value.digest}")
            )
    yield from shown_by_message(Id.REGISTRY_BLOB_MISSING, incident, facts, also=also)
