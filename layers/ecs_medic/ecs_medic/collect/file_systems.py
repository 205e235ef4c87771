"""The EFS file systems that the task definition mounts: mount targets, access points, and policies.

Sources: https://docs.aws.amazon.com/efs/latest/ug/API_DescribeMountTargets.html, API_DescribeAccessPoints.html and
API_DescribeFileSystemPolicy.html. A mount target's security groups are those of its network interface
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html), so that one call reads them
for all mount targets.
"""

from dataclasses import replace

from ecs_medic.aws.call import Call
from ecs_medic.collect.iam import document_from
from ecs_medic.collect.network import interface_from, items_of, only_item
from ecs_medic.collect.question import Answers, Questions, answer_to
from ecs_medic.facts.ecs import TaskDefinition
from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.facts.iam import PolicyDocument
from ecs_medic.facts.reading import Json, mapping, text
from ecs_medic.facts.storage import AccessPoint, FileSystem, MountTarget


def questions(definition: TaskDefinition, *, network: bool, access: bool) -> Questions:
    """`network`: the mount targets; `access`: the policy and the access points."""
    asked: Questions = {}
    for identifier in file_system_ids(definition):
        if network:
            asked["mount_targets", identifier] = Call(
                "efs", "DescribeMountTargets", {"FileSystemId": identifier}, items="MountTargets"
            )
        if access:
            asked["file_system_policy", identifier] = Call(
                "efs", "DescribeFileSystemPolicy", {"FileSystemId": identifier}
            )
    if access:
        for volume in definition.efs_volumes:
            if volume.access_point_id:
                asked["access_point", volume.access_point_id] = Call(
                    "efs", "DescribeAccessPoints", {"AccessPointId": volume.access_point_id}
                )
    return asked


def questions_about_interfaces(vpc_id: str) -> Questions:
    """Every mount target's network interface in the VPC: by kind, since their ids would be known a wave later."""
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "interface-type", "Values": ["efs"]}]
    return {
        ("mount_target_interfaces", vpc_id): Call(
            "ec2", "DescribeNetworkInterfaces", {"Filters": filters}, items="NetworkInterfaces"
        )
    }


def file_system_ids(definition: TaskDefinition) -> tuple[str, ...]:
    """Each file system once."""
    return tuple(dict.fromkeys(volume.file_system_id for volume in definition.efs_volumes if volume.file_system_id))


def file_systems_from(definition: Fact[TaskDefinition], answers: Answers) -> dict[str, Fact[FileSystem]]:
    """Each file system of which anything was asked; absent where EFS says that there is none."""
    if not isinstance(definition, Known):
        return {}
    return {
        identifier: _file_system(identifier, answers)
        for identifier in file_system_ids(definition.value)
        if ("mount_targets", identifier) in answers or ("file_system_policy", identifier) in answers
    }


def access_points_from(answers: Answers) -> dict[str, Fact[AccessPoint]]:
    """Each access point that was asked for."""
    return {
        key[1]: only_item(answer, "AccessPoints", f"access point {key[1]}", _access_point)
        for key, answer in answers.items()
        if key[0] == "access_point"
    }


def _file_system(identifier: str, answers: Answers) -> Fact[FileSystem]:
    asked = answer_to(answers, "mount_targets", identifier)
    targets = items_of(asked, "MountTargets", _mount_target)
    if isinstance(targets, Known):
        placed = tuple(replace(one, security_group_ids=_groups(one, answers)) for one in targets.value)
        targets = Known(placed, targets.source)
    elif not isinstance(targets, Unknown):
        # EFS answers FileSystemNotFound: there is no such file system in this account and Region.
        return targets
    policy = _policy(answer_to(answers, "file_system_policy", identifier))
    source = targets.source if isinstance(targets, Known) else policy.source
    return Known(FileSystem(identifier, targets, policy), source)


def _groups(target: MountTarget, answers: Answers) -> Fact[tuple[str, ...]]:
    answer = answer_to(answers, "mount_target_interfaces", target.vpc_id or "")
    interfaces = items_of(answer, "NetworkInterfaces", interface_from)
    if not isinstance(interfaces, Known):
        return interfaces
    found = next((one for one in interfaces.value if one.id == target.interface_id), None)
    if found is None:
        return Unknown(interfaces.source, f"the network interface of {target.id} was not among those of the VPC")
    return found.security_group_ids


def _policy(answer: Fact[Json]) -> Fact[PolicyDocument]:
    if not isinstance(answer, Known):
        return answer
    document = document_from(answer.value.get("Policy"))
    return Unknown(answer.source, "unreadable policy") if document is None else Known(document, answer.source)


def _mount_target(item: Json) -> MountTarget:
    return MountTarget(
        id=text(item, "MountTargetId") or "",
        subnet_id=text(item, "SubnetId") or "",
        vpc_id=text(item, "VpcId"),
        zone=text(item, "AvailabilityZoneName"),
        address=text(item, "IpAddress"),
        interface_id=text(item, "NetworkInterfaceId"),
        state=text(item, "LifeCycleState"),
    )


def _access_point(item: Json) -> AccessPoint:
    directory = mapping(item, "RootDirectory")
    return AccessPoint(
        id=text(item, "AccessPointId") or "",
        file_system_id=text(item, "FileSystemId") or "",
        root_directory=text(directory, "Path") or "/",
        creates_path=bool(mapping(directory, "CreationInfo")),
    )
