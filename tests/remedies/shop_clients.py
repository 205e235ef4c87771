"""Who else is in a shop's VPC: another service, instances, functions, with security groups as wide as it happens."""

import random
from typing import Any

from sandbox.gallery import Workbench
from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER
from tests.remedies.shop_grounds import Ground

NEIGHBOUR = "neighbour"
_EVERYTHING = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
_PUBLIC = ("32.0.0.0/3",)
"""Many public addresses, AWS's among them, and none of the VPC's."""
_KINDS = ("ELB app/shop/1", "AWS Lambda VPC ENI-receipts", "RDSNetworkInterface", "")


def add_clients(bench: Workbench, dice: random.Random, ground: Ground) -> str | None:
    """Interfaces in the tasks' subnets and in others; the one, if any, that has a way out and none into the VPC."""
    places = list(ground.task_subnets)
    if ground.nat:
        places.append(_subnet(bench, ground, "10.0.7.0/24", ground.nat))
    if len(ground.cidrs) > 1:
        places.append(_subnet(bench, ground, "10.1.7.0/24", ground.nat if dice.random() < 0.6 else None))
    ec2, vpc = bench.client("ec2"), ground.network.vpc
    fragile = None
    if ground.nat and dice.random() < 0.15:
        group = _group(ec2, vpc, "out-only", [{"CidrIp": one} for one in _PUBLIC])
        fragile = _interface(ec2, dice, places[len(ground.task_subnets)], group)
    narrow = {
        "all": None,
        "vpc": [{"CidrIp": one} for one in ground.cidrs],
        "first-block": [{"CidrIp": net.VPC_CIDR}],
        "s3": [{"PrefixListId": ground.s3_list}],
        "endpoints": [{"GroupId": ground.network.endpoint_group}],
        "https": [{"CidrIp": "0.0.0.0/0"}],
    }
    for name in dice.sample(list(narrow), dice.randint(2, 4)):
        group = _group(ec2, vpc, f"client-{name}", narrow[name])
        for subnet in dice.sample(places, min(len(places), 2)):
            _interface(ec2, dice, subnet, group)
    if dice.random() < 0.3:
        _neighbour(bench, ground, dice.choice(places))
    return fragile


def _subnet(bench: Workbench, ground: Ground, cidr: str, way_out: str | None) -> str:
    return net.add_subnet(bench, ground.network, cidr, way_out=way_out)


def _group(ec2: Any, vpc: str, name: str, targets: list[dict[str, str]] | None) -> str:
    """A group that lets HTTPS out to these targets alone; None: everything anywhere."""
    group = str(ec2.create_security_group(VpcId=vpc, GroupName=name, Description=name)["GroupId"])
    if targets is None:
        return group
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[_EVERYTHING])
    rule: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    for target in targets:
        where = {"CidrIp": "IpRanges", "PrefixListId": "PrefixListIds", "GroupId": "UserIdGroupPairs"}
        (kind,) = target
        rule.setdefault(where[kind], []).append(target)
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[rule])
    return group


def _interface(ec2: Any, dice: random.Random, subnet: str, group: str) -> str:
    made = ec2.create_network_interface(SubnetId=subnet, Groups=[group], Description=dice.choice(_KINDS))
    return str(made["NetworkInterface"]["NetworkInterfaceId"])


def _neighbour(bench: Workbench, ground: Ground, subnet: str) -> None:
    """Another service, with a group and a subnet of its own."""
    group = _group(bench.client("ec2"), ground.network.vpc, NEIGHBOUR, None)
    bench.client("ecs").create_service(
        cluster=CLUSTER,
        serviceName=NEIGHBOUR,
        taskDefinition="orders",
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group]}},
    )
