"""ECS API operations as this account answers them: they take the place of moto's own."""

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import ECSException

from sandbox.ecs import container_instances, errors, identity, images, trail
from sandbox.ecs import execute_command as exec_session
from sandbox.ecs.authorization import authorize
from sandbox.ecs.managed_instances import create_capacity_provider
from sandbox.ecs.operation import Operation, Original, Request
from sandbox.ecs.protection import get_task_protection, update_task_protection
from sandbox.ecs.service_operations import create_service, delete_service, update_service
from sandbox.ecs.task_operations import describe_tasks, list_tasks, run_task, stop_task, tag_resource
from sandbox.ecs.world import World


def execute_command(world: World, response: Any, request: Request, _original: Original) -> ActionResult:
    """ExecuteCommand."""
    caller = identity.of_request(world, response.headers)
    return ActionResult(exec_session.execute_command(world, request, caller))


def describe_clusters(world: World, response: Any, _request: Request, original: Original) -> ActionResult:
    """DescribeClusters with counts that agree with the tasks and services."""
    for cluster in world.ecs.clusters.values():
        tasks = world.ecs.tasks.get(cluster.name, {}).values()
        cluster.running_tasks_count = sum(1 for task in tasks if task.last_status == "RUNNING")
        cluster.pending_tasks_count = 0
        services = [s for s in world.ecs.services.values() if s.cluster_name == cluster.name]
        cluster.active_services_count = sum(1 for s in services if s.status == "ACTIVE")
    return original(response)


def register_task_definition(_world: World, response: Any, request: Request, original: Original) -> ActionResult:
    """RegisterTaskDefinition: Fargate wants an execution role where ECR or awslogs will need one."""
    wanted = request.get("requiresCompatibilities") or []
    if "FARGATE" not in wanted:
        answer: Any = original(response)
        definition = answer.result["taskDefinition"]
        # moto knows no managed instances, and takes whatever is not EC2 alone for Fargate.
        definition.network_mode = request.get("networkMode") or "bridge"
        definition.compatibilities = list(dict.fromkeys(["EC2", *wanted]))
        return ActionResult(answer.result)
    if "FARGATE" in (request.get("requiresCompatibilities") or []) and not request.get("executionRoleArn"):
        containers = request.get("containerDefinitions") or []
        if any(images.parse(c["image"]).account for c in containers if c.get("image")):
            raise errors.client("Fargate requires task definition to have execution role ARN to support ECR images.")
        if any(c.get("secrets") for c in containers):
            raise errors.client(
                "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
            )
        if any((c.get("logConfiguration") or {}).get("logDriver") == "awslogs" for c in containers):
            raise errors.client(
                "Fargate requires task definition to have execution role ARN to support log driver awslogs."
            )
    return original(response)


OPERATIONS: Mapping[str, Operation] = {
    "run_task": run_task,
    "stop_task": stop_task,
    "describe_tasks": describe_tasks,
    "list_tasks": list_tasks,
    "create_service": create_service,
    "update_service": update_service,
    "delete_service": delete_service,
    "execute_command": execute_command,
    "describe_clusters": describe_clusters,
    "register_task_definition": register_task_definition,
    "tag_resource": tag_resource,
    "get_task_protection": get_task_protection,
    "update_task_protection": update_task_protection,
    "register_container_instance": container_instances.register,
    "describe_container_instances": container_instances.describe,
    "create_capacity_provider": create_capacity_provider,
}


def perform(world: World, response: Any, name: str, original: Original) -> ActionResult:
    """One call, with its CloudTrail event where it failed; ExecuteCommand's is emitted when it succeeds, too."""
    request: Request = _plain(response.params)
    try:
        authorize(world, identity.of_request(world, response.headers), name, request)
        result = OPERATIONS[name](world, response, request, original)
    except ECSException as error:
        if name in trail.TRAILED:
            trail.report(world, response, name, request, error=(str(error.code), str(error.message)))
        raise
    if name == "execute_command":
        answer: Any = result.result
        trail.report(world, response, name, request, answer=answer)
    return result


def _plain(value: Any) -> Any:
    """The parsed parameters as plain dictionaries and lists with the API's own member names."""
    if hasattr(value, "original_dict"):
        value = value.original_dict()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
