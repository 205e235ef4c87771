"""Finding clusters, services and tasks by whatever the caller names them with."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sandbox.ecs import errors
from sandbox.ecs.task import Task
from sandbox.ecs.world import World

STOPPED_STAY_VISIBLE = timedelta(hours=1)


def cluster(world: World, name: str | None) -> Any:
    """The cluster by name or ARN, `default` when unnamed; ClusterNotFoundException otherwise."""
    found = world.ecs.clusters.get((name or "default").rsplit("/", 1)[-1])
    if found is None or found.status != "ACTIVE":
        raise errors.cluster_not_found()
    return found


def visible_tasks(world: World, cluster_name: str) -> list[Task]:
    """The cluster's tasks, oldest first; ECS forgets a stopped task after an hour."""
    oldest = world.clock() - STOPPED_STAY_VISIBLE
    tasks: Iterable[Any] = world.ecs.tasks.get(cluster_name, {}).values()
    return [t for t in tasks if isinstance(t, Task) and (t.stopped_at is None or t.stopped_at > oldest)]


def task(world: World, cluster_name: str, name: str) -> Task | None:
    """The task by id or ARN; an ARN of another cluster finds nothing."""
    for candidate in visible_tasks(world, cluster_name):
        if name in {candidate.id, candidate.task_arn}:
            return candidate
    return None


def service(world: World, cluster_name: str, name: str) -> Any:
    """The service by name or ARN, or None."""
    return world.ecs.services.get(f"{cluster_name}:{name.rsplit('/', 1)[-1]}")
