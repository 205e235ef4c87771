"""The network interface of an awsvpc task: created with it, deleted when it stops."""

import ipaddress
from typing import Any

from moto.ec2.utils import random_public_ip

from sandbox.ecs.name_resolution import enabled
from sandbox.ecs.packet_walk import Interface
from sandbox.ecs.task import Task
from sandbox.ecs.world import World, uuid

RESERVED_AT_START = 4
"""AWS keeps the first four addresses of a subnet, and the last one."""


class SubnetFullError(Exception):
    """No address of the subnet is free; the message is EC2's."""


def attach(world: World, awsvpc: dict[str, Any]) -> tuple[dict[str, Any], Interface]:
    """Creates the interface in the first subnet; returns the task's attachment and what the walk starts from.

    Without security groups the VPC's default group applies.
    """
    ec2 = world.ec2
    subnet = ec2.get_subnet(awsvpc["subnets"][0])
    groups = awsvpc.get("securityGroups") or [ec2.get_default_security_group(subnet.vpc_id).id]
    eni = ec2.create_network_interface(
        subnet=subnet,
        private_ip_address=_free_address(ec2, subnet),
        group_ids=groups,
        description=f"arn:aws:ecs:{world.region}:{world.account}:attachment/{uuid()}",
        ipv6_address_count=1 if enabled(subnet.assign_ipv6_address_on_creation) else 0,
    )
    eni.status = "in-use"
    eni.device_index = 1
    if awsvpc.get("assignPublicIp") == "ENABLED":
        eni.public_ip = random_public_ip()
    attachment = {
        "id": uuid(),
        "type": "ElasticNetworkInterface",
        "status": "ATTACHED",
        "details": [
            {"name": "subnetId", "value": subnet.id},
            {"name": "networkInterfaceId", "value": eni.id},
            {"name": "macAddress", "value": eni.mac_address},
            {"name": "privateDnsName", "value": _private_name(eni.private_ip_address, world.region)},
            {"name": "privateIPv4Address", "value": eni.private_ip_address},
        ],
    }
    return attachment, start_of(eni)


def of(world: World, task: Task) -> Interface | None:
    """The interface of a task that still has one; security groups as they are on the interface now."""
    eni = world.ec2.enis.get(task.eni_detail("networkInterfaceId"))
    return None if eni is None else start_of(eni)


def start_of(eni: Any) -> Interface:
    """What a walk from this interface starts from."""
    groups = tuple(group.id for group in eni.group_set)
    six = next(iter(eni.ipv6_addresses), None)
    return Interface(eni.subnet.id, eni.private_ip_address, groups, eni.public_ip, ipv6=six)


def release(world: World, task: Task) -> None:
    """Deletes the interface; the attachment and its details stay with the task."""
    for attachment in task.attachments:
        attachment["status"] = "DELETED"
    if (eni_id := task.eni_detail("networkInterfaceId")) in world.ec2.enis:
        world.ec2.delete_network_interface(eni_id)


def _free_address(ec2: Any, subnet: Any) -> str:
    taken = {eni.private_ip_address for eni in ec2.enis.values() if eni.subnet.id == subnet.id}
    hosts = ipaddress.IPv4Network(subnet.cidr_block)
    half, last = hosts.num_addresses // 2, hosts.num_addresses - 1
    # From the upper half first, so that addresses of tasks and of endpoints do not look alike.
    for offset in (*range(max(RESERVED_AT_START, half), last), *range(RESERVED_AT_START, half)):
        if (address := str(hosts.network_address + offset)) not in taken:
            return address
    raise SubnetFullError("The specified subnet does not have enough free addresses to satisfy the request.")


def _private_name(address: str, region: str) -> str:
    return f"ip-{address.replace('.', '-')}.{region}.compute.internal"
