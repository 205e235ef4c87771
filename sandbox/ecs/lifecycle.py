"""Starting and stopping one task: its states, its network interface, and the event of each state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.logs.models import logs_backends

from sandbox.ecs import images, interfaces, markers, roles, wording
from sandbox.ecs.events import task_state_change
from sandbox.ecs.start_up import Failure, Start, first_failure, log_stream
from sandbox.ecs.task import EXEC_AGENT, Task
from sandbox.ecs.world import World, hexadecimal, uuid

FAILED_TO_START = "TaskFailedToStart"
ESSENTIAL_EXITED = "EssentialContainerExited"
BY_USER = "UserInitiated"
BY_SCHEDULER = "ServiceSchedulerInitiated"

# Seconds from creation, as a Fargate task of a small image takes them.
CONNECTED, PULL_STARTED, PULL_STOPPED, STARTED, GIVEN_UP = 4, 12, 18, 20, 45
SIGTERM_EXIT, SIGKILL_EXIT = 143, 137


class LaunchRefusedError(Exception):
    """There will be no task: a role cannot be assumed, or the subnet is full; the message is AWS's."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to start: from run_task or from a service's deployment."""

    cluster: Any
    definition: Any
    awsvpc: Mapping[str, Any]
    group: str
    enable_execute_command: bool
    started_by: str | None = None
    launch_type: str = "FARGATE"
    capacity_provider_name: str | None = None
    platform_version: str = "1.4.0"
    overrides: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[Mapping[str, str], ...] = ()


def task_role_arn(definition: Any, overrides: Mapping[str, Any]) -> str | None:
    """The role that the containers act as: the override's, else the definition's."""
    role: str | None = overrides.get("taskRoleArn") or getattr(definition, "task_role_arn", None)
    return role


def start(world: World, order: Order) -> Task:
    """Starts a task and takes it as far as it gets: RUNNING, or STOPPED with AWS's reason."""
    execution_role = _assumable_roles(world, order)
    task = _new_task(world, order)
    try:
        attachment, interface = interfaces.attach(world, dict(order.awsvpc))
    except interfaces.SubnetFullError as full:
        raise LaunchRefusedError(str(full)) from None
    task.attachments.append(attachment)
    for container in task.containers:
        container["networkInterfaces"] = [
            {"attachmentId": attachment["id"], "privateIpv4Address": interface.private_ip}
        ]
    world.ecs.tasks.setdefault(order.cluster.name, {})[task.task_arn] = task
    failure = first_failure(Start(world, task.id, order.definition, interface, execution_role))
    ending = None if failure else _ending(order)
    now = world.clock()
    created = now - timedelta(seconds=STARTED if failure is None and ending is None else GIVEN_UP)
    _provision(world, task, created)
    if failure is not None:
        _give_up(world, task, failure, created)
    else:
        _run(world, task, order, created)
        if ending is not None:
            ending(world, task, now)
    return task


def stop(world: World, task: Task, *, code: str, reason: str, at: datetime | None = None) -> None:
    """Stops a task that has not stopped; containers that run end with SIGTERM's exit code."""
    if task.last_status == "STOPPED":
        return
    at = at or world.clock()
    task.desired_status = "STOPPED"
    task.stop_code, task.stopped_reason, task.stopping_at = code, reason, at
    was_running = task.started_at is not None
    _emit(world, task, "DEPROVISIONING" if not was_running else "DEACTIVATING", at)
    interfaces.release(world, task)
    for container in task.containers:
        container["lastStatus"] = "STOPPED"
        if was_running:
            container.setdefault("exitCode", SIGTERM_EXIT)
        for agent in container.get("managedAgents", []):
            agent["lastStatus"] = "STOPPED"
    task.execution_stopped_at = at if was_running else None
    task.stopped_at = at
    _emit(world, task, "STOPPED", at)


def set_exec_agents(world: World, task: Task, status: str) -> None:
    """Puts all ECS Exec agents of a running task into a state, as if they had died or never come up."""
    for container in task.containers:
        for agent in container.get("managedAgents", []):
            agent["lastStatus"] = status
            if status == "PENDING":
                agent.pop("lastStartedAt", None)
    _emit(world, task, task.last_status, world.clock())


def _assumable_roles(world: World, order: Order) -> Any:
    execution_arn = order.overrides.get("executionRoleArn") or getattr(order.definition, "execution_role_arn", None)
    found = None
    for role_arn in filter(None, (task_role_arn(order.definition, order.overrides), execution_arn)):
        role = roles.find(world.account, world.region, role_arn)
        if role is None or not roles.trusts_tasks(role):
            raise LaunchRefusedError(wording.role_not_assumable(role_arn))
        found = role if role_arn == execution_arn else found
    return found


def _new_task(world: World, order: Order) -> Task:
    task_id = hexadecimal(32)
    arn = world.arn("ecs", f"task/{order.cluster.name}/{task_id}")
    subnet = world.ec2.get_subnet(order.awsvpc["subnets"][0])
    return Task(
        task_arn=arn,
        cluster_arn=order.cluster.arn,
        task_definition_arn=order.definition.arn,
        group=order.group,
        launch_type=order.launch_type,
        created_at=world.clock(),
        containers=[_new_container(world, order, definition, arn) for definition in _definitions(order)],
        cpu=str(order.overrides.get("cpu") or order.definition.cpu or "256"),
        memory=str(order.overrides.get("memory") or order.definition.memory or "512"),
        availability_zone=subnet.availability_zone,
        enable_execute_command=order.enable_execute_command,
        overrides={"containerOverrides": [{"name": d["name"]} for d in _definitions(order)], **order.overrides},
        tags=[dict(tag) for tag in order.tags],
        started_by=order.started_by,
        capacity_provider_name=order.capacity_provider_name,
        platform_version=order.platform_version,
    )


def _new_container(world: World, order: Order, definition: Mapping[str, Any], task_arn: str) -> dict[str, Any]:
    task_id = task_arn.rsplit("/", 1)[-1]
    container: dict[str, Any] = {
        "containerArn": world.arn("ecs", f"container/{order.cluster.name}/{task_id}/{uuid()}"),
        "taskArn": task_arn,
        "name": definition["name"],
        "image": definition["image"],
        "lastStatus": "PENDING",
        "cpu": str(definition.get("cpu") or 0),
        "networkInterfaces": [],
    }
    if definition.get("memory"):
        container["memory"] = str(definition["memory"])
    if definition.get("memoryReservation"):
        container["memoryReservation"] = str(definition["memoryReservation"])
    if order.enable_execute_command:
        container["managedAgents"] = [{"name": EXEC_AGENT, "lastStatus": "PENDING"}]
    return container


def _provision(world: World, task: Task, created: datetime) -> None:
    task.created_at = created
    _emit(world, task, "PROVISIONING", created)
    task.connectivity, task.connectivity_at = "CONNECTED", created + timedelta(seconds=CONNECTED)
    _emit(world, task, "PENDING", task.connectivity_at)


def _give_up(world: World, task: Task, failure: Failure, created: datetime) -> None:
    if failure.while_pulling:
        task.pull_started_at = created + timedelta(seconds=PULL_STARTED)
        task.pull_stopped_at = created + timedelta(seconds=GIVEN_UP - 2)
    if failure.container and failure.while_pulling:
        for container in task.containers:
            if container["name"] == failure.container:
                container["reason"] = failure.reason
    at = created + timedelta(seconds=GIVEN_UP)
    stop(world, task, code=FAILED_TO_START, reason=failure.reason, at=at)


def _run(world: World, task: Task, order: Order, created: datetime) -> None:
    task.pull_started_at = created + timedelta(seconds=PULL_STARTED)
    task.pull_stopped_at = created + timedelta(seconds=PULL_STOPPED)
    task.started_at = created + timedelta(seconds=STARTED)
    for container, definition in zip(task.containers, _definitions(order), strict=True):
        container["lastStatus"] = "RUNNING"
        container["runtimeId"] = f"{task.id}-{int(hexadecimal(8), 16):010d}"
        image = images.parse(definition["image"])
        if image.account == world.account and (digest := images.digest_in_ecr(image)):
            container["imageDigest"] = digest
        variables = markers.environment(definition, order.overrides)
        _write_log(world, definition, variables.get(markers.LOG), task)
        for agent in container.get("managedAgents", []):
            agent["lastStatus"] = variables.get(markers.EXEC_AGENT, "RUNNING")
            if agent["lastStatus"] != "PENDING":
                agent["lastStartedAt"] = task.started_at
    _emit(world, task, "RUNNING", task.started_at)


def _write_log(world: World, definition: Mapping[str, Any], text: str | None, task: Task) -> None:
    options = (definition.get("logConfiguration") or {}).get("options", {})
    if text is None or "awslogs-group" not in options or task.started_at is None:
        return
    backend = logs_backends[world.account][options.get("awslogs-region", world.region)]
    millis = int(task.started_at.timestamp() * 1000)
    lines = [{"timestamp": millis + i, "message": line} for i, line in enumerate(text.splitlines())]
    # moto's public call refuses events that are more than two weeks old, as the ones of a fixed clock are.
    group = backend.groups[options["awslogs-group"]]
    group.put_log_events(log_stream(options, definition["name"], task.id), lines)


type Ending = Callable[[World, Task, datetime], None]


def _ending(order: Order) -> Ending | None:
    """How the task ends by itself: the first essential container that says so decides."""
    for definition in _definitions(order):
        variables = markers.environment(definition, order.overrides)
        out_of_memory = markers.OUT_OF_MEMORY in variables
        if not definition.get("essential", True) or not (out_of_memory or markers.EXIT_CODE in variables):
            continue
        name = definition["name"]
        code = SIGKILL_EXIT if out_of_memory else int(variables[markers.EXIT_CODE])
        reason = wording.OUT_OF_MEMORY if out_of_memory else None

        def end(world: World, task: Task, at: datetime) -> None:
            container = task.container(name)  # noqa: B023 - the loop ends here
            if container is not None:
                container |= {"exitCode": code, **({"reason": reason} if reason else {})}  # noqa: B023
            stop(world, task, code=ESSENTIAL_EXITED, reason=wording.ESSENTIAL_EXITED, at=at)

        return end
    return None


def _definitions(order: Order) -> list[Mapping[str, Any]]:
    return list(order.definition.container_definitions)


def _emit(world: World, task: Task, status: str, at: datetime) -> None:
    task.last_status = status
    task.version += 1
    world.outbox.emit(task_state_change(world, task, at))
