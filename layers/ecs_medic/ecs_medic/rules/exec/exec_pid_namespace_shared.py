"""The containers share one PID namespace, and only one agent can run in it.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.rules.exec.target import (
    RUNNING,
    agent_status,
    definitions_meant,
    evidence,
    exec_params,
    not_checked,
    subject_of,
    unread,
)
from ecs_medic.vocabulary import Id


def exec_pid_namespace_shared(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where another container's agent runs and this one's does not; that other container is named."""
    if not is_about_exec(incident):
        return
    if not isinstance(facts.task_definition, Known):
        yield from not_checked(Id.EXEC_PID_NAMESPACE_SHARED, "the task definition's pidMode", facts.task_definition)
        return
    definition = facts.task_definition.value
    if definition.pid_mode != "task" or len(definition.containers) < 2:
        observed = f"pidMode is {definition.pid_mode or 'not set'}, {len(definition.containers)} container(s)"
        yield RuledOut(Id.EXEC_PID_NAMESPACE_SHARED, evidence(facts.task_definition, definition.arn, observed))
        return
    status = {one.name: agent_status(facts, one.name) for one in definition.containers}
    if not any(status.values()):
        why = unread(facts, "ecs:DescribeTasks", "pidMode is task, and nothing shows which container's agent runs")
        yield from not_checked(Id.EXEC_PID_NAMESPACE_SHARED, "the state of the ECS Exec agents", why)
        return
    working = sorted(name for name, state in status.items() if state == RUNNING)
    silent = [one.name for one in definitions_meant(incident, facts, definition) if status[one.name] != RUNNING]
    if not working or not silent:
        seen = Evidence(facts.task.source, subject_of(incident, facts), _states(status))
        yield RuledOut(Id.EXEC_PID_NAMESPACE_SHARED, (seen,))
        return
    params = {**exec_params(incident, facts, silent[0]), "working_container": working[0]}
    yield Finding(
        cause=Id.EXEC_PID_NAMESPACE_SHARED,
        confidence=Confidence.CONFIRMED,
        summary=f"With pidMode task, one container's agent serves the whole task: use container {working[0]} "
        f"instead of {silent[0]}.",
        subject=subject_of(incident, facts),
        phase=Phase.EXEC,
        fix=fix_for(Id.EXEC_PID_NAMESPACE_SHARED, params),
        params=params,
        evidence=(
            *evidence(facts.task_definition, definition.arn, "pidMode is task"),
            Evidence(facts.task.source, subject_of(incident, facts), _states(status)),
        ),
    )


def _states(status: dict[str, str | None]) -> str:
    return ", ".join(f"{name}: agent {state or 'not shown'}" for name, state in status.items())
