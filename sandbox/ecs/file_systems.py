"""Mounting a task's EFS volumes: the name, the mount target of the task's zone, NFS to it, the file system's policy.

Source: https://docs.aws.amazon.com/efs/latest/ug/how-it-works.html
"""

from typing import Any

from moto.efs.models import efs_backends

from sandbox.ecs import wording
from sandbox.ecs.name_resolution import enabled, name_servers
from sandbox.ecs.packet_walk import Interface, to_interface
from sandbox.ecs.policies import load
from sandbox.ecs.security_groups import Peer
from sandbox.ecs.world import World

NFS = 2049


def mount_failure(world: World, interface: Interface, volume: dict[str, Any]) -> str | None:
    """Why the volume cannot be mounted, in AWS's words; None where it can, or where it is none of EFS."""
    configuration = volume.get("efsVolumeConfiguration")
    if not configuration:
        return None
    identifier = configuration["fileSystemId"]
    subnet = world.ec2.get_subnet(interface.subnet_id)
    vpc = world.ec2.get_vpc(subnet.vpc_id)
    backend = efs_backends[world.account][world.region]
    target = _mount_target(backend, identifier, subnet)
    if target is None or not _knows_private_names(vpc):
        return wording.efs_unresolved(identifier, world.region)
    eni = world.ec2.enis[target.network_interface_id]
    there = Peer(eni.private_ip_address, tuple(group.id for group in eni.group_set))
    if to_interface(world.ec2, interface, (eni.subnet.id, there), NFS) is not None:
        return wording.efs_timed_out(identifier, world.region)
    point = (configuration.get("authorizationConfig") or {}).get("accessPointId")
    if point and point not in backend.access_points:
        return wording.efs_access_point_missing(point)
    if _policy_wants_iam(backend, identifier) and not _uses_iam(configuration):
        return wording.efs_denied(identifier, world.region)
    return None


def _mount_target(backend: Any, identifier: str, subnet: Any) -> Any:
    system = backend.file_systems_by_id.get(identifier)
    targets = list(system.iter_mount_targets()) if system else []
    here = (t for t in targets if t.vpc_id == subnet.vpc_id and t.availability_zone_name == subnet.availability_zone)
    return next(here, None)


def _knows_private_names(vpc: Any) -> bool:
    return enabled(vpc.enable_dns_support) and enabled(vpc.enable_dns_hostnames) and not name_servers(vpc)


def _policy_wants_iam(backend: Any, identifier: str) -> bool:
    """A policy that admits nobody but named roles; what it says in detail is not judged here."""
    policy = backend.file_systems_by_id[identifier].file_system_policy
    if not policy:
        return False
    statements = load(policy)["Statement"]
    everybody = [s for s in statements if s.get("Effect") == "Allow" and s.get("Principal") in ("*", {"AWS": "*"})]
    return not everybody


def _uses_iam(configuration: dict[str, Any]) -> bool:
    return (configuration.get("authorizationConfig") or {}).get("iam") == "ENABLED"
