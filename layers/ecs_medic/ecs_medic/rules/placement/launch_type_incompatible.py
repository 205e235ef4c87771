"""The task definition does not fit the launch type that the service asks for."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Service, TaskDefinition
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.unread import unread
from ecs_medic.rules.reported import surroundings
from ecs_medic.vocabulary import Id

_SOURCE = "ecs:DescribeTaskDefinition"


def launch_type_incompatible(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Compares what ECS found the definition fit for with what the service, or the task, was to run on."""
    wanted = _wanted(incident, facts)
    if wanted is None:
        return
    if not isinstance(facts.task_definition, Known):
        yield unread(Id.LAUNCH_TYPE_INCOMPATIBLE, facts.task_definition)
        return
    definition = facts.task_definition.value
    if not definition.compatibilities:
        return
    fit_for = ", ".join(definition.compatibilities)
    if wanted in definition.compatibilities:
        if incident.symptom is Id.LAUNCH_TYPE_INCOMPATIBLE:
            # Compatibility has more sides (target type, platform) than this list shows.
            yield NotChecked(Id.LAUNCH_TYPE_INCOMPATIBLE, f"{definition.name} is registered as fit for {fit_for}")
        else:
            evidence = Evidence(_SOURCE, definition.name, f"is fit for {fit_for}")
            yield RuledOut(Id.LAUNCH_TYPE_INCOMPATIBLE, (evidence,))
        return
    yield _finding(incident, definition, wanted, fit_for)


def _finding(incident: Incident, definition: TaskDefinition, wanted: str, fit_for: str) -> Finding:
    params: dict[str, JsonValue] = {
        **surroundings(incident),
        "task_definition": definition.name,
        "launch_type": wanted,
        "compatibilities": list[JsonValue](definition.compatibilities),
        "requires_compatibilities": list[JsonValue](definition.requires_compatibilities),
        "network_mode": definition.network_mode,
    }
    asked = ", ".join(definition.requires_compatibilities) or "nothing"
    return Finding(
        cause=Id.LAUNCH_TYPE_INCOMPATIBLE,
        confidence=Confidence.CONFIRMED,
        summary=f"{definition.name} is fit for {fit_for}, and it is to run on {wanted}.",
        subject=definition.arn,
        phase=Phase.PLACEMENT,
        fix=fix_for(Id.LAUNCH_TYPE_INCOMPATIBLE, params),
        params=params,
        evidence=(
            Evidence(
                _SOURCE,
                definition.name,
                f"compatibilities {fit_for}; requiresCompatibilities {asked}; network mode {definition.network_mode}",
            ),
            Evidence("ecs:DescribeServices", incident.service or incident.cluster, f"launch type {wanted}"),
        ),
    )


def _wanted(incident: Incident, facts: Facts) -> str | None:
    service: Service | None = facts.service.value if isinstance(facts.service, Known) else None
    if service is not None and service.launch_type:
        return service.launch_type.upper()
    if service is not None and service.on_fargate:
        return "FARGATE"
    return incident.launch_type.upper() if incident.launch_type else None
