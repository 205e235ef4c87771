"""A JSON key is asked of a secret whose value is not JSON: ECS's words show it, since the value is never read here."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome
from ecs_medic.incident import Incident
from ecs_medic.rules.secrets.said import one_of
from ecs_medic.rules.secrets.stored import asked_secrets
from ecs_medic.vocabulary import Id


def secret_not_json(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """The references with a JSON key are those that it can be about."""
    if incident.symptom is Id.SECRET_NOT_JSON:
        with_keys = [asked for asked in asked_secrets(incident, facts) if asked.to.json_key]
        yield from one_of(Id.SECRET_NOT_JSON, with_keys, incident)
