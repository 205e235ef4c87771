"""The runtime refused to start the container with so little memory."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import task_not_read
from ecs_medic.rules.run.said import Addition, Said, definition_evidence, finding, said, whose
from ecs_medic.vocabulary import Id

_CAUSE = Id.CONTAINER_MEMORY_LIMIT_TOO_LOW


def container_memory_limit_too_low(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks shows the runtime's refusal; the definition adds the limit."""
    yield from task_not_read(_CAUSE, facts)
    for one in said(facts, _CAUSE):
        addition = _addition(one, facts)
        yield finding(Phase.CONTAINER_START, one, addition, incident, facts, observed=True)


def _addition(one: Said, facts: Facts) -> Addition:
    definition = facts.task_definition.value if isinstance(facts.task_definition, Known) else None
    defined = definition.container(one.container) if definition and one.container else None
    limit = defined.memory if defined else None
    if limit is None:
        return Addition(f"{whose(one)} cannot start at all with so little memory.")
    return Addition(
        f"{whose(one)} cannot start at all with its memory limit of {limit} MiB.",
        {"memory_limit": limit},
        tuple(definition_evidence(facts, one.container, [f"memory: {limit} MiB"])),
    )
