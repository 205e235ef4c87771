"""How the task's containers ended: what every rule on exit codes asks first."""

from collections.abc import Iterator
from dataclasses import dataclass

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Container, Task
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown
from ecs_medic.finding import Confidence, Evidence, JsonValue, NotChecked
from ecs_medic.incident import Incident
from ecs_medic.symptoms.of_task import failed_container
from ecs_medic.vocabulary import Id

DESCRIBED = "ecs:DescribeTasks"
BY_ITSELF = "EssentialContainerExited"
"""The stop code of a task that ended because one of its essential containers did."""
SIGKILL = 137
CRASHES = {
    132: "illegal instruction",
    134: "abort",
    135: "bus error",
    136: "arithmetic error",
    139: "segmentation fault",
}
"""128 + SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV."""
NOT_EXECUTABLE = {126: "cannot be executed", 127: "was not found"}
"""What shells and container runtimes answer for a command."""
_FROM_OUTSIDE = frozenset({130, SIGKILL, 143})
_MOST_LINES = 5
_LONGEST_LINE = 300


@dataclass(frozen=True, slots=True)
class Ended:
    """The essential container whose end ended the task; `sure` unless another's end may have come first."""

    task: Task
    container: Container
    sure: bool


def ended(facts: Facts) -> Ended | None:
    """The container that ended by itself; None where nothing of the kind is known, or something else stopped the task.

    A container that is left alone with 137 or 143 beside one that ended with 0 was mostly stopped by ECS after it.
    """
    if not isinstance(facts.task, Known):
        return None
    task = facts.task.value
    if task.stop_code not in {None, BY_ITSELF} or task.last_status not in {None, "STOPPED"}:
        return None
    found = tuple(one for one in essential(facts, task) if one.exit_code is not None)
    first = failed_container(found)
    if first is None:
        return None
    if first.exit_code in _FROM_OUTSIDE and not first.reason:
        clean = next((one for one in found if one.exit_code == 0), None)
        return Ended(task, clean or first, sure=clean is None and len(found) == 1)
    return Ended(task, first, sure=True)


def essential(facts: Facts, task: Task) -> tuple[Container, ...]:
    """The containers without which the task ends; all of them where the task definition was not read."""
    if not isinstance(facts.task_definition, Known):
        return task.containers
    definition = facts.task_definition.value
    names = {one.name for one in definition.containers if one.essential}
    return tuple(one for one in task.containers if one.name in names)


def is_out_of_memory(container: Container) -> bool:
    """Whether ECS itself says that a memory limit killed it."""
    return "outofmemory" in (container.reason or "").lower().replace(" ", "")


def shown(facts: Facts) -> Confidence:
    """What the task's own state is worth: AWS was asked for it, or the event alone tells."""
    return Confidence.CONFIRMED if facts.task.source == DESCRIBED else Confidence.LIKELY


def exit_evidence(facts: Facts, container: Container) -> Evidence:
    """The container's end, as it was seen."""
    parts = [f"exit code {container.exit_code}"] if container.exit_code is not None else []
    parts += [container.reason] if container.reason else []
    return Evidence(facts.task.source, container.name, "; ".join(parts) or "it ended")


def log_evidence(facts: Facts, container: str) -> tuple[Evidence, ...]:
    """The container's last lines, where they were read."""
    tail = facts.log_tail
    if not isinstance(tail, Known) or tail.value.container != container:
        return ()
    lines = [line[:_LONGEST_LINE] for line in tail.value.lines if line.strip()][-_MOST_LINES:]
    observed = "its last lines:\n" + "\n".join(lines) if lines else "it wrote no line"
    return (Evidence(tail.source, tail.value.stream, observed),)


def log_not_read(facts: Facts, container: str) -> Iterator[NotChecked]:
    """That the container's own words are missing, and why."""
    tail = facts.log_tail
    if isinstance(tail, Absent):
        yield NotChecked(f"the last log lines of container {container}", tail.detail or "there are none")
    elif isinstance(tail, Unknown) and tail is not NOT_READ:
        yield NotChecked(f"the last log lines of container {container}", tail.reason, tail.missing_permission)


def task_not_read(cause: Id, facts: Facts) -> Iterator[NotChecked]:
    """That the task itself could not be read."""
    fact: Fact[Task] = facts.task
    if isinstance(fact, Unknown) and fact is not NOT_READ:
        yield NotChecked(cause, fact.reason, fact.missing_permission)


def container_params(incident: Incident, facts: Facts, container: str) -> dict[str, JsonValue]:
    """Which container of which task, and where its lines are."""
    task = facts.task.value if isinstance(facts.task, Known) else None
    params: dict[str, JsonValue] = {
        "container": container,
        "task_arn": (task.arn if task else None) or incident.task_arn,
        "cluster": incident.cluster,
        "service": incident.service or (task.service_name if task else None),
        "region": incident.region,
        **_log_params(facts, container, task),
    }
    return {name: value for name, value in params.items() if value is not None}


def _log_params(facts: Facts, container: str, task: Task | None) -> dict[str, JsonValue]:
    tail = facts.log_tail
    if isinstance(tail, Known) and tail.value.container == container:
        where = tail.value
        return {"log_group": where.group, "log_stream": where.stream, "log_region": where.region}
    definition = facts.task_definition.value.container(container) if isinstance(facts.task_definition, Known) else None
    configuration = definition.log_configuration if definition else None
    options = configuration.options if configuration and configuration.driver == "awslogs" else {}
    prefix = options.get("awslogs-stream-prefix")
    return {
        "log_group": options.get("awslogs-group"),
        "log_region": (options.get("awslogs-region") or facts.region) if options else None,
        "log_stream": f"{prefix}/{container}/{task.id}" if prefix and task else None,
    }
