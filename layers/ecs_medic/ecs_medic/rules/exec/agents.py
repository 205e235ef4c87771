"""The managed agent of each container that a session may have been for."""

from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Container, ManagedAgent, Task
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.finding import NotChecked
from ecs_medic.incident import Incident
from ecs_medic.rules.exec.target import containers_meant, unread
from ecs_medic.vocabulary import Id


def agents(incident: Incident, facts: Facts) -> tuple[tuple[Container, ManagedAgent], ...] | Unknown | None:
    """Each container with its agent; unknown where it was not read; None where no agent can be expected."""
    if isinstance(facts.task, Unknown):
        return facts.task
    if not isinstance(facts.task, Known):
        return None
    task: Task = facts.task.value
    if task.enable_execute_command is False:
        return None
    meant = containers_meant(incident, facts, task)
    if all(container.managed_agents is None for container in meant):
        return unread(facts, "ecs:DescribeTasks", "nothing that was read shows the containers' managed agents")
    return tuple((container, agent) for container in meant if (agent := container.exec_agent) is not None)


def agents_not_read(cause: Id, why: Unknown) -> Iterator[NotChecked]:
    """That the agents' state is not known."""
    yield NotChecked(f"{cause}: the state of the ECS Exec agent", why.reason, why.missing_permission)
