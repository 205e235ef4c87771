"""IPv6 of a network in the embedded account: blocks, DNS64, gateways, NAT64, and rules of its own."""

from __future__ import annotations

import ipaddress
import itertools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.reachability.wire_networks import Plan

ANYWHERE, NAT64 = "::/0", "64:ff9b::/96"
EXITS = ("eigw", "eigw", "eigw", "igw", "igw", "", "tgw", "gone")


@dataclass(frozen=True, slots=True)
class Dice:
    """Dice of their own: the IPv4 part of a network is the same with and without IPv6."""

    roll: random.Random
    used: bool


def dice(seed: int) -> Dice:
    roll = random.Random(f"IPv6 {seed}")
    return Dice(roll, roll.random() < 0.5)


def of_vpc(chosen: Dice) -> dict[str, Any]:
    """What creating the VPC takes."""
    return {"AmazonProvidedIpv6CidrBlock": True} if chosen.used else {}


def of_interface(chosen: Dice) -> dict[str, Any]:
    """What creating the interface takes; in a subnet with IPv6 it may still have none."""
    return {"Ipv6AddressCount": 1} if chosen.used and chosen.roll.random() < 0.85 else {}


def subnets(plan: Plan, chosen: Dice) -> None:
    if not chosen.used:
        return
    vpc = plan.ec2.describe_vpcs(VpcIds=[plan.vpc])["Vpcs"][0]
    whole = ipaddress.IPv6Network(vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"])
    for subnet, block in zip(plan.subnets, itertools.islice(whole.subnets(new_prefix=64), 3), strict=True):
        plan.ec2.associate_subnet_cidr_block(SubnetId=subnet, Ipv6CidrBlock=str(block))
        if chosen.roll.random() < 0.6:
            plan.ec2.modify_subnet_attribute(SubnetId=subnet, EnableDns64={"Value": True})


def routes_and_rules(plan: Plan, chosen: Dice, task_table: str, groups: tuple[str, ...]) -> None:
    if not chosen.used:
        return
    _routes(plan, chosen.roll, task_table)
    for group in groups:
        if chosen.roll.random() < 0.3:
            _rule(plan, chosen.roll, group)
    for acl in plan.ec2.describe_network_acls(Filters=plan.of_vpc())["NetworkAcls"]:
        _entries(plan, chosen.roll, acl["NetworkAclId"])


def _routes(plan: Plan, roll: random.Random, table: str) -> None:
    way = roll.choice(EXITS)
    anywhere: dict[str, Any] = {"RouteTableId": table, "DestinationIpv6CidrBlock": ANYWHERE}
    if way in {"eigw", "gone"}:
        made = plan.ec2.create_egress_only_internet_gateway(VpcId=plan.vpc)["EgressOnlyInternetGateway"]
        gateway = made["EgressOnlyInternetGatewayId"]
        plan.ec2.create_route(**anywhere, EgressOnlyInternetGatewayId=gateway)
        if way == "gone":
            plan.ec2.delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=gateway)
    elif way == "igw" and plan.internet_gateway:
        plan.ec2.create_route(**anywhere, GatewayId=plan.internet_gateway)
    elif way == "tgw":
        plan.ec2.create_route(**anywhere, TransitGatewayId=plan.shared.transit_gateway)
    nats = plan.ec2.describe_nat_gateways(Filters=plan.of_vpc())["NatGateways"]
    if nats and roll.random() < 0.7:
        nat = nats[0]["NatGatewayId"]
        plan.ec2.create_route(RouteTableId=table, DestinationIpv6CidrBlock=NAT64, NatGatewayId=nat)


def _rule(plan: Plan, roll: random.Random, group: str) -> None:
    """An outbound rule for IPv6 in place of the one that a group starts with."""
    everything = {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": ANYWHERE}]}
    egress = plan.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
    if any(one["IpProtocol"] == "-1" and one["Ipv6Ranges"] for one in egress):
        plan.ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[everything])
    cidr = roll.choice((ANYWHERE, "", NAT64, "2600::/12"))
    if cidr:
        rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "Ipv6Ranges": [{"CidrIpv6": cidr}]}
        plan.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[rule])


def _entries(plan: Plan, roll: random.Random, acl: str) -> None:
    """What AWS adds to a VPC's own ACL with its first IPv6 block, and now and then something that is in its way."""
    for number, egress in itertools.product((600, 700), (True, False)):
        deny = number == 600
        if roll.random() < (0.85 if deny else 0.05):
            continue
        plan.ec2.create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=number,
            Egress=egress,
            RuleAction="deny" if deny else "allow",
            Protocol="-1",
            Ipv6CidrBlock=roll.choice((ANYWHERE, NAT64, "2600::/12")) if deny else ANYWHERE,
        )
