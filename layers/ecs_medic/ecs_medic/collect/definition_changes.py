"""How two revisions of a task definition differ in what can keep a task from running. Names only, never values."""

from collections.abc import Iterable, Iterator, Mapping

from ecs_medic.facts.ecs import ContainerDefinition, TaskDefinition

_OF_THE_TASK = {
    "network_mode": "networkMode",
    "task_role_arn": "taskRoleArn",
    "execution_role_arn": "executionRoleArn",
    "pid_mode": "pidMode",
    "cpu": "cpu",
    "memory": "memory",
    "cpu_architecture": "cpuArchitecture",
    "operating_system": "operatingSystemFamily",
    "ephemeral_storage_gib": "ephemeralStorage",
}
_OF_A_CONTAINER = {
    "image": "image",
    "cpu": "cpu",
    "memory": "memory",
    "memory_reservation": "memoryReservation",
    "essential": "essential",
    "readonly_root_filesystem": "readonlyRootFilesystem",
    "stop_timeout": "stopTimeout",
}


def differences(before: TaskDefinition, after: TaskDefinition) -> Iterator[str]:
    """Each difference in words, the task's own first, then container by container."""
    for name, label in _OF_THE_TASK.items():
        yield from _changed(label, getattr(before, name), getattr(after, name))
    yield from _set("EFS volumes", (one.name for one in before.efs_volumes), (one.name for one in after.efs_volumes))
    old = {one.name: one for one in before.containers}
    new = {one.name: one for one in after.containers}
    yield from _set("containers", old, new)
    for name in old.keys() & new.keys():
        yield from (f"container {name}: {words}" for words in _container(old[name], new[name]))


def _container(before: ContainerDefinition, after: ContainerDefinition) -> Iterator[str]:
    for name, label in _OF_A_CONTAINER.items():
        yield from _changed(label, getattr(before, name), getattr(after, name))
    yield from _named("environment", before.environment, after.environment)
    yield from _named(
        "secrets",
        {one.name: one.value_from for one in before.secrets},
        {one.name: one.value_from for one in after.secrets},
    )
    yield from _set("environment files", before.environment_files, after.environment_files)
    yield from _changed("repositoryCredentials", before.repository_credentials, after.repository_credentials)
    old, new = before.log_configuration, after.log_configuration
    yield from _changed("log driver", old.driver if old else None, new.driver if new else None)
    if old and new and old.driver == new.driver:
        yield from _log_options(old.options, new.options)


def _log_options(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Options of awslogs hold no secrets; those of other drivers may."""
    for name in sorted(before.keys() | after.keys()):
        if name.startswith("awslogs-"):
            yield from _changed(name, before.get(name), after.get(name))
        elif before.get(name) != after.get(name):
            yield f"log option {name} changed"


def _changed(label: str, before: object, after: object) -> Iterator[str]:
    if before != after:
        yield f"{label}: {_shown(before)} → {_shown(after)}"


def _named(label: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Which names came, went, or have another value; the values stay where they are."""
    yield from _set(label, before, after)
    changed = sorted(name for name in before.keys() & after.keys() if before[name] != after[name])
    if changed:
        yield f"{label}: {', '.join(changed)} changed"


def _set(label: str, before: Iterable[str], after: Iterable[str]) -> Iterator[str]:
    old, new = set(before), set(after)
    if added := sorted(new - old):
        yield f"{label}: {', '.join(added)} added"
    if removed := sorted(old - new):
        yield f"{label}: {', '.join(removed)} removed"


def _shown(value: object) -> str:
    return "none" if value is None else str(value)
