"""A `valueFrom` is the ARN of no secret and no parameter, or has too few or too many colons.

ECS takes the ARN alone, or the ARN with all three parts that may follow it, empty or not.
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Outcome, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.references import Reference, references
from ecs_medic.needs.secrets import SecretReference
from ecs_medic.vocabulary import Id

_CAUSE = Id.SECRET_ARN_INVALID
_PLAIN, _WHOLE = 7, 10
"""Fields of an ARN, and of an ARN with JSON key, version stage and version id."""


def secret_arn_invalid(_incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain as soon as the task definition was read."""
    for reference in references(facts):
        source = facts.task_definition.source
        why = _fault(reference, facts)
        if why is None and isinstance(reference.to, SecretReference):
            yield RuledOut(_CAUSE, (Evidence(source, reference.container, f"{reference.name} is a whole ARN"),))
        elif why is not None:
            yield _finding(reference, why, source)


def _fault(reference: Reference, facts: Facts) -> str | None:
    """What is wrong with the reference, or None."""
    value = reference.value_from
    if reference.to is None:
        return "it is the ARN of neither a secret nor a parameter" if value else "it is empty"
    if not value.startswith("arn:"):
        return None
    fields = value.split(":")
    if fields[1] != facts.partition:
        return f"it names the partition {fields[1]}, and the task runs in {facts.partition}"
    return _fault_of_secret(fields) if isinstance(reference.to, SecretReference) else None


def _fault_of_secret(fields: list[str]) -> str | None:
    if fields[5] != "secret" or not fields[6]:
        return "its sixth field has to be `secret`, and the seventh the secret's name"
    if len(fields) not in {_PLAIN, _WHOLE}:
        return (
            f"{len(fields) - _PLAIN} parts follow the secret's name; it has to be none, or all three of JSON key, "
            "version stage and version id, with their colons"
        )
    return None


def _finding(reference: Reference, why: str, source: str) -> Finding:
    params: dict[str, JsonValue] = {
        "secret": reference.value_from,
        "container": reference.container,
        "name": reference.name,
    }
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"{reference.name} of container {reference.container} refers to no secret: {why}.",
        subject=reference.value_from or reference.name,
        phase=reference.phase,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(Evidence(source, reference.container, f"{reference.name} is {reference.value_from!r}: {why}"),),
    )
