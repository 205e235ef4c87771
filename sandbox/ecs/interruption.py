"""Tasks that AWS takes away: Spot capacity that it wants back, and hosts that it maintains.

No API of ECS does that; the account does it when it is asked through its control endpoint.
"""

from typing import Any

from sandbox.ecs import lifecycle, lookup, scheduler
from sandbox.ecs.world import World

TERMINATION_NOTICE = "TerminationNotice"
SPOT = "SpotInterruption"
REASONS = {
    "spot": (SPOT, "Your Spot Task was interrupted."),
    "maintenance": (
        TERMINATION_NOTICE,
        "ECS is performing maintenance on the underlying infrastructure hosting the task.",
    ),
}


def take_away(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Stops the running tasks of `service` in `cluster` for the reason `why` (spot, maintenance); ECS replaces them.

    Answers with their ARNs. ValueError for another reason, and for Spot where a task is not on Spot capacity.
    """
    if body["why"] not in REASONS:
        raise ValueError(f"why: expected one of {sorted(REASONS)}, got {body['why']!r}")
    cluster = lookup.cluster(world, body["cluster"])
    service = lookup.service(world, cluster.name, body["service"])
    tasks = [
        task
        for task in lookup.visible_tasks(world, cluster.name)
        if task.service_name == service.name and task.last_status == "RUNNING"
    ]
    if body["why"] == "spot" and any(task.capacity_provider_name != "FARGATE_SPOT" for task in tasks):
        raise ValueError("only tasks of the capacity provider FARGATE_SPOT are on Spot capacity")
    code, reason = REASONS[body["why"]]
    for task in tasks:
        lifecycle.stop(world, task, code=code, reason=reason)
    scheduler.recount(world, service)
    scheduler.fill(world, service)
    return {"tasks": [task.task_arn for task in tasks]}
