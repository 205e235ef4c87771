"""RunTask, StopTask, DescribeTasks, ListTasks, and TagResource on tasks."""

from typing import Any

from moto.core.responses import ActionResult

from sandbox.ecs import container_instances, errors, hosts, lifecycle, lookup, markers, scheduler, wording
from sandbox.ecs.container_instances import NoPlaceError
from sandbox.ecs.lifecycle import LaunchRefusedError, Order
from sandbox.ecs.operation import Original, Request
from sandbox.ecs.placement import kind, network, providers
from sandbox.ecs.task import Task
from sandbox.ecs.world import World

MOST_TASKS_DESCRIBED = 100
MOST_TASKS_LISTED = 100
TASKS_TAGS = "DescribeTasksResponse.tasks.Task.tags"


def run_task(world: World, _response: Any, request: Request, original: Original) -> ActionResult:
    """RunTask: tasks are started and taken as far as they get; those outside of AWS are moto's."""
    cluster = lookup.cluster(world, request.get("cluster"))
    definition = world.ecs.describe_task_definition(request["taskDefinition"])
    launch_type = kind(world, request, cluster)
    if launch_type == "EXTERNAL":
        return original(_response)
    overrides = request.get("overrides") or {}
    enable = bool(request.get("enableExecuteCommand"))
    if enable and lifecycle.task_role_arn(definition, overrides) is None:
        raise errors.invalid(wording.EXEC_NO_TASK_ROLE_TASK)
    provider = next((p["capacityProvider"] for p in request.get("capacityProviderStrategy") or []), None)
    order = Order(
        cluster=cluster,
        definition=definition,
        awsvpc=network(world, request, definition, launch_type),
        launch_type=launch_type,
        group=request.get("group") or f"family:{definition.family}",
        enable_execute_command=enable,
        started_by=request.get("startedBy"),
        capacity_provider_name=provider,
        overrides=overrides,
        tags=tuple(request.get("tags") or ()),
    )
    tasks: list[Task] = []
    failures: list[dict[str, str]] = []
    for _ in range(int(request.get("count") or 1)):
        try:
            placed = hosts.placed(world, order, providers(request, cluster))
            tasks.append(lifecycle.start(world, placed))
        except LaunchRefusedError as refused:
            raise errors.client(str(refused)) from None
        except NoPlaceError as full:
            if full.closest is None:
                raise errors.invalid(full.words) from None
            failures.append({"arn": world.arn("ecs", f"container-instance/{full.closest}"), "reason": full.code})
    return ActionResult({"tasks": tasks, "failures": failures})


def stop_task(world: World, _response: Any, request: Request, original: Original) -> ActionResult:
    """StopTask: the given reason becomes the stopped reason; a service's scheduler replaces the task."""
    cluster = lookup.cluster(world, request.get("cluster"))
    task = lookup.task(world, cluster.name, request["task"])
    if task is None:
        if _motos_task(world, cluster.name, request["task"]) is not None:
            return original(_response)
        raise errors.invalid("The referenced task was not found.")
    lifecycle.stop(world, task, code=lifecycle.BY_USER, reason=request.get("reason") or wording.STOPPED_BY_USER)
    service = lookup.service(world, cluster.name, task.service_name) if task.service_name else None
    if service is not None and service.status == "ACTIVE" and service.deployments:
        scheduler.recount(world, service)
        scheduler.fill(world, service)
    return ActionResult({"task": task})


def describe_tasks(world: World, response: Any, request: Request, _original: Original) -> ActionResult:
    """DescribeTasks: unknown and long stopped tasks are failures with reason MISSING."""
    cluster = lookup.cluster(world, request.get("cluster"))
    names = request.get("tasks") or []
    if not names:
        raise errors.invalid("Tasks cannot be empty.")
    if len(names) > MOST_TASKS_DESCRIBED:
        raise errors.invalid(f"Tasks cannot have more than {MOST_TASKS_DESCRIBED} elements.")
    found: list[Any] = []
    failures: list[dict[str, str]] = []
    for name in names:
        task = lookup.task(world, cluster.name, name) or _motos_task(world, cluster.name, name)
        if task is None:
            arn = name if name.startswith("arn:") else world.arn("ecs", f"task/{cluster.name}/{name}")
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            found.append(task)
    _show_tags(response, request)
    return ActionResult({"tasks": found, "failures": failures})


def list_tasks(world: World, _response: Any, request: Request, original: Original) -> ActionResult:
    """ListTasks: by default the tasks that are wanted running; a page has at most 100."""
    cluster = lookup.cluster(world, request.get("cluster"))
    if request.get("containerInstance"):
        return original(_response)
    wanted = request.get("desiredStatus") or "RUNNING"
    group = f"service:{request['serviceName'].rsplit('/', 1)[-1]}" if request.get("serviceName") else None
    arns = [
        task.task_arn
        for task in lookup.visible_tasks(world, cluster.name)
        if task.desired_status == wanted
        and group in {None, task.group}
        and request.get("family") in {None, _family(task)}
        and request.get("startedBy") in {None, task.started_by}
        and request.get("launchType") in {None, task.launch_type}
    ]
    size = int(request.get("maxResults") or MOST_TASKS_LISTED)
    begin = int(request.get("nextToken") or 0)
    page: dict[str, Any] = {"taskArns": arns[begin : begin + size]}
    if begin + size < len(arns):
        page["nextToken"] = str(begin + size)
    return ActionResult(page)


def tag_resource(world: World, response: Any, request: Request, original: Original) -> ActionResult:
    """TagResource; markers on a task or a container instance move their agents (see `markers`)."""
    if container_instances.tag(world, request):
        return ActionResult({})
    answer = original(response)
    parts = request["resourceArn"].split("/")
    state = next((tag["value"] for tag in request["tags"] if tag["key"] == markers.AGENT_TAG), None)
    if state and parts[0].endswith(":task") and (task := lookup.task(world, parts[1], request["resourceArn"])):
        lifecycle.set_exec_agents(world, task, state)
    return answer


def _family(task: Task) -> str:
    return task.task_definition_arn.rsplit("/", 1)[-1].rpartition(":")[0]


def _show_tags(response: Any, request: Request) -> None:
    show = "TAGS" in (request.get("include") or [])
    # moto offers no public way to leave a member out of an answer.
    toggle = response._include_in_response if show else response._exclude_from_response  # noqa: SLF001
    toggle(TASKS_TAGS)


def _motos_task(world: World, cluster_name: str, name: str) -> Any:
    for arn, task in world.ecs.tasks.get(cluster_name, {}).items():
        if not isinstance(task, Task) and name in {arn, arn.rsplit("/", 1)[-1]}:
            return task
    return None
