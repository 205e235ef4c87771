"""Starting and stopping one task: its states, its network interface, and the event of each state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.logs.models import logs_backends

from sandbox.ecs import container_instances, images, interfaces, load_balancers, markers, roles, wording
from sandbox.ecs.container_instances import Host
from sandbox.ecs.events import task_state_change
from sandbox.ecs.packet_walk import Interface
from sandbox.ecs.start_up import Failure, Puller, Start, first_failure, log_stream
from sandbox.ecs.task import EXEC_AGENT, Task
from sandbox.ecs.world import World, hexadecimal, uuid

FAILED_TO_START = "TaskFailedToStart"
ESSENTIAL_EXITED = "EssentialContainerExited"
BY_USER = "UserInitiated"
BY_SCHEDULER = "ServiceSchedulerInitiated"
FIRST_DYNAMIC_PORT = 32768

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
    awsvpc: Mapping[str, Any] | None
    """None for a task that uses its host's interface."""
    group: str
    enable_execute_command: bool
    started_by: str | None = None
    launch_type: str = "FARGATE"
    capacity_provider_name: str | None = None
    platform_version: str | None = "1.4.0"
    host: Host | None = None
    """The container instance under it; None on Fargate."""
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
    own = _attach(world, task, order)
    carrier = order.host.interface if order.host else own
    if carrier is None:
        raise LaunchRefusedError("a task on Fargate has an interface of its own")
    world.ecs.tasks.setdefault(order.cluster.name, {})[task.task_arn] = task
    if order.host:
        container_instances.take(order.host.registration, order.definition)
    failure = first_failure(_start_of(world, task, order, carrier, execution_role))
    ending = None if failure else _ending(order) or _given_up(world, order, _place(task, order, own))
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


def _attach(world: World, task: Task, order: Order) -> Interface | None:
    if order.awsvpc is None:
        return None
    try:
        attachment, interface = interfaces.attach(world, dict(order.awsvpc))
    except interfaces.SubnetFullError as full:
        raise LaunchRefusedError(str(full)) from None
    task.attachments.append(attachment)
    for container in task.containers:
        container["networkInterfaces"] = [
            {"attachmentId": attachment["id"], "privateIpv4Address": interface.private_ip}
        ]
    return interface


def _start_of(world: World, task: Task, order: Order, carrier: Interface, execution_role: Any) -> Start:
    """What carries the start: on EC2 the instance's role pulls and writes logs, elsewhere the execution role."""
    if order.host is None or order.launch_type == "MANAGED_INSTANCES":
        session = task.id
        return Start(
            world,
            task.id,
            order.definition,
            carrier,
            execution_role,
            Puller(execution_role, session),
            order.host is not None,
        )
    puller = Puller(order.host.role, order.host.instance_id)
    return Start(world, task.id, order.definition, carrier, execution_role, puller, on_instance=True)


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
    if task.container_instance_arn:
        definition = world.ecs.describe_task_definition(task.task_definition_arn)
        container_instances.give_back(world, task.container_instance_arn, definition)
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
    zone = world.ec2.get_subnet(order.awsvpc["subnets"][0]).availability_zone if order.awsvpc else None
    on_fargate = order.host is None
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
        availability_zone=order.host.zone if order.host else str(zone),
        enable_execute_command=order.enable_execute_command,
        overrides={"containerOverrides": [{"name": d["name"]} for d in _definitions(order)], **order.overrides},
        tags=[dict(tag) for tag in order.tags],
        started_by=order.started_by,
        capacity_provider_name=order.capacity_provider_name,
        platform_version=order.platform_version if on_fargate else None,
        platform_family="Linux" if on_fargate else None,
        ephemeral_storage={"sizeInGiB": 20} if on_fargate else None,
        container_instance_arn=order.host.registration.container_instance_arn if order.host else None,
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
    on_instance = task.container_instance_arn is not None
    if failure.container and (failure.while_pulling or on_instance):
        for container in task.containers:
            if container["name"] == failure.container:
                container["reason"] = failure.reason
    at = created + timedelta(seconds=GIVEN_UP)
    # The agent on an instance tells the container's reason, and of the task only that it failed to start.
    reason = wording.FAILED_TO_START if failure.container and on_instance else failure.reason
    stop(world, task, code=FAILED_TO_START, reason=reason, at=at)


def _run(world: World, task: Task, order: Order, created: datetime) -> None:
    task.pull_started_at = created + timedelta(seconds=PULL_STARTED)
    task.pull_stopped_at = created + timedelta(seconds=PULL_STOPPED)
    task.started_at = created + timedelta(seconds=STARTED)
    for container, definition in zip(task.containers, _definitions(order), strict=True):
        container["lastStatus"] = "RUNNING"
        if bindings := _bindings(task, order, definition):
            container["networkBindings"] = bindings
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


def _place(task: Task, order: Order, own: Interface | None) -> load_balancers.Place | None:
    if own is not None:
        return load_balancers.Place(own.private_ip, own, {})
    if order.host is None:
        return None
    ports = {one["containerPort"]: one["hostPort"] for d in _definitions(order) for one in _bindings(task, order, d)}
    return load_balancers.Place(order.host.instance_id, order.host.interface, ports)


def _bindings(task: Task, order: Order, definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The host's ports that lead to the container's, in host mode the same; Docker chooses those that nobody named."""
    if order.awsvpc is not None:
        return []
    chosen = FIRST_DYNAMIC_PORT + int(task.id[-3:], 16)
    bindings = []
    for number, mapping in enumerate(definition.get("portMappings") or []):
        inside = int(mapping["containerPort"])
        named = inside if order.definition.network_mode == "host" else int(mapping.get("hostPort") or 0)
        bindings.append(
            {
                "bindIP": "0.0.0.0",  # noqa: S104 - what Docker binds to
                "containerPort": inside,
                "hostPort": named or chosen + number,
                "protocol": mapping.get("protocol", "tcp"),
            }
        )
    return bindings


def _given_up(world: World, order: Order, place: load_balancers.Place | None) -> Ending | None:
    """How the scheduler gives up a task that runs: its own health check fails, or its load balancer's."""
    for definition in _definitions(order):
        if markers.UNHEALTHY in markers.environment(definition, order.overrides):
            return _unhealthy(definition["name"], wording.CONTAINER_HEALTH)
    if place is None:
        return None
    statuses = (markers.environment(one, order.overrides).get(markers.HTTP_STATUS) for one in _definitions(order))
    service = load_balancers.service_of(world, order.cluster.name, order.group)
    group = load_balancers.unhealthy_in(world, service, place, next(filter(None, statuses), None))
    return _unhealthy(None, wording.elb_health(group)) if group else None


def _unhealthy(name: str | None, reason: str) -> Ending:
    def end(world: World, task: Task, at: datetime) -> None:
        container = task.container(name) if name else None
        if container is not None:
            container["healthStatus"] = task.health_status = "UNHEALTHY"
        stop(world, task, code=BY_SCHEDULER, reason=reason, at=at)

    return end


def _definitions(order: Order) -> list[Mapping[str, Any]]:
    return list(order.definition.container_definitions)


def _emit(world: World, task: Task, status: str, at: datetime) -> None:
    task.last_status = status
    task.version += 1
    world.outbox.emit(task_state_change(world, task, at))
