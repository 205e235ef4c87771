"""The log router's configuration could not be fetched or built."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import JsonValue, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import task_not_read
from ecs_medic.rules.run.said import Addition, definition_evidence, finding, said
from ecs_medic.vocabulary import Id

_CAUSE = Id.FIRELENS_CONFIG_FAILED


def firelens_config_failed(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Likely: whether the file or the options are wrong, only the router's own log says."""
    yield from task_not_read(_CAUSE, facts)
    routers: list[str] = []
    if isinstance(facts.task_definition, Known):
        routers = [one.name for one in facts.task_definition.value.containers if one.firelens]
        if not routers:
            yield from (RuledOut(_CAUSE, (seen,)) for seen in definition_evidence(facts, None, ["no log router"]))
            return
    for one in said(facts, _CAUSE):
        params: dict[str, JsonValue] = {"container": routers[0]} if routers else {}
        addition = Addition(
            "The configuration of the log router" + (f" {routers[0]}" if routers else "") + " could not be set up.",
            params,
            tuple(definition_evidence(facts, None, [f"{name} is the FireLens log router" for name in routers])),
        )
        yield finding(Phase.LOGS, one, addition, incident, facts, observed=False)
