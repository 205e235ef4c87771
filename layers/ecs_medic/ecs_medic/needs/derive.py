"""Derives what this very task needs: never a fixed list, always its own task definition."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import TaskDefinition
from ecs_medic.facts.fact import Known
from ecs_medic.facts.same import Same
from ecs_medic.finding import Phase
from ecs_medic.incident import Incident, Kind
from ecs_medic.needs.carriers import carriers
from ecs_medic.needs.exec import exec_needs
from ecs_medic.needs.file_systems import file_system_needs
from ecs_medic.needs.images import image_needs
from ecs_medic.needs.logs import log_needs
from ecs_medic.needs.need import Need, Purpose
from ecs_medic.needs.secrets import environment_file_needs, secret_needs
from ecs_medic.needs.surroundings import Surroundings

_SHARED_PURPOSES = frozenset({Purpose.REGISTRY_AUTH, Purpose.IMAGE_LAYERS})
"""Once for the whole task and destination, however many containers it has."""


def needs_of(facts: Facts, *, for_exec: bool = False) -> tuple[Need, ...]:
    """Everything that the task needs from the network and from IAM, in the order in which a start needs it.

    ECS Exec's needs are there where it is enabled on the task or the service, or with `for_exec`. Nothing is needed
    of which nothing is known: without a task definition the answer is empty.
    """
    return _needs_of(Same(facts), for_exec)


@lru_cache(maxsize=8)
def _needs_of(same: Same[Facts], for_exec: bool) -> tuple[Need, ...]:
    """Worked out once: most rules ask for them."""
    facts = same.value
    if not isinstance(facts.task_definition, Known):
        return ()
    definition = facts.task_definition.value
    buckets = {name: fact.value for name, fact in facts.bucket_regions.items() if isinstance(fact, Known)}
    arns = {written: fact.value.arn for written, fact in facts.secrets.items() if isinstance(fact, Known)}
    around = Surroundings(facts.account, facts.region, facts.partition, carriers(facts, definition), buckets, arns)
    needs = [*_start_needs(definition, around), *file_system_needs(definition, facts, around)]
    if for_exec or _exec_enabled(facts):
        task = facts.task.value if isinstance(facts.task, Known) else None
        cluster = facts.cluster.value if isinstance(facts.cluster, Known) else None
        configuration = cluster.exec_configuration if cluster else None
        needs.extend(exec_needs(task.arn if task else definition.name, configuration, around, facts.encryption_keys))
    return tuple(sorted(_distinct(needs), key=lambda need: need.phase))


def blocking_needs(incident: Incident, needs: Iterable[Need]) -> tuple[Need, ...]:
    """The needs without which this symptom persists: an exec's for a failed exec, a start's for everything else.

    A mount that failed needs its file system and nothing else; where the message is about something else, what the
    mount needs was not read.
    """
    if is_about_exec(incident):
        return tuple(need for need in needs if need.phase is Phase.EXEC)
    if is_about_file_systems(incident):
        return tuple(need for need in needs if need.purpose is Purpose.FILE_SYSTEM)
    return tuple(need for need in needs if need.phase <= Phase.LOGS and need.purpose is not Purpose.FILE_SYSTEM)


def is_about_file_systems(incident: Incident) -> bool:
    """Whether an EFS volume could not be mounted."""
    return incident.symptom.startswith("efs_")


def is_about_exec(incident: Incident) -> bool:
    """Whether a session failed, not a start."""
    return incident.kind is Kind.EXEC_ERROR or incident.symptom.startswith("exec_")


def _start_needs(definition: TaskDefinition, around: Surroundings) -> Iterator[Need]:
    for container in definition.containers:
        yield from image_needs(container, around)
        yield from secret_needs(container, around)
        yield from environment_file_needs(container, around)
        yield from log_needs(container, around)


def _exec_enabled(facts: Facts) -> bool:
    """The task's own flag decides; the service's speaks only for tasks that were not read."""
    if isinstance(facts.task, Known) and facts.task.value.enable_execute_command is not None:
        return facts.task.value.enable_execute_command
    return isinstance(facts.service, Known) and facts.service.value.enable_execute_command


def _distinct(needs: Iterable[Need]) -> tuple[Need, ...]:
    kept: dict[tuple[object, ...], Need] = {}
    for need in needs:
        once = need.purpose in _SHARED_PURPOSES
        key = (need.purpose, need.destination, need.phase) + (() if once else (need.subject, need.container))
        kept.setdefault(key, need)
    return tuple(kept.values())
