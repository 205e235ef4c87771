"""AWS did not have the task's ephemeral storage ready in time."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import JsonValue, Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import task_not_read
from ecs_medic.rules.run.said import Addition, definition_evidence, finding, said
from ecs_medic.vocabulary import Id

_CAUSE = Id.STORAGE_PROVISIONING_TIMEOUT


def storage_provisioning_timeout(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Likely: nothing in the account shows why AWS was late; the definition adds how much was asked for."""
    yield from task_not_read(_CAUSE, facts)
    size = facts.task_definition.value.ephemeral_storage_gib if isinstance(facts.task_definition, Known) else None
    for one in said(facts, _CAUSE):
        params: dict[str, JsonValue] = {"ephemeral_storage_gib": size} if size else {}
        asked = tuple(definition_evidence(facts, None, [f"ephemeral storage: {size} GiB"] if size else []))
        addition = Addition("AWS did not have the task's ephemeral storage ready in time.", params, asked)
        yield finding(Phase.STORAGE, one, addition, incident, facts, observed=False)
