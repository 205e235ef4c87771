"""How a container of the embedded account says what it would do when run: variables of its environment.

SANDBOX_EXIT_CODE=1        ends at once with this code
SANDBOX_OOM=1              is killed for want of memory
SANDBOX_UNHEALTHY=1        fails its own health check until ECS gives it up
SANDBOX_HTTP_STATUS=404    is what it answers its load balancer, instead of 200
SANDBOX_LOG=text           writes these lines to its awslogs stream
SANDBOX_EXEC_AGENT=STOPPED its ECS Exec agent is in this state (PENDING, STOPPED) instead of RUNNING
"""

from collections.abc import Mapping
from typing import Any

EXIT_CODE = "SANDBOX_EXIT_CODE"
OUT_OF_MEMORY = "SANDBOX_OOM"
UNHEALTHY = "SANDBOX_UNHEALTHY"
HTTP_STATUS = "SANDBOX_HTTP_STATUS"
LOG = "SANDBOX_LOG"
EXEC_AGENT = "SANDBOX_EXEC_AGENT"

AGENT_TAG = "sandbox:exec-agent"
"""Tagging a running task with this key sets the state of its ECS Exec agents, for this task alone."""

ATTEMPTS_TAG = "sandbox:start-attempts"
"""A service tagged so has its scheduler try this many starts before it gives the caller its answer."""


def environment(container: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, str]:
    """The container's environment as the task runs it: the definition's, then the override's."""
    values = {v["name"]: v["value"] for v in container.get("environment") or []}
    for override in overrides.get("containerOverrides", []):
        if override["name"] == container["name"]:
            values |= {v["name"]: v["value"] for v in override.get("environment", [])}
    return values
