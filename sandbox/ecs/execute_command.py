"""ExecuteCommand: whether a session opens, decided by the task, its agent, its role and its network."""

from typing import Any

from sandbox.ecs import addresses, container_instances, errors, interfaces, lifecycle, lookup, roles, wording
from sandbox.ecs.authorization import refusal_of
from sandbox.ecs.packet_walk import Caller, Interface, walk
from sandbox.ecs.task import Task, exec_agent
from sandbox.ecs.world import World, hexadecimal

ACTIONS = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
EXECUTE_COMMAND = "ecs:ExecuteCommand"
TASK_ID_LENGTHS = {32, 36}


def execute_command(world: World, request: dict[str, Any], caller: dict[str, Any]) -> dict[str, Any]:
    """The API's answer with its session, or one of the API's errors. `caller` is as CloudTrail names it."""
    cluster = lookup.cluster(world, request.get("cluster"))
    authorize(world, caller, cluster, request["task"])
    if not request.get("interactive"):
        raise errors.invalid(wording.EXEC_NOT_INTERACTIVE)
    if len(request["task"].rsplit("/", 1)[-1]) not in TASK_ID_LENGTHS:
        raise errors.invalid(wording.EXEC_TASK_LENGTH)
    task = lookup.task(world, cluster.name, request["task"])
    if task is None or task.last_status == "STOPPED":
        raise errors.invalid(wording.EXEC_TASK_NOT_FOUND)
    container = _container(task, request.get("container"))
    agent = exec_agent(container)
    if not task.enable_execute_command or agent is None or agent["lastStatus"] != "RUNNING":
        raise errors.invalid(wording.EXEC_UNAVAILABLE)
    if not agent_connected(world, task):
        raise errors.target_not_connected(wording.EXEC_NOT_CONNECTED)
    session_id = f"ecs-execute-command-{hexadecimal(17)}"
    return {
        "clusterArn": cluster.arn,
        "containerArn": container["containerArn"],
        "containerName": container["name"],
        "interactive": True,
        "session": {
            "sessionId": session_id,
            "streamUrl": f"wss://{addresses.service_host('ssmmessages', world.region)}/v1/data-channel/{session_id}",
            "tokenValue": hexadecimal(64),
        },
        "taskArn": task.task_arn,
    }


def authorize(world: World, caller: dict[str, Any], cluster: Any, task: str) -> None:
    """Refuses a caller whose role may not call this, on the cluster and on the task both."""
    task_arn = world.arn("ecs", f"task/{cluster.name}/{task.rsplit('/', 1)[-1]}")
    for arn in (cluster.arn, task_arn):
        if message := refusal_of(world, caller, EXECUTE_COMMAND, arn):
            raise errors.access_denied(message)


def agent_connected(world: World, task: Task) -> bool:
    """Whether the agent has its control channel: reachable over the task's interface, and allowed to the task role."""
    interface = interfaces.of(world, task) or _interface_of_host(world, task)
    definition = world.ecs.describe_task_definition(task.task_definition_arn)
    role_arn = lifecycle.task_role_arn(definition, task.overrides)
    role = roles.find(world.account, world.region, role_arn) if role_arn else None
    if interface is None or role is None or not roles.trusts_tasks(role):
        return False
    host = addresses.service_host("ssmmessages", world.region)
    return all(
        roles.refusal(world.account, world.region, role, action, "*") is None
        and walk(world.ec2, interface, host, caller=Caller(action, "*", role.arn)).arrived
        for action in ACTIONS
    )


def _interface_of_host(world: World, task: Task) -> Interface | None:
    """The agent of a task without an interface of its own uses its host's."""
    if task.attachments:
        return None
    registration = container_instances.described(world, task.cluster_name, task.container_instance_arn)
    return container_instances.host(world, registration).interface if registration else None


def _container(task: Task, name: str | None) -> dict[str, Any]:
    if name is None and len(task.containers) > 1:
        raise errors.invalid("A container name must be specified for a task with more than one container.")
    found = task.containers[0] if name is None else task.container(name)
    if found is None:
        raise errors.invalid(f"The container {name} was not found in the task.")
    return found
