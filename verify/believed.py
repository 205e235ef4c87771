"""What the README believes and nobody has seen on AWS. Each mark in the README has its entry here; a test compares."""

from collections.abc import Sequence
from dataclasses import dataclass

EXEC_EVENT = "exec-event"
PUSH_EVENT = "push-event"
LOGIN_EXPIRY = "login-expiry"
AGENT_PLACE = "agent-place"
RUNS_END = "runs-end"


@dataclass(frozen=True, slots=True)
class Believed:
    """One such fact. `words` stand in the README right before its mark; `unchecked` is why no step looks at it."""

    id: str
    title: str
    words: str
    unchecked: str | None = None


BELIEVED: Sequence[Believed] = (
    Believed(
        EXEC_EVENT,
        "A refused ExecuteCommand reaches EventBridge",
        "That a refused `ExecuteCommand` reaches EventBridge at all is",
    ),
    Believed(PUSH_EVENT, "A refused ECR call reaches EventBridge", "The form of a refused ECR call's event is"),
    Believed(
        LOGIN_EXPIRY, "An ECR login says when it expires", "That an ECR login carries its own expiry in the token is"
    ),
    Believed(
        AGENT_PLACE,
        "Where the agent of ECS Exec is in a container",
        "(`/managed-agents/execute-command`, `/ecs-execute-command-*`) is",
    ),
    Believed(
        RUNS_END,
        "Runs end when repairs are set back to observe",
        "Set back to `observe`, the function goes, and runs that are under way end with it",
        unchecked="it takes a second deployment in the middle of a repair; see it by hand",
    ),
)
