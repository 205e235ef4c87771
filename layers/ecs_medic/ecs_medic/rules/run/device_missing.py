"""The instance lacks a device, mostly a GPU, or its driver."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import task_not_read
from ecs_medic.rules.run.said import Addition, Said, definition_evidence, finding, said, whose
from ecs_medic.vocabulary import Id

_CAUSE = Id.DEVICE_MISSING


def device_missing(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks shows the runtime's words; the definition adds how many GPUs are asked for."""
    yield from task_not_read(_CAUSE, facts)
    for one in said(facts, _CAUSE):
        yield finding(Phase.CONTAINER_START, one, _addition(one, facts), incident, facts, observed=True)


def _addition(one: Said, facts: Facts) -> Addition:
    definition = facts.task_definition.value if isinstance(facts.task_definition, Known) else None
    defined = definition.container(one.container) if definition and one.container else None
    summary = f"{whose(one)} needs a device that its host does not have, or whose driver it lacks."
    if defined is None or not defined.gpus:
        return Addition(summary)
    asked = tuple(definition_evidence(facts, one.container, [f"resourceRequirements: {defined.gpus} GPU"]))
    return Addition(summary, {"gpus": defined.gpus}, asked)
