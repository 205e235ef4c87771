"""The task that this container is part of, as the task metadata endpoint tells it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ecs_medic_notify import Container, MetadataError, Task, metadata
from ecs_medic_notify.endpoint import V3, V4


@dataclass(frozen=True, slots=True)
class TaskHere:
    """The task, and the container of it that asks; `problem` is why nothing is known of it."""

    task: Task
    container: Container | None = None
    problem: str | None = None


def task_here(environment: Mapping[str, str]) -> TaskHere | None:
    """The task that this process runs in; None where the environment names no metadata endpoint.

    The endpoint is asked again where it is busy, for 6 seconds at most.
    """
    if not any(environment.get(name, "").strip() for name in (V4, V3)):
        return None
    try:
        found = metadata(environment)
    except MetadataError as error:
        return TaskHere(Task(), problem=str(error))
    return TaskHere(found.task, found.container)
