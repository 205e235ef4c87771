"""Protection of a service's tasks from scale-in and from deployments: GetTaskProtection and UpdateTaskProtection.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from moto.core.responses import ActionResult

from sandbox.ecs import errors, lookup, scheduler
from sandbox.ecs.operation import Original, Request
from sandbox.ecs.task import Task
from sandbox.ecs.world import World

DEFAULT_MINUTES, MOST_MINUTES = 120, 2880
MOST_TASKS = 10


def get_task_protection(world: World, _response: Any, request: Request, _original: Original) -> ActionResult:
    """GetTaskProtection: of the named tasks, else of every task of a service in the cluster."""
    cluster = lookup.cluster(world, request.get("cluster"))
    if not request.get("tasks"):
        found = [one for one in lookup.visible_tasks(world, cluster.name) if one.service_name and _lives(one)]
        return _answer(world, found, [])
    return _answer(world, *_named(world, cluster, request))


def update_task_protection(world: World, _response: Any, request: Request, _original: Original) -> ActionResult:
    """UpdateTaskProtection: the scheduler may then go on where protection had kept it waiting."""
    cluster = lookup.cluster(world, request.get("cluster"))
    minutes = int(request.get("expiresInMinutes") or DEFAULT_MINUTES)
    if not 1 <= minutes <= MOST_MINUTES:
        raise errors.invalid(f"expiresInMinutes must be between 1 and {MOST_MINUTES}.")
    found, failures = _named(world, cluster, request)
    until = world.clock() + timedelta(minutes=minutes) if request["protectionEnabled"] else None
    for task in found:
        task.protected_until = until
    answer = _answer(world, found, failures)
    if until is None:
        for name in sorted({task.service_name for task in found if task.service_name}):
            service = lookup.service(world, cluster.name, name)
            if service is not None and service.deployments:
                scheduler.scale(world, service)
    return answer


def _named(world: World, cluster: Any, request: Request) -> tuple[list[Task], list[dict[str, str]]]:
    names = request["tasks"]
    if len(names) > MOST_TASKS:
        raise errors.invalid(f"Tasks cannot have more than {MOST_TASKS} elements.")
    found: list[Task] = []
    failures: list[dict[str, str]] = []
    for name in names:
        task = lookup.task(world, cluster.name, name)
        if task is not None and task.service_name and _lives(task):
            found.append(task)
        else:
            arn = name if name.startswith("arn:") else world.arn("ecs", f"task/{cluster.name}/{name}")
            failures.append({"arn": arn, "reason": "MISSING" if task is None else "TASK_NOT_VALID"})
    return found, failures


def _lives(task: Task) -> bool:
    return task.last_status != "STOPPED"


def _answer(world: World, tasks: Sequence[Task], failures: Sequence[dict[str, str]]) -> ActionResult:
    shown = [
        {
            "taskArn": task.task_arn,
            "protectionEnabled": (protected := task.protected_at(world.clock())),
            **({"expirationDate": task.protected_until} if protected else {}),
        }
        for task in tasks
    ]
    return ActionResult({"protectedTasks": shown, "failures": list(failures)})
