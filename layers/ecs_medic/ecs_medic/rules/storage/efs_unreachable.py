"""The file system has no mount target where the task is, or NFS (2049) does not get through to it.

Sources: https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html (a mount target in each zone) and
https://docs.aws.amazon.com/efs/latest/ug/network-access.html (security groups).
"""

from collections.abc import Iterable, Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.storage import MountTarget
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.file_systems import NFS, carrying, zone_of
from ecs_medic.needs.need import Carrier
from ecs_medic.reachability.path import Hop, HopKind, Verdict
from ecs_medic.rules.network.commands import aws
from ecs_medic.rules.storage.mounts import Mount, definition_not_read, mount_params, mounts, not_read
from ecs_medic.vocabulary import Id

_CAUSE = Id.EFS_UNREACHABLE
_OURS = frozenset({HopKind.DESTINATION_SECURITY_GROUP})
"""Where the way breaks at the task's own group, an ACL or a route, the rule on that speaks."""


def efs_unreachable(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each volume's file system once."""
    yield from definition_not_read(_CAUSE, incident, facts)
    seen: set[str] = set()
    for mount in mounts(incident, facts):
        if mount.volume.file_system_id not in seen:
            seen.add(mount.volume.file_system_id)
            yield from _judged(mount, incident, facts)


def _judged(mount: Mount, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    yield from not_read(_CAUSE, mount.system)
    if not isinstance(mount.system, Known):
        return
    targets = mount.system.value.mount_targets
    yield from not_read(_CAUSE, targets)
    if not isinstance(targets, Known):
        return
    carrier = mount.way.need.carrier if mount.way else Carrier.TASK
    interface, zone = carrying(facts, carrier), zone_of(facts, carrier)
    here = [one for one in targets.value if interface is None or one.vpc_id in {None, interface.vpc_id}]
    if not here:
        where = f" in {interface.vpc_id}" if interface else ""
        yield _none(mount, f"no mount target{where}", targets.source, incident, facts)
    elif zone is None:
        yield NotChecked(_CAUSE, "which zone the task runs in is not known")
    elif not (there := [one for one in here if one.zone == zone]):
        others = ", ".join(sorted({one.zone or one.subnet_id for one in here}))
        yield _none(mount, f"no mount target in {zone}, only in {others}", targets.source, incident, facts)
    elif not there[0].available:
        yield _none(mount, f"a mount target in {zone} that is {there[0].state}", targets.source, incident, facts)
    else:
        yield from _by_way(mount, there[0], incident, facts)


def _none(mount: Mount, what: str, source: str, incident: Incident, facts: Facts) -> Finding:
    interface = carrying(facts, mount.way.need.carrier if mount.way else Carrier.TASK)
    zone = zone_of(facts, mount.way.need.carrier if mount.way else Carrier.TASK)
    params = mount_params(mount, incident, facts)
    if zone:
        params["zone"] = zone
    options = {
        "file-system-id": mount.volume.file_system_id,
        "subnet-id": interface.subnet_id if interface else "<SUBNET>",
    }
    look = aws("efs describe-mount-targets", facts.region, {"file-system-id": mount.volume.file_system_id})
    make = aws("efs create-mount-target", facts.region, {**options, "security-groups": "<SECURITY_GROUP>"})
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"{mount.volume.file_system_id} (volume {mount.volume.name}) has {what}, so the task cannot reach it.",
        subject=mount.volume.file_system_id,
        phase=Phase.STORAGE,
        fix=fix_for(_CAUSE, params, cli=(look, make)),
        params=params,
        evidence=(Evidence(source, mount.volume.file_system_id, what),),
    )


def _by_way(mount: Mount, target: MountTarget, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    if mount.way is None:
        return
    way = mount.way.path
    closed = [hop for hop in way.hops if hop.verdict is Verdict.BLOCKED]
    ours = [hop for hop in closed if hop.kind in _OURS]
    if ours:
        yield _closed(mount, target, ours[0], incident, facts)
    elif way.verdict is Verdict.OPEN:
        yield RuledOut(_CAUSE, tuple(hop.evidence for hop in way.hops))
    elif not closed:
        for hop in way.unknown_hops:
            yield NotChecked(_CAUSE, f"{hop.evidence.resource}: {hop.evidence.observed}", hop.missing_permission)


def _closed(mount: Mount, target: MountTarget, hop: Hop, incident: Incident, facts: Facts) -> Finding:
    interface = mount.way.interface if mount.way else None
    own = interface.security_group_ids.value if interface and isinstance(interface.security_group_ids, Known) else ()
    groups = hop.resource.split(",")
    params: dict[str, JsonValue] = {
        **mount_params(mount, incident, facts),
        "mount_target_id": target.id,
        "security_group_ids": list(groups),
        "port": NFS,
    }
    if own:
        params["task_security_group_id"] = own[0]
    options = {
        "group-id": groups[0],
        "protocol": "tcp",
        "port": str(NFS),
        "source-group": own[0] if own else "<TASK_SECURITY_GROUP>",
    }
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"Mount target {target.id} of {mount.volume.file_system_id} does not admit the task: "
        f"{hop.resource} {hop.evidence.observed}.",
        subject=groups[0],
        phase=Phase.STORAGE,
        fix=fix_for(_CAUSE, params, cli=(aws("ec2 authorize-security-group-ingress", facts.region, options),)),
        params=params,
        evidence=(hop.evidence,),
    )
