"""A memory limit killed the container. Exit code 137 alone does not say so: every SIGKILL has it."""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Container, Task
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import (
    DESCRIBED,
    SIGKILL,
    container_params,
    exit_evidence,
    is_out_of_memory,
    log_evidence,
    log_not_read,
    shown,
    task_not_read,
)
from ecs_medic.vocabulary import Id


def container_out_of_memory(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks shows OutOfMemoryError; excluded where it shows 137 without it."""
    yield from task_not_read(Id.CONTAINER_OUT_OF_MEMORY, facts)
    if not isinstance(facts.task, Known):
        return
    task = facts.task.value
    guilty = [one for one in task.containers if is_out_of_memory(one)]
    for container in guilty:
        yield _finding(container, task, incident, facts)
        yield from log_not_read(facts, container.name)
    killed = [one for one in task.containers if one.exit_code == SIGKILL]
    if killed and not guilty and facts.task.source == DESCRIBED:
        observed = "exit code 137 (SIGKILL), and ECS reports no OutOfMemoryError"
        yield RuledOut(
            Id.CONTAINER_OUT_OF_MEMORY, tuple(Evidence(facts.task.source, one.name, observed) for one in killed)
        )


def _finding(container: Container, task: Task, incident: Incident, facts: Facts) -> Finding:
    limit, whose = _limit(container.name, facts)
    params = container_params(incident, facts, container.name)
    if container.exit_code is not None:
        params["exit_code"] = container.exit_code
    evidence = [exit_evidence(facts, container)]
    if limit:
        params["memory_limit"] = limit
        evidence.append(Evidence(facts.task_definition.source, container.name, f"memory limit {whose}: {limit} MiB"))
    return Finding(
        cause=Id.CONTAINER_OUT_OF_MEMORY,
        confidence=shown(facts),
        summary=f"Container {container.name} was killed because it reached "
        + (f"the memory limit {whose}, {limit} MiB." if limit else "its memory limit."),
        subject=task.arn,
        phase=Phase.RUN,
        fix=fix_for(Id.CONTAINER_OUT_OF_MEMORY, params),
        params=params,
        evidence=(*evidence, *log_evidence(facts, container.name)),
    )


def _limit(container: str, facts: Facts) -> tuple[str | None, str]:
    """In MiB, and whose it is: without one of its own, a container may use all that its task has."""
    if not isinstance(facts.task_definition, Known):
        return None, ""
    definition = facts.task_definition.value
    defined = definition.container(container)
    if defined is not None and defined.memory:
        return str(defined.memory), "of the container"
    return definition.memory, "of the task"
