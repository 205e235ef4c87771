"""The EFS file systems that the task definition mounts.

A file system's name leads to the mount target in the client's own zone.
Source: https://docs.aws.amazon.com/efs/latest/ug/how-it-works.html
"""

from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import EfsVolume, TaskDefinition
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Interface
from ecs_medic.facts.storage import MountTarget
from ecs_medic.finding import Phase
from ecs_medic.needs.endpoints import dns_suffix
from ecs_medic.needs.need import Carrier, Destination, Inside, Need, Purpose
from ecs_medic.needs.surroundings import Surroundings
from ecs_medic.partition import partition_of

NFS = 2049
"""The port of a mount target."""


def file_system_needs(definition: TaskDefinition, facts: Facts, around: Surroundings) -> Iterator[Need]:
    """One for each volume; where the mount target is not known, the way to it cannot be told."""
    # Of several volumes on one file system, the one that needs a role says more.
    for volume in sorted(definition.efs_volumes, key=lambda one: not one.iam):
        identifier = volume.file_system_id
        arn = f"arn:{partition_of(around.region)}:elasticfilesystem:{around.region}:{around.account}:file-system/"
        target = mount_target_of(volume, facts, around.carriers.start)
        groups = target.security_group_ids if target else None
        yield Need(
            purpose=Purpose.FILE_SYSTEM,
            phase=Phase.STORAGE,
            carrier=around.carriers.start,
            destination=Destination(
                host=f"{identifier}.efs.{around.region}.{dns_suffix(around.region)}",
                region=around.region,
                port=NFS,
                inside=Inside(
                    resource=target.id if target else identifier,
                    address=target.address if target else None,
                    subnet_id=target.subnet_id if target else None,
                    security_group_ids=groups.value if isinstance(groups, Known) else None,
                    by_private_name=True,
                ),
            ),
            subject=identifier,
            role_arn=around.carriers.task_role if volume.iam else None,
            actions=("elasticfilesystem:ClientMount",) if volume.iam else (),
            resources=(arn + identifier,) if volume.iam else (),
        )


def mount_target_of(volume: EfsVolume, facts: Facts, carrier: Carrier) -> MountTarget | None:
    """The mount target that the volume's name leads to from the carrying interface, where all of that is known."""
    targets = mount_targets_of(volume, facts)
    zone = zone_of(facts, carrier)
    if targets is None or zone is None:
        return None
    return next((one for one in targets if one.zone == zone), None)


def mount_targets_of(volume: EfsVolume, facts: Facts) -> tuple[MountTarget, ...] | None:
    """All mount targets of the volume's file system; None where they were not read."""
    system = facts.file_systems.get(volume.file_system_id)
    if not isinstance(system, Known) or not isinstance(system.value.mount_targets, Known):
        return None
    return system.value.mount_targets.value


def zone_of(facts: Facts, carrier: Carrier) -> str | None:
    """The zone of the interface that carries the traffic: its subnet's, else the task's."""
    interface = carrying(facts, carrier)
    if interface is not None:
        subnets = facts.network_of(interface).subnets
        subnet = subnets.value.get(interface.subnet_id) if isinstance(subnets, Known) else None
        if subnet is not None and subnet.availability_zone:
            return subnet.availability_zone
    return facts.task.value.availability_zone if isinstance(facts.task, Known) else None


def carrying(facts: Facts, carrier: Carrier) -> Interface | None:
    """The carrying interface, where it is known."""
    fact = facts.task_interface if carrier is Carrier.TASK else facts.host_interface
    return fact.value if isinstance(fact, Known) else None
