"""Tasks that cannot mount what they store on."""

from collections.abc import Mapping
from typing import Any

from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy
from sandbox.gallery.observe import stopped
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench
from sandbox.json_types import Json

NFS = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049}
OTHER_ZONE_CIDR = "10.0.5.0/24"


def efs_security_group_closed(bench: Workbench) -> Scenario:
    """The mount target's security group admits nobody on 2049."""
    network = net.with_endpoints(bench, "gallery")
    group = _group(bench, network, "mounts")
    system, target = _file_system(bench, network.endpoint_subnet, group)
    params: dict[str, Json] = {"file_system_id": system, "mount_target_id": target, "security_group_ids": [group]}
    title = "The file system's mount target admits no NFS"
    return _mounted(bench, "efs_security_group_closed", title, (network, system), ("efs_unreachable", params))


def efs_no_mount_target_in_zone(bench: Workbench) -> Scenario:
    """The file system has a mount target, but in another zone than the task."""
    network = net.with_endpoints(bench, "archive")
    zone = f"{net.ZONE[:-1]}b"
    other = bench.client("ec2").create_subnet(VpcId=network.vpc, CidrBlock=OTHER_ZONE_CIDR, AvailabilityZone=zone)
    group = _group(bench, network, "mounts")
    _admit(bench, group, network.task_group)
    system, _ = _file_system(bench, other["Subnet"]["SubnetId"], group)
    params: dict[str, Json] = {"file_system_id": system, "zone": net.ZONE}
    title = "The file system has no mount target in the task's zone"
    return _mounted(bench, "efs_no_mount_target_in_zone", title, (network, system), ("efs_unreachable", params))


def efs_access_point_missing(bench: Workbench) -> Scenario:
    """The volume names an access point that was deleted."""
    network = net.with_endpoints(bench, "uploads")
    group = _group(bench, network, "mounts")
    _admit(bench, group, network.task_group)
    system, _ = _file_system(bench, network.endpoint_subnet, group)
    efs = bench.client("efs")
    point = efs.create_access_point(FileSystemId=system, ClientToken="uploads")["AccessPointId"]
    efs.delete_access_point(AccessPointId=point)
    title = "The volume's access point does not exist"
    placed = ("efs_path_missing", {"file_system_id": system, "access_point_id": point})
    return _mounted(bench, "efs_access_point_missing", title, (network, system), placed, access_point=point)


def _mounted(  # noqa: PLR0917 - a row of a table
    bench: Workbench,
    name: str,
    title: str,
    built: tuple[net.Network, str],
    expected: tuple[str, Mapping[str, Json]],
    access_point: str | None = None,
) -> Scenario:
    network, system = built
    service = name.replace("_", "-")
    configuration: dict[str, Any] = {"fileSystemId": system}
    if access_point:
        configuration |= {
            "transitEncryption": "ENABLED",
            "authorizationConfig": {"accessPointId": access_point, "iam": "DISABLED"},
        }
    volumes = [{"name": "data", "efsVolumeConfiguration": configuration}]
    deploy(bench, Application(service, network, volumes=volumes))
    cause, params = expected
    return Scenario(
        name=name,
        title=title,
        trigger="the service starts a task, which has to mount its volume first",
        event=stopped(bench, service),
        cause=cause,
        params=params,
        cluster=CLUSTER,
        service=service,
        resources=network.ids(),
    )


def _file_system(bench: Workbench, subnet: str, group: str) -> tuple[str, str]:
    efs = bench.client("efs")
    system = str(efs.create_file_system(CreationToken=subnet)["FileSystemId"])
    target = efs.create_mount_target(FileSystemId=system, SubnetId=subnet, SecurityGroups=[group])
    return system, str(target["MountTargetId"])


def _group(bench: Workbench, network: net.Network, name: str) -> str:
    answer = bench.client("ec2").create_security_group(VpcId=network.vpc, GroupName=name, Description=name)
    return str(answer["GroupId"])


def _admit(bench: Workbench, group: str, client: str) -> None:
    rule = {**NFS, "UserIdGroupPairs": [{"GroupId": client}]}
    bench.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])


BUILDERS: tuple[Builder, ...] = (efs_security_group_closed, efs_no_mount_target_in_zone, efs_access_point_missing)
