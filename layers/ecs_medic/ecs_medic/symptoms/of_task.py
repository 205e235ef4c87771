"""What a stopped task says: which of its containers to listen to, and the words it leaves behind."""

from collections.abc import Iterable

from ecs_medic.facts.ecs import Container, Task
from ecs_medic.incident import Kind, Message

_STOPPED_FROM_OUTSIDE = frozenset({130, 137, 143})
"""128 + SIGINT, SIGKILL, SIGTERM: mostly what ECS does to the other containers once one of them has ended."""


def failed_container(containers: Iterable[Container]) -> Container | None:
    """The container whose end most likely ended the task.

    One that says why comes first, then one that exited with an error of its own, then one that was killed, then any
    that has ended at all. AWS gives no order of ending, so equal ones keep the order in which AWS lists them.
    """
    return min((container for container in containers if _ended(container)), key=_distance, default=None)


def message_of(task: Task) -> Message:
    """The words and codes of a stopped task, as `recognise` takes them."""
    container = failed_container(task.containers)
    return Message(
        kind=Kind.STOPPED_TASK,
        stop_code=task.stop_code,
        stopped_reason=task.stopped_reason,
        container_reason=container.reason if container else None,
        exit_code=container.exit_code if container else None,
        launch_type=task.launch_type,
        in_service=task.service_name is not None if task.group else None,
    )


def _ended(container: Container) -> bool:
    return container.reason is not None or container.exit_code is not None


def _distance(container: Container) -> int:
    if container.reason:
        return 0
    if container.exit_code not in {None, 0} | _STOPPED_FROM_OUTSIDE:
        return 1
    return 3 if container.exit_code == 0 else 2
