"""The directory, or the access point, that the volume mounts does not exist.

EFS tells nobody what directories it holds: only an access point can be looked up.
Source: https://docs.aws.amazon.com/efs/latest/ug/enforce-root-directory-access-point.html
"""

from collections.abc import Iterable, Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.storage.mounts import (
    Mount,
    absent_evidence,
    definition_not_read,
    mount_params,
    mounts,
    not_read,
    words,
)
from ecs_medic.vocabulary import Id

_CAUSE = Id.EFS_PATH_MISSING


def efs_path_missing(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain for an access point that EFS does not know; a directory is what AWS's message says."""
    yield from definition_not_read(_CAUSE, incident, facts)
    for mount in mounts(incident, facts):
        identifier = mount.volume.access_point_id
        if identifier:
            yield from _by_access_point(mount, identifier, incident, facts)
        else:
            yield from _by_directory(mount, incident, facts)


def _by_access_point(mount: Mount, identifier: str, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    point = facts.access_points.get(identifier, NOT_READ)
    yield from not_read(_CAUSE, point)
    if isinstance(point, Absent):
        gone = (absent_evidence(point, identifier),)
        yield _finding(mount, f"access point {identifier} does not exist", gone, Confidence.CONFIRMED, incident, facts)
    elif isinstance(point, Known) and (point.value.creates_path or point.value.root_directory == "/"):
        how = "is the root" if point.value.root_directory == "/" else "is created on the first mount"
        observed = f"its root directory {point.value.root_directory} {how}"
        yield RuledOut(_CAUSE, (Evidence(point.source, identifier, observed),))
    elif isinstance(point, Known) and incident.symptom is _CAUSE:
        observed = f"its root directory {point.value.root_directory} has no creation info: EFS does not create it"
        seen = (Evidence(point.source, identifier, observed), *words(incident))
        why = f"{point.value.root_directory}, the root of access point {identifier}, does not exist"
        yield _finding(mount, why, seen, Confidence.LIKELY, incident, facts)


def _by_directory(mount: Mount, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    directory = mount.volume.root_directory or "/"
    seen = Evidence(facts.task_definition.source, mount.volume.name, f"rootDirectory {directory}")
    if directory == "/":
        yield RuledOut(_CAUSE, (seen,))
    elif incident.symptom is _CAUSE:
        why = f"directory {directory} does not exist in it"
        yield _finding(mount, why, (seen, *words(incident)), Confidence.LIKELY, incident, facts)


def _finding(  # noqa: PLR0917 - what was seen, and where
    mount: Mount, why: str, seen: tuple[Evidence, ...], confidence: Confidence, incident: Incident, facts: Facts
) -> Finding:
    params = mount_params(mount, incident, facts)
    if mount.volume.root_directory:
        params["root_directory"] = mount.volume.root_directory
    return Finding(
        cause=_CAUSE,
        confidence=confidence,
        summary=f"Volume {mount.volume.name} ({mount.volume.file_system_id}) cannot be mounted: {why}.",
        subject=mount.volume.file_system_id,
        phase=Phase.STORAGE,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=seen,
    )
