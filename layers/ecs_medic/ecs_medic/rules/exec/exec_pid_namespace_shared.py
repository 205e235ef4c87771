"""The containers share one PID namespace, in which ECS Exec opens one session at a time, in one container only.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html and, for `pidMode`,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import ContainerDefinition, TaskDefinition
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

_SHARED = frozenset({"task", "host"})
"""`host` shares the namespace of the whole instance, and so that of all containers in it, too."""


def exec_pid_namespace_shared(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where another container's agent runs and this one's has stopped; that other container is named.

    Less than certain where something else can keep this agent from running as well, and where the agents of several
    containers run, of which one alone is connected: which one that is, ECS does not say.
    """
    if not is_about_exec(incident):
        return
    if not isinstance(facts.task_definition, Known):
        yield from not_checked(Id.EXEC_PID_NAMESPACE_SHARED, "the task definition's pidMode", facts.task_definition)
        return
    definition = facts.task_definition.value
    if definition.pid_mode not in _SHARED or len(definition.containers) < 2:
        observed = f"pidMode is {definition.pid_mode or 'not set'}, {len(definition.containers)} container(s)"
        yield RuledOut(Id.EXEC_PID_NAMESPACE_SHARED, evidence(facts.task_definition, definition.arn, observed))
        return
    status = {one.name: agent_status(facts, one.name) for one in definition.containers}
    if not any(status.values()):
        reason = f"pidMode is {definition.pid_mode}, and nothing shows which container's agent runs"
        why = unread(facts, "ecs:DescribeTasks", reason)
        yield from not_checked(Id.EXEC_PID_NAMESPACE_SHARED, "the state of the ECS Exec agents", why)
        return
    working = sorted(name for name, state in status.items() if state == RUNNING)
    meant = definitions_meant(incident, facts, definition)
    silent = [one for one in meant if status[one.name] != RUNNING]
    others = [name for name in working if name not in {one.name for one in meant}]
    if not working or not (silent or others):
        seen = Evidence(facts.task.source, subject_of(incident, facts), _states(status))
        yield RuledOut(Id.EXEC_PID_NAMESPACE_SHARED, (seen,))
        return
    refused = silent[0] if silent else meant[0]
    works = working[0] if silent else others[0]
    params = {**exec_params(incident, facts, refused.name), "working_container": works}
    yield Finding(
        cause=Id.EXEC_PID_NAMESPACE_SHARED,
        confidence=_confidence(incident, definition, refused, status[refused.name]),
        summary=f"With pidMode {definition.pid_mode}, ECS Exec works in one container of the task only: "
        f"use container {works} instead of {refused.name}.",
        subject=subject_of(incident, facts),
        phase=Phase.EXEC,
        fix=fix_for(Id.EXEC_PID_NAMESPACE_SHARED, params),
        params=params,
        evidence=(
            *evidence(facts.task_definition, definition.arn, f"pidMode is {definition.pid_mode}"),
            Evidence(facts.task.source, subject_of(incident, facts), _states(status)),
        ),
    )


def _confidence(
    incident: Incident, definition: TaskDefinition, container: ContainerDefinition, status: str | None
) -> Confidence:
    if status == "PENDING":
        return Confidence.POSSIBLE
    if status == RUNNING:
        not_connected = incident.symptom is Id.EXEC_TARGET_NOT_CONNECTED
        return Confidence.LIKELY if not_connected else Confidence.POSSIBLE
    other_reason = container.readonly_root_filesystem or container.restart_policy_enabled
    if status != "STOPPED" or other_reason or definition.pid_mode != "task":
        return Confidence.LIKELY
    return Confidence.CONFIRMED


def _states(status: dict[str, str | None]) -> str:
    return ", ".join(f"{name}: agent {state or 'not shown'}" for name, state in status.items())
