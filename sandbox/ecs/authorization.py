"""Who may call what: asked of roles of this account, before anything else is looked at.

Nothing is asked of a caller whose role is not in the account: the tests' own access key, for one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.ecs import errors, identity, roles
from sandbox.ecs.operation import Request
from sandbox.ecs.world import World

type Caller = Mapping[str, Any]

_PASSED_TO = {"iam:passedtoservice": "ecs-tasks.amazonaws.com"}


def refusal_of(
    world: World, caller: Caller, action: str, arn: str, context: Mapping[str, str] | None = None
) -> str | None:
    """The message with which AWS refuses this call; None where the caller's role allows it."""
    role_arn = identity.role_of(dict(caller))
    role = roles.find(world.account, world.region, role_arn) if role_arn else None
    if role is None:
        return None
    refusal = roles.refusal(world.account, world.region, role, action, arn, context)
    if refusal is None:
        return None
    return f"User: {caller['arn']} is not authorized to perform: {action} on resource: {arn} {refusal.because}"


def authorize(world: World, caller: Caller, operation: str, request: Request) -> None:
    """Refuses an ECS call that changes something, with AccessDeniedException."""
    for action, arn, context in _asked(world, operation, request):
        if message := refusal_of(world, caller, action, arn, context):
            raise errors.access_denied(message)


def _asked(world: World, operation: str, request: Request) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """(action, resource, condition keys) of everything that the call takes."""
    cluster = str(request.get("cluster") or "default").rsplit("/", 1)[-1]
    on_cluster = {"ecs:cluster": world.arn("ecs", f"cluster/{cluster}")}
    if operation in {"create_service", "update_service"}:
        name = str(request.get("service") or request.get("serviceName")).rsplit("/", 1)[-1]
        action = "ecs:CreateService" if operation == "create_service" else "ecs:UpdateService"
        yield action, world.arn("ecs", f"service/{cluster}/{name}"), on_cluster
    elif operation == "run_task":
        yield "ecs:RunTask", _definition(world, str(request.get("taskDefinition"))), on_cluster
    elif operation == "stop_task":
        task = str(request.get("task")).rsplit("/", 1)[-1]
        yield "ecs:StopTask", world.arn("ecs", f"task/{cluster}/{task}"), on_cluster
    elif operation == "register_task_definition":
        yield "ecs:RegisterTaskDefinition", "*", {}
        for name in ("executionRoleArn", "taskRoleArn"):
            if role := request.get(name):
                yield "iam:PassRole", str(role), _PASSED_TO


def _definition(world: World, named: str) -> str:
    return named if named.startswith("arn:") else world.arn("ecs", f"task-definition/{named}")
