"""The task's EFS volumes with what was read of their file systems: what every rule on mounts asks first."""

from collections.abc import Iterator
from dataclasses import dataclass

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import EfsVolume
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown
from ecs_medic.facts.storage import FileSystem
from ecs_medic.finding import Evidence, JsonValue, NotChecked
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_file_systems
from ecs_medic.needs.need import Purpose
from ecs_medic.rules.network.paths import NeedPath, paths_of
from ecs_medic.vocabulary import Id


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume, its file system, and the way to the mount target that its name leads to."""

    volume: EfsVolume
    system: Fact[FileSystem]
    way: NeedPath | None


def mounts(incident: Incident, facts: Facts) -> tuple[Mount, ...]:
    """One for each volume of a task that failed to mount; none for any other failure."""
    if not is_about_file_systems(incident) or not isinstance(facts.task_definition, Known):
        return ()
    ways = {
        one.need.subject: one for one in paths_of(incident, facts).blocking if one.need.purpose is Purpose.FILE_SYSTEM
    }
    return tuple(
        Mount(volume, facts.file_systems.get(volume.file_system_id, NOT_READ), ways.get(volume.file_system_id))
        for volume in facts.task_definition.value.efs_volumes
    )


def not_read(cause: Id, fact: Fact[object]) -> Iterator[NotChecked]:
    """That something which was asked for was not answered."""
    if isinstance(fact, Unknown) and fact is not NOT_READ:
        yield NotChecked(cause, fact.reason, fact.missing_permission)


def definition_not_read(cause: Id, incident: Incident, facts: Facts) -> Iterator[NotChecked]:
    """That the task definition, which alone names the file systems, is unknown."""
    if is_about_file_systems(incident):
        yield from not_read(cause, facts.task_definition)


def mount_params(mount: Mount, incident: Incident, facts: Facts) -> dict[str, JsonValue]:
    """Which volume of which task."""
    params: dict[str, JsonValue] = {
        "file_system_id": mount.volume.file_system_id,
        "volume": mount.volume.name,
        "access_point_id": mount.volume.access_point_id,
        "task_arn": incident.task_arn,
        "cluster": incident.cluster,
        "service": incident.service,
        "region": facts.region,
        "account": facts.account,
        "partition": facts.partition,
    }
    return {name: value for name, value in params.items() if value is not None}


def words(incident: Incident) -> tuple[Evidence, ...]:
    """What AWS said."""
    said = incident.message.stopped_reason or incident.message.container_reason
    return (Evidence("event", incident.task_arn or incident.cluster, said),) if said else ()


def absent_evidence(fact: Absent, resource: str) -> Evidence:
    """That AWS answered that there is no such thing."""
    return Evidence(fact.source, resource, fact.detail or "not found")
