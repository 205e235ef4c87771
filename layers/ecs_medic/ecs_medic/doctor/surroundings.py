"""Where this process runs: in a container of an ECS task, on an EC2 instance, or elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ecs_medic.doctor.bounded import at_once
from ecs_medic.doctor.instance_metadata import InstanceHere, instance_here
from ecs_medic.doctor.task_metadata import TaskHere, task_here
from ecs_medic_notify import Task

_LONGEST = 1.0
"""Seconds for one question to a metadata endpoint: they are on this machine or next to it."""
_EXEC_AGENT = ("managed-agents/execute-command", "ecs-execute-command-*")
"""Where ECS puts the agent of ECS Exec into a container that has it: on Fargate, and on EC2.

Source: https://github.com/aws/amazon-ecs-agent (agent/engine/execcmd), and containers as they are.
"""


class Where(StrEnum):
    """The kind of place."""

    TASK = "task"
    EC2 = "ec2"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the place. `exec_enabled`: the agent of ECS Exec is in this container."""

    where: Where
    task: TaskHere | None = None
    instance: InstanceHere | None = None
    exec_enabled: bool = False

    @property
    def spoken(self) -> str:
        """The place in a few words."""
        if self.task is not None:
            return f"a container of {self._family}" if self.task.problem is None else "a container of a task"
        if self.instance is not None:
            return f"the EC2 instance {self.instance.instance_id or ''}".strip()
        return "a machine that is neither an ECS task nor an EC2 instance"

    @property
    def _family(self) -> str:
        task = self.task.task if self.task else None
        name = ":".join(part for part in (task.family, task.revision) if part) if task else ""
        return f"the task {name}" if name else "a task"


def surroundings(environment: Mapping[str, str], seconds: float, root: Path = Path("/")) -> Surroundings:
    """Asks both metadata endpoints at the same time; the one that does not exist costs its time-out."""
    each = min(seconds, _LONGEST)
    jobs: dict[str, Callable[[], TaskHere | InstanceHere | None]] = {
        "task": lambda: task_here(environment),
        "instance": lambda: instance_here(environment, each),
    }
    found = at_once(jobs, 3 * each)
    here = found["instance"] if isinstance(found["instance"], InstanceHere) else None
    if isinstance(found["task"], TaskHere):
        return Surroundings(Where.TASK, found["task"], here, _has_exec_agent(root))
    if found["task"] is not None:
        late = TaskHere(Task(), problem=f"no whole answer within {3 * each:.1f} s")
        return Surroundings(Where.TASK, late, here, _has_exec_agent(root))
    return Surroundings(Where.ELSEWHERE if here is None else Where.EC2, None, here)


def _has_exec_agent(root: Path) -> bool:
    return any(any(root.glob(pattern)) for pattern in _EXEC_AGENT)
