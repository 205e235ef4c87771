"""Which of a task's needs a symptom speaks of: another that is out of reach is wrong in itself, not why this failed."""

from collections.abc import Callable

from ecs_medic.incident import Incident
from ecs_medic.needs.need import Need, Purpose
from ecs_medic.vocabulary import Id


def is_spoken_of(need: Need, incident: Incident) -> bool:
    """Whether the symptom may be about this need; a symptom that names no service may be about any."""
    if incident.symptom is Id.REGISTRY_UNREACHABLE:
        return _is_of_the_registry(need, incident)
    test = _SPOKEN_OF.get(incident.symptom)
    return test is None or test(need)


def _is_of_ecr(need: Need) -> bool:
    # Only Amazon ECR asks for a login of its own, and for permissions to read a manifest.
    return need.purpose is Purpose.REGISTRY_AUTH or (need.purpose is Purpose.IMAGE_MANIFEST and bool(need.actions))


def _is_of_the_registry(need: Need, incident: Incident) -> bool:
    """The registry that the message names, else every registry."""
    message = incident.message
    words = f"{message.stopped_reason or ''} {message.container_reason or ''}"
    if need.purpose not in {Purpose.IMAGE_MANIFEST, Purpose.REGISTRY_AUTH}:
        return False
    names_one = _names_a_host(words)
    return need.destination.host in words or need.subject in words or not names_one


def _names_a_host(words: str) -> bool:
    return "://" in words or "lookup " in words


def _has(*purposes: Purpose) -> Callable[[Need], bool]:
    return lambda need: need.purpose in purposes


_SPOKEN_OF: dict[Id, Callable[[Need], bool]] = {
    Id.ECR_UNREACHABLE: _is_of_ecr,
    Id.IMAGE_LAYERS_UNREACHABLE: _has(Purpose.IMAGE_LAYERS),
    Id.EXECUTION_ROLE_CANNOT_PULL: lambda need: _is_of_ecr(need) or need.purpose is Purpose.IMAGE_LAYERS,
    Id.SECRETS_UNREACHABLE: _has(Purpose.SECRET),
    Id.EXECUTION_ROLE_CANNOT_READ_SECRET: _has(Purpose.SECRET),
    Id.SSM_PARAMETERS_UNREACHABLE: _has(Purpose.PARAMETER),
    Id.EXECUTION_ROLE_CANNOT_READ_PARAMETER: _has(Purpose.PARAMETER),
    Id.ENV_FILE_UNREACHABLE: _has(Purpose.ENVIRONMENT_FILE),
    Id.LOGS_UNREACHABLE: _has(Purpose.LOGS),
    Id.LOG_STREAM_FAILED: _has(Purpose.LOGS),
    Id.LOG_GROUP_MISSING: _has(Purpose.LOGS),
    Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS: _has(Purpose.LOGS),
    Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP: _has(Purpose.LOGS),
}
