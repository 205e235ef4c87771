"""EFS refuses the mount: by the task role, by the file system's policy, or because the access point is another's.

Source: https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
"""

from collections.abc import Iterable, Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known, Unknown
from ecs_medic.finding import Confidence, Evidence, Finding, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import carriers
from ecs_medic.policies.evaluate import Decision, evaluate
from ecs_medic.policies.permission import Standing, permission
from ecs_medic.rules.storage.mounts import Mount, definition_not_read, mount_params, mounts, not_read
from ecs_medic.vocabulary import Id

_CAUSE = Id.EFS_ACCESS_DENIED
_MOUNT = "elasticfilesystem:ClientMount"


def efs_access_denied(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each volume: first the access point, then the policies that have a say."""
    yield from definition_not_read(_CAUSE, incident, facts)
    for mount in mounts(incident, facts):
        foreign = _foreign_access_point(mount, incident, facts)
        if foreign is not None:
            yield foreign
            continue
        yield from _by_policies(mount, incident, facts)


def _foreign_access_point(mount: Mount, incident: Incident, facts: Facts) -> Finding | None:
    point = facts.access_points.get(mount.volume.access_point_id or "", NOT_READ)
    if not isinstance(point, Known) or point.value.file_system_id == mount.volume.file_system_id:
        return None
    observed = f"belongs to {point.value.file_system_id}, and the volume mounts {mount.volume.file_system_id}"
    seen = Evidence(point.source, point.value.id, observed)
    return _finding(mount, f"access point {point.value.id} {observed}", (seen,), Confidence.CONFIRMED, incident, facts)


def _by_policies(mount: Mount, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """EFS lets everybody mount where the file system has no policy; with one, somebody has to allow it."""
    system = mount.system
    yield from not_read(_CAUSE, system)
    if not isinstance(system, Known):
        return
    policy = system.value.policy
    yield from not_read(_CAUSE, policy)
    identifier = mount.volume.file_system_id
    if isinstance(policy, Absent):
        yield RuledOut(_CAUSE, (Evidence(policy.source, identifier, "no file system policy: every client may mount"),))
        return
    if not isinstance(policy, Known) or not isinstance(facts.task_definition, Known):
        return
    role = carriers(facts, facts.task_definition.value).task_role if mount.volume.iam else None
    arn = f"arn:{facts.partition}:elasticfilesystem:{facts.region}:{facts.account}:file-system/{identifier}"
    decision = evaluate((policy.value,), _MOUNT, arn, principal=role or "*", context=_context(mount, facts))
    seen = Evidence(
        policy.source, identifier, f"its policy: {_WORDS[decision]} {_MOUNT} for {role or 'anonymous clients'}"
    )
    if decision is Decision.ALLOWED:
        yield RuledOut(_CAUSE, (seen,))
    elif decision is Decision.EXPLICIT_DENY:
        yield _finding(mount, "the file system's policy denies it", (seen,), Confidence.CONFIRMED, incident, facts)
    elif decision is Decision.UNDECIDED:
        yield NotChecked(_CAUSE, "the file system's policy has conditions that cannot be judged from here")
    else:
        yield from _without_the_policys_help(mount, (role, arn), seen, incident, facts)


_WORDS = {
    Decision.ALLOWED: "allows",
    Decision.EXPLICIT_DENY: "denies",
    Decision.IMPLICIT_DENY: "does not allow",
    Decision.UNDECIDED: "leaves open",
}


def _without_the_policys_help(
    mount: Mount, whom: tuple[str | None, str], seen: Evidence, incident: Incident, facts: Facts
) -> Iterator[Outcome]:
    role, arn = whom
    if role is None:
        why = "its policy admits only clients that it knows, and the volume mounts without IAM authorization"
        yield _finding(mount, why, (seen,), Confidence.CONFIRMED, incident, facts)
        return
    own = permission(facts.role(role), _MOUNT, arn)
    if own.standing is Standing.ALLOWED:
        yield RuledOut(_CAUSE, own.evidence)
    elif own.standing is Standing.DENIED:
        why = f"neither the file system's policy nor {role.rsplit('/', 1)[-1]} allows it"
        confidence = Confidence.CONFIRMED if own.shown else Confidence.LIKELY
        yield _finding(mount, why, (seen, *own.evidence), confidence, incident, facts)
    elif isinstance(own.unread, Unknown):
        yield from not_read(_CAUSE, own.unread)


def _context(mount: Mount, facts: Facts) -> dict[str, str]:
    """The condition keys that are known: ECS mounts through a mount target, and encrypts wherever IAM is used."""
    context = {"elasticfilesystem:AccessedViaMountTarget": "true"}
    if mount.volume.iam:
        context["aws:SecureTransport"] = "true"
    if mount.volume.access_point_id:
        context["elasticfilesystem:AccessPointArn"] = (
            f"arn:{facts.partition}:elasticfilesystem:{facts.region}:{facts.account}:access-point/"
            f"{mount.volume.access_point_id}"
        )
    return context


def _finding(  # noqa: PLR0917 - what was seen, and where
    mount: Mount, why: str, seen: tuple[Evidence, ...], confidence: Confidence, incident: Incident, facts: Facts
) -> Finding:
    params = mount_params(mount, incident, facts)
    return Finding(
        cause=_CAUSE,
        confidence=confidence,
        summary=f"EFS does not let the task mount {mount.volume.file_system_id} (volume {mount.volume.name}): {why}.",
        subject=mount.volume.file_system_id,
        phase=Phase.STORAGE,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=seen,
    )
