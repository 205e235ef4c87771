"""Which calls CloudTrail tells EventBridge about, and how."""

from collections.abc import Mapping
from typing import Any

from sandbox.ecs import errors, identity
from sandbox.ecs.events import api_call
from sandbox.ecs.operation import Request
from sandbox.ecs.world import World

TRAILED: Mapping[str, str] = {
    "register_task_definition": "RegisterTaskDefinition",
    "run_task": "RunTask",
    "stop_task": "StopTask",
    "create_service": "CreateService",
    "update_service": "UpdateService",
    "execute_command": "ExecuteCommand",
}


def report(
    world: World,
    response: Any,
    name: str,
    request: Request,
    *,
    error: tuple[str, str] | None = None,
    answer: Mapping[str, Any] | None = None,
) -> None:
    """Emits the event of one call: with `error` (code, message), or with the answer's elements.

    Of a call that was not authorized, CloudTrail leaves the parameters out.
    """
    refused = error is not None and error[0] == errors.ACCESS_DENIED
    event = api_call(
        world,
        world.clock(),
        name=TRAILED[name],
        identity=identity.of_request(world, response.headers),
        request=None if refused else request,
        error=error,
        response=_without_token(answer),
        user_agent="aws-cli/2.31.0 md/awscrt#0.27.6",
    )
    world.outbox.emit(event)


def _without_token(answer: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if answer is None:
        return None
    return {**answer, "session": {**answer["session"], "tokenValue": "HIDDEN_DUE_TO_SECURITY_REASONS"}}
