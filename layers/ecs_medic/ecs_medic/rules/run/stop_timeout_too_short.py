"""The task was being stopped, SIGTERM did not end the container in time, and SIGKILL did.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (stopTimeout) and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html (stoppingAt, executionStoppedAt).
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Container, Task
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import (
    BY_ITSELF,
    SIGKILL,
    container_params,
    exit_evidence,
    is_out_of_memory,
    shown,
    task_not_read,
)
from ecs_medic.vocabulary import Id

DEFAULT_STOP_TIMEOUT = 30
"""Seconds between SIGTERM and SIGKILL where the container definition gives none."""
_TOLERANCE = 3
"""Seconds by which the times that ECS notes may differ from those of the container runtime."""


def stop_timeout_too_short(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks shows 137 and that the stop took as long as stopTimeout allows."""
    yield from task_not_read(Id.STOP_TIMEOUT_TOO_SHORT, facts)
    if not isinstance(facts.task, Known):
        return
    task = facts.task.value
    for container in task.containers:
        if container.exit_code == SIGKILL and not is_out_of_memory(container):
            yield from _judged(container, task, incident, facts)


def _judged(container: Container, task: Task, incident: Incident, facts: Facts) -> Iterable[Outcome]:
    seen = exit_evidence(facts, container)
    if task.stop_code in {None, BY_ITSELF}:
        if task.stop_code == BY_ITSELF and len(task.containers) == 1:
            observed = "nobody had asked the task to stop: its only container ended by itself"
            yield RuledOut(Id.STOP_TIMEOUT_TOO_SHORT, (Evidence(facts.task.source, task.arn, observed), seen))
        return
    allowed = _stop_timeout(container.name, facts)
    took = _seconds_to_stop(task)
    stopping = f"stop code {task.stop_code}" + (f", {task.stopped_reason}" if task.stopped_reason else "")
    timing = f"stopTimeout {allowed} s" + (f", and the stop took {took:.0f} s" if took is not None else "")
    evidence = (
        seen,
        Evidence(facts.task.source, task.arn, f"it was being stopped: {stopping}"),
        Evidence(facts.task_definition.source, container.name, timing),
    )
    if took is not None and took < allowed - _TOLERANCE:
        yield RuledOut(Id.STOP_TIMEOUT_TOO_SHORT, evidence)
        return
    params: dict[str, JsonValue] = {
        **container_params(incident, facts, container.name),
        "exit_code": SIGKILL,
        "stop_timeout": allowed,
    }
    known = took is not None and isinstance(facts.task_definition, Known)
    yield Finding(
        cause=Id.STOP_TIMEOUT_TOO_SHORT,
        confidence=shown(facts) if known else Confidence.LIKELY,
        summary=f"The task was being stopped, container {container.name} did not end within {allowed} seconds of "
        "SIGTERM, and was killed.",
        subject=task.arn,
        phase=Phase.RUN,
        fix=fix_for(Id.STOP_TIMEOUT_TOO_SHORT, params),
        params=params,
        evidence=evidence,
    )


def _stop_timeout(container: str, facts: Facts) -> int:
    defined = facts.task_definition.value.container(container) if isinstance(facts.task_definition, Known) else None
    given = defined.stop_timeout if defined else None
    return DEFAULT_STOP_TIMEOUT if given is None else given


def _seconds_to_stop(task: Task) -> float | None:
    if task.stopping_at is None or task.execution_stopped_at is None:
        return None
    return (task.execution_stopped_at - task.stopping_at).total_seconds()
