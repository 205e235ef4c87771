"""A push as the rules on pushes see it."""

from ecs_medic.finding import JsonValue
from ecs_medic.incident import Incident
from ecs_medic.needs.push import pushed_to
from ecs_medic.rules.refused import caller_params


def push_params(incident: Incident) -> dict[str, JsonValue]:
    """Who pushed what, where to."""
    repository = pushed_to(incident)
    call = incident.refused_call
    return {
        **caller_params(incident),
        "registry_id": repository.account if repository else incident.account,
        "repository": repository.name if repository else None,
        "tag": call.tag if call else None,
    }
