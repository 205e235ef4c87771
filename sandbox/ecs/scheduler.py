"""A service's scheduler: deployments, replacement of tasks, the circuit breaker, and the service's own events.

It acts at once when an API call gives it reason to, and never otherwise: describing a service changes nothing.
"""

from collections.abc import Sequence
from typing import Any

from moto.moto_api._internal import mock_random

from sandbox.ecs import hosts, lifecycle, wording
from sandbox.ecs.container_instances import NoPlaceError
from sandbox.ecs.events import deployment_state_change, service_action
from sandbox.ecs.lifecycle import LaunchRefusedError, Order
from sandbox.ecs.markers import ATTEMPTS_TAG
from sandbox.ecs.task import Task
from sandbox.ecs.world import World, uuid

IMPAIRED_AFTER = 3
"""Failed starts in a row after which ECS says that tasks cannot be started consistently."""
BREAKER_MINIMUM, BREAKER_MAXIMUM = 3, 200
TROUBLESHOOTING = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."


def open_deployment(world: World, service: Any) -> None:
    """Makes a new primary deployment from the service's settings and starts its tasks."""
    for older in service.deployments:
        older["status"] = "ACTIVE"
    now = world.clock()
    deployment_id = f"ecs-svc/{mock_random.randint(10**18, 10**19 - 1)}"
    deployment = {
        "id": deployment_id,
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "desiredCount": service.desired_count,
        "pendingCount": 0,
        "runningCount": 0,
        "failedTasks": 0,
        "createdAt": now,
        "updatedAt": now,
        "launchType": service.launch_type,
        **({"platformVersion": "1.4.0", "platformFamily": "Linux"} if _on_fargate(service) else {}),
        **({"networkConfiguration": service.network_configuration} if service.network_configuration else {}),
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment {deployment_id} in progress.",
    }
    service.deployments.insert(0, deployment)
    _announce(world, service, deployment, "INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS")
    fill(world, service)


def fill(world: World, service: Any) -> None:
    """Brings the primary deployment to the desired count, as far as starts succeed."""
    deployment = service.deployments[0]
    deployment["desiredCount"] = service.desired_count
    attempts = max(service.desired_count, _attempts_wanted(service), _breaker_threshold(service) or 0)
    while attempts and len(_running(world, service, deployment)) < service.desired_count:
        if not _made_room(world, service, deployment):
            break
        attempts -= 1
        started = _started(world, service, deployment)
        if started:
            continue
        if started is None:
            break
        deployment["failedTasks"] += 1
        if deployment["failedTasks"] == IMPAIRED_AFTER:
            _impaired(world, service)
        threshold = _breaker_threshold(service)
        if threshold is not None and deployment["failedTasks"] >= threshold:
            _break_circuit(world, service, deployment)
            break
    _settle(world, service)


def scale(world: World, service: Any) -> None:
    """Starts or stops tasks after the desired count has changed."""
    deployment = service.deployments[0]
    running = _running(world, service, deployment)
    surplus = max(len(running) - service.desired_count, 0)
    free = _unprotected(world, running)
    for task in free[max(len(free) - surplus, 0) :]:
        _retire(world, service, task, deployment["id"])
    if surplus > len(free):
        note(world, service, wording.tasks_protected(deployment["id"]))
    fill(world, service)


def drain(world: World, service: Any) -> None:
    """Stops every task of a service that is being deleted."""
    for task in _tasks(world, service):
        if task.last_status != "STOPPED":
            _retire(world, service, task, service.deployments[0]["id"])
    service.deployments.clear()
    recount(world, service)


def recount(world: World, service: Any) -> None:
    """Brings the counters of the service and its deployments in line with its tasks."""
    for deployment in service.deployments:
        deployment["runningCount"] = len(_running(world, service, deployment))
        deployment["pendingCount"] = 0
    service.running_count = sum(d["runningCount"] for d in service.deployments)
    service.pending_count = 0


def note(world: World, service: Any, message: str) -> None:
    """Adds to the service's own event list, newest first, as DescribeServices shows it."""
    service.events.insert(
        0, {"id": uuid(), "createdAt": world.clock(), "message": f"(service {service.name}) {message}"}
    )


def _made_room(world: World, service: Any, deployment: dict[str, Any]) -> bool:
    """Whether the deployment's percentages let one more task start, if need be for an older one that is stopped first.

    The minimum is rounded up and the maximum down, as ECS does.
    """
    configuration = service.deployment_configuration
    running = [task for one in service.deployments for task in _running(world, service, one)]
    if len(running) < service.desired_count * configuration["maximumPercent"] // 100:
        return True
    older = [task for task in running if task.started_by != deployment["id"]]
    must_stay = -(-service.desired_count * configuration["minimumHealthyPercent"] // 100)
    if older and len(running) <= must_stay:
        note(world, service, wording.DEPLOYMENT_LIMITS)
        return False
    free = _unprotected(world, older)
    for task in free[:1]:
        _retire(world, service, task, deployment["id"])
    return bool(free)


def _unprotected(world: World, tasks: Sequence[Task]) -> list[Task]:
    if not any(task.protected_until for task in tasks):
        return list(tasks)
    now = world.clock()
    return [task for task in tasks if not task.protected_at(now)]


def _started(world: World, service: Any, deployment: dict[str, Any]) -> bool | None:
    """Starts one task; False when it could not be launched or did not reach RUNNING, None when it found no place."""
    providers = [item["capacityProvider"] for item in getattr(service, "capacity_provider_strategy", None) or []]
    order = Order(
        cluster=world.ecs.clusters[service.cluster_name],
        definition=world.ecs.describe_task_definition(deployment["taskDefinition"]),
        awsvpc=deployment.get("networkConfiguration", {}).get("awsvpcConfiguration"),
        group=f"service:{service.name}",
        enable_execute_command=bool(service.enable_execute_command),
        started_by=deployment["id"],
        launch_type=service.kind_of_capacity,
        capacity_provider_name=next(iter(providers), None),
    )
    try:
        task = lifecycle.start(world, hosts.placed(world, order, providers))
    except NoPlaceError as full:
        _no_place(world, service, full)
        return None
    except LaunchRefusedError as refused:
        message = f"failed to launch a task with (error {refused})."
        # The scheduler repeats itself every few hours only.
        if not service.events or not service.events[0]["message"].endswith(message):
            note(world, service, message)
        return False
    note(world, service, f"has started 1 tasks: (task {task.id}).")
    return task.started_at is not None


def _no_place(world: World, service: Any, full: NoPlaceError) -> None:
    """The service's own event, and the one for EventBridge; the scheduler repeats itself every few hours only."""
    message = wording.place_not_found(full.words)
    if service.events and service.events[0]["message"].endswith(message):
        return
    note(world, service, message)
    world.outbox.emit(
        service_action(
            world,
            service.arn,
            service.cluster_arn,
            world.clock(),
            kind="ERROR",
            name="SERVICE_TASK_PLACEMENT_FAILURE",
            reason=full.code if full.closest else full.words,
        )
    )


def _on_fargate(service: Any) -> bool:
    return bool(service.kind_of_capacity == "FARGATE")


def _settle(world: World, service: Any) -> None:
    deployment = service.deployments[0]
    recount(world, service)
    if deployment["runningCount"] != service.desired_count or deployment["rolloutState"] == "FAILED":
        return
    for older in service.deployments[1:]:
        for task in _unprotected(world, _running(world, service, older)):
            _retire(world, service, task, deployment["id"])
    service.deployments[1:] = [one for one in service.deployments[1:] if _running(world, service, one)]
    if service.deployments[1:]:
        # What is protected stays, and until it has gone the deployment is not completed.
        recount(world, service)
        return
    deployment["failedTasks"] = 0
    if deployment["rolloutState"] == "IN_PROGRESS":
        deployment |= {
            "rolloutState": "COMPLETED",
            "rolloutStateReason": f"ECS deployment {deployment['id']} completed.",
            "updatedAt": world.clock(),
        }
        note(world, service, f"(deployment {deployment['id']}) deployment completed.")
        _announce(world, service, deployment, "INFO", "SERVICE_DEPLOYMENT_COMPLETED")
    recount(world, service)
    note(world, service, "has reached a steady state.")
    world.outbox.emit(
        service_action(world, service.arn, service.cluster_arn, world.clock(), kind="INFO", name="SERVICE_STEADY_STATE")
    )


def _break_circuit(world: World, service: Any, deployment: dict[str, Any]) -> None:
    deployment |= {
        "rolloutState": "FAILED",
        "rolloutStateReason": "ECS deployment circuit breaker: tasks failed to start.",
        "updatedAt": world.clock(),
    }
    note(world, service, f"(deployment {deployment['id']}) deployment failed: tasks failed to start.")
    _announce(world, service, deployment, "ERROR", "SERVICE_DEPLOYMENT_FAILED")
    if not service.deployment_configuration["deploymentCircuitBreaker"].get("rollback"):
        return
    previous = next((d for d in service.deployments[1:] if d["rolloutState"] == "COMPLETED"), None)
    if previous is None:
        return
    service.deployments.remove(deployment)
    service.task_definition = previous["taskDefinition"]
    previous |= {
        "status": "PRIMARY",
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment circuit breaker: rolling back to deploymentId {previous['id']}.",
        "updatedAt": world.clock(),
    }
    note(world, service, f"rolling back to deployment {previous['id']}.")
    _announce(world, service, previous, "INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS")


def _impaired(world: World, service: Any) -> None:
    note(world, service, f"is unable to consistently start tasks successfully. {TROUBLESHOOTING}")
    world.outbox.emit(
        service_action(
            world, service.arn, service.cluster_arn, world.clock(), kind="WARN", name="SERVICE_TASK_START_IMPAIRED"
        )
    )


def _retire(world: World, service: Any, task: Task, deployment_id: str) -> None:
    lifecycle.stop(world, task, code=lifecycle.BY_SCHEDULER, reason=wording.scaling_activity(deployment_id))
    note(world, service, f"has stopped 1 running tasks: (task {task.id}).")


def _announce(world: World, service: Any, deployment: dict[str, Any], kind: str, name: str) -> None:
    world.outbox.emit(
        deployment_state_change(
            world,
            service.arn,
            world.clock(),
            kind=kind,
            name=name,
            deployment_id=deployment["id"],
            reason=deployment["rolloutStateReason"],
        )
    )


def _tasks(world: World, service: Any) -> list[Task]:
    group = f"service:{service.name}"
    return [task for task in world.ecs.tasks.get(service.cluster_name, {}).values() if task.group == group]


def _running(world: World, service: Any, deployment: dict[str, Any]) -> list[Task]:
    return [
        task for task in _tasks(world, service) if task.started_by == deployment["id"] and task.last_status == "RUNNING"
    ]


def _attempts_wanted(service: Any) -> int:
    return next((int(tag["value"]) for tag in service.tags or [] if tag["key"] == ATTEMPTS_TAG), 0)


def _breaker_threshold(service: Any) -> int | None:
    breaker = (service.deployment_configuration or {}).get("deploymentCircuitBreaker") or {}
    if not breaker.get("enable"):
        return None
    half = (int(service.desired_count) + 1) // 2
    return min(max(BREAKER_MINIMUM, half), BREAKER_MAXIMUM)
