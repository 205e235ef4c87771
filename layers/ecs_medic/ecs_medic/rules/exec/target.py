"""Whom the session was for: what every rule on ECS Exec asks first."""

import shlex
from collections.abc import Iterable, Iterator

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Container, ContainerDefinition, Task, TaskDefinition
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown
from ecs_medic.finding import Evidence, JsonValue, NotChecked
from ecs_medic.incident import Incident
from ecs_medic.vocabulary import Id

RUNNING = "RUNNING"


def named_container(incident: Incident, facts: Facts) -> str | None:
    """The container that the caller named, or the only one that there is."""
    attempt = incident.exec_attempt
    if attempt and attempt.container:
        return attempt.container
    if isinstance(facts.task_definition, Known):
        names = [one.name for one in facts.task_definition.value.containers]
    elif isinstance(facts.task, Known):
        names = [one.name for one in facts.task.value.containers]
    else:
        names = []
    return names[0] if len(names) == 1 else None


def containers_meant(incident: Incident, facts: Facts, task: Task) -> tuple[Container, ...]:
    """The container that was meant, or all of them where nobody knows which."""
    name = named_container(incident, facts)
    container = task.container(name) if name else None
    return (container,) if container else task.containers


def definitions_meant(incident: Incident, facts: Facts, definition: TaskDefinition) -> tuple[ContainerDefinition, ...]:
    """The same, of the task definition."""
    name = named_container(incident, facts)
    container = definition.container(name) if name else None
    return (container,) if container else definition.containers


def agent_status(facts: Facts, container: str) -> str | None:
    """What the container's agent says of itself, where it was read."""
    if not isinstance(facts.task, Known):
        return None
    found = facts.task.value.container(container)
    agent = found.exec_agent if found else None
    return agent.last_status if agent else None


def exec_params(incident: Incident, facts: Facts, container: str | None = None) -> dict[str, JsonValue]:
    """Where the session was to go: the params that every finding on ECS Exec carries."""
    task = facts.task.value if isinstance(facts.task, Known) else None
    attempt = incident.exec_attempt
    params: dict[str, JsonValue] = {
        "task_arn": (task.arn if task else None) or incident.task_arn or (attempt.task if attempt else None),
        "container": container or named_container(incident, facts),
        "cluster": incident.cluster,
        "service": incident.service or (task.service_name if task else None),
        "region": incident.region,
    }
    return {name: value for name, value in params.items() if value is not None}


def subject_of(incident: Incident, facts: Facts) -> str:
    """The task, as it is best known."""
    return str(exec_params(incident, facts).get("task_arn") or incident.cluster)


def not_checked(cause: Id, what: str, fact: Fact[object]) -> Iterator[NotChecked]:
    """That a rule lacks a fact, where AWS was asked for it; an absent task or definition is another rule's matter."""
    if isinstance(fact, Unknown) and fact != NOT_READ:
        yield NotChecked(f"{cause}: {what}", fact.reason, fact.missing_permission)


def unread(facts: Facts, source: str, reason: str) -> Unknown:
    """Why something that `source` tells is not known: its own failure where it failed, else `reason`."""
    return next((failed for failed in facts.failed_reads if failed.source == source), Unknown(source, reason))


def replace_task_commands(incident: Incident, facts: Facts) -> list[str]:
    """What ends the task so that its service starts another; a standalone task has nobody who does."""
    params = exec_params(incident, facts)
    if "service" not in params or "task_arn" not in params:
        return []
    task = shlex.quote(str(params["task_arn"]))
    where = f"--cluster {shlex.quote(incident.cluster)} --region {incident.region}"
    return [f"aws ecs stop-task {where} --task {task}"]


def evidence(fact: Known[object] | Absent, resource: str, observed: str) -> tuple[Evidence, ...]:
    """One observation, with the call that made it."""
    return (Evidence(fact.source, resource, observed),)


def names(items: Iterable[str]) -> str:
    """A list for a sentence."""
    return ", ".join(sorted(items))
