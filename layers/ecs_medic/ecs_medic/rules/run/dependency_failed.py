"""A container waited for another that never got where dependsOn wants it.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
"""

from collections.abc import Iterable, Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Container, Task, TaskDefinition
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import container_params, ended, exit_evidence, shown, task_not_read
from ecs_medic.rules.run.said import Addition, finding, said
from ecs_medic.vocabulary import Id

_CAUSE = Id.DEPENDENCY_FAILED


def dependency_failed(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where definition and task together show it: who waited never ran, and what it waited for cannot come."""
    yield from task_not_read(_CAUSE, facts)
    if not isinstance(facts.task, Known):
        return
    if not isinstance(facts.task_definition, Known):
        fact = facts.task_definition
        if isinstance(fact, Unknown):
            yield NotChecked(_CAUSE, f"the task definition is unknown: {fact.reason}", fact.missing_permission)
        return
    shown_here = list(_unmet(incident, facts, facts.task.value, facts.task_definition.value))
    yield from shown_here
    if any(isinstance(outcome, Finding) for outcome in shown_here):
        return
    for one in said(facts, _CAUSE):
        addition = Addition("A container that another one depends on did not get where it should.")
        yield finding(Phase.CONTAINER_START, one, addition, incident, facts, observed=False)


def _unmet(incident: Incident, facts: Facts, task: Task, definition: TaskDefinition) -> Iterator[Outcome]:
    for waiting in definition.containers:
        actual = task.container(waiting.name)
        for name, condition in waiting.depends_on:
            if actual is None:
                continue
            if _ran(actual):
                observed = f"it ran, so {name} was {condition}"
                yield RuledOut(_CAUSE, (Evidence(facts.task.source, waiting.name, observed),))
                continue
            why = _why(condition, name, task, definition, facts)
            if why is not None:
                yield _finding(incident, facts, (waiting.name, name, condition), why)


def _why(
    condition: str, name: str, task: Task, definition: TaskDefinition, facts: Facts
) -> tuple[str, Evidence] | None:
    """Why the condition was not met, where that can be seen."""
    defined, actual = definition.container(name), task.container(name)
    if condition == "HEALTHY" and defined is not None and not defined.health_check:
        observed = "no healthCheck: ECS never calls it healthy"
        return "has no health check in the task definition", Evidence(facts.task_definition.source, name, observed)
    if actual is None:
        return None
    if condition == "HEALTHY" and (actual.health_status or "").upper() == "UNHEALTHY":
        return "is unhealthy", Evidence(facts.task.source, name, f"health {actual.health_status}")
    if condition == "SUCCESS" and actual.exit_code not in {None, 0}:
        return f"ended with exit code {actual.exit_code}", exit_evidence(facts, actual)
    return None


def _finding(incident: Incident, facts: Facts, edge: tuple[str, str, str], why: tuple[str, Evidence]) -> Finding:
    waiting, name, condition = edge
    params: dict[str, JsonValue] = {
        **container_params(incident, facts, waiting),
        "depends_on": name,
        "condition": condition,
    }
    first = ended(facts)
    # Where something else ended the task first, the dependency is wrong too, but not why.
    other_end = first is not None and first.container.name == name and condition == "HEALTHY"
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.POSSIBLE if other_end else shown(facts),
        summary=f"Container {waiting} never started: it waits until {name} is {condition}, and {name} {why[0]}.",
        subject=str(params.get("task_arn") or incident.cluster),
        phase=Phase.CONTAINER_START,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(Evidence(facts.task.source, waiting, "it never ran"), why[1]),
    )


def _ran(container: Container) -> bool:
    return container.exit_code is not None or bool(container.runtime_id) or container.last_status == "RUNNING"
