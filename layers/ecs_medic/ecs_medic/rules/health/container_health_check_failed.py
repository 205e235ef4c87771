"""The health check of the container definition failed as often as it may.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
"""

from collections.abc import Iterable, Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Container, HealthCheck, Task
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.run.ended import container_params, log_evidence, log_not_read, shown, task_not_read
from ecs_medic.vocabulary import Id

_CAUSE = Id.CONTAINER_HEALTH_CHECK_FAILED
_SLACK = 30
"""Seconds that noticing and stopping may take."""


def container_health_check_failed(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where DescribeTasks shows the container as UNHEALTHY; likely where only the message says it."""
    yield from task_not_read(_CAUSE, facts)
    if not isinstance(facts.task, Known):
        return
    task = facts.task.value
    sick = [one for one in task.containers if (one.health_status or "").upper() == "UNHEALTHY"]
    for container in sick:
        yield _finding(container.name, incident, facts, task, seen=container)
        yield from log_not_read(facts, container.name)
    if sick:
        return
    if incident.symptom is _CAUSE:
        checked = _checked(facts)
        if len(checked) == 1:
            yield _finding(checked[0], incident, facts, task, seen=None)
            yield from log_not_read(facts, checked[0])
        return
    healthy = [one for one in task.containers if (one.health_status or "").upper() == "HEALTHY"]
    if healthy:
        yield RuledOut(_CAUSE, tuple(Evidence(facts.task.source, one.name, "health HEALTHY") for one in healthy))


def _checked(facts: Facts) -> tuple[str, ...]:
    if not isinstance(facts.task_definition, Known):
        return ()
    return tuple(one.name for one in facts.task_definition.value.containers if one.health_check)


def _finding(name: str, incident: Incident, facts: Facts, task: Task, *, seen: Container | None) -> Finding:
    check = _check(name, facts)
    params: dict[str, JsonValue] = container_params(incident, facts, name)
    summary = f"The health check of container {name} failed as often as it may"
    lived = _lived(task)
    if check is not None and lived is not None:
        params["lived_seconds"], params["start_period_seconds"] = round(lived), check.start_period
        if lived <= check.start_period + check.retries * (check.interval + check.timeout) + _SLACK:
            summary += (
                f": it was never healthy in the {round(lived)} s that it lived (startPeriod {check.start_period} s)"
            )
    return Finding(
        cause=_CAUSE,
        confidence=shown(facts) if seen is not None else Confidence.LIKELY,
        summary=f"{summary}.",
        subject=task.arn,
        phase=Phase.HEALTH,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=tuple(_evidence(name, check, seen, facts, task)),
    )


def _evidence(
    name: str, check: HealthCheck | None, seen: Container | None, facts: Facts, task: Task
) -> Iterator[Evidence]:
    if seen is not None:
        yield Evidence(facts.task.source, name, f"health {seen.health_status}")
    if task.stopped_reason:
        yield Evidence(facts.task.source, task.arn, task.stopped_reason)
    if check is not None:
        observed = (
            f"{' '.join(check.command)}: every {check.interval} s, {check.timeout} s to answer, {check.retries} "
            f"retries, startPeriod {check.start_period} s"
        )
        yield Evidence(facts.task_definition.source, name, observed)
    yield from log_evidence(facts, name)


def _check(name: str, facts: Facts) -> HealthCheck | None:
    defined = facts.task_definition.value.container(name) if isinstance(facts.task_definition, Known) else None
    return defined.health_check_settings if defined else None


def _lived(task: Task) -> float | None:
    end = task.stopping_at or task.stopped_at
    return (end - task.started_at).total_seconds() if end and task.started_at else None
