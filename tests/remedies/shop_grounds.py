"""Where a shop stands: a VPC with one or two blocks, subnets in one zone or two, and some way out, or none."""

import random
from dataclasses import dataclass
from typing import Any

from sandbox.client import REGION
from sandbox.gallery import Workbench
from sandbox.gallery import network as net

SECOND_BLOCK = "10.1.0.0/16"
_WAYS_OUT = ("none", "NAT gateway", "internet gateway")


@dataclass(frozen=True, slots=True)
class Ground:
    """`way_out` is where the tasks' route tables lead by default; `nat` is there for others too, or None."""

    network: net.Network
    way_out: str
    cidrs: tuple[str, ...]
    task_subnets: tuple[str, ...]
    task_tables: tuple[str, ...]
    endpoint_subnets: tuple[str, ...]
    second_endpoint_group: str
    s3_list: str
    gateway: str | None
    nat: str | None
    other_tables: tuple[str, ...]


def lay_out(bench: Workbench, dice: random.Random) -> Ground:
    """A ground on which everything is open."""
    ec2 = bench.client("ec2")
    network = net.isolated(bench, "shop")
    way_out = dice.choices(_WAYS_OUT, (65, 22, 13))[0]
    cidrs = (net.VPC_CIDR, SECOND_BLOCK) if dice.random() < 0.3 else (net.VPC_CIDR,)
    second = ec2.create_security_group(VpcId=network.vpc, GroupName="more", Description="more")["GroupId"]
    if len(cidrs) > 1:
        ec2.associate_vpc_cidr_block(VpcId=network.vpc, CidrBlock=SECOND_BLOCK)
        more = [net.https_from(SECOND_BLOCK)]
        ec2.authorize_security_group_ingress(GroupId=network.endpoint_group, IpPermissions=more)
    ec2.authorize_security_group_ingress(GroupId=second, IpPermissions=[net.https_from(one) for one in cidrs])
    gateway, nat, public = _ways_out(bench, dice, network, way_out)
    subnets, tables = _for_tasks(ec2, dice, network, len(cidrs) > 1)
    endpoint_subnets = [network.endpoint_subnet]
    if dice.random() < 0.3:
        endpoint_subnets.append(subnets[-1])
    for table in tables:
        if way_out == "NAT gateway":
            ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
        elif way_out == "internet gateway":
            ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    named = [{"Name": "prefix-list-name", "Values": [f"com.amazonaws.{REGION}.s3"]}]
    return Ground(
        network=network,
        way_out=way_out,
        cidrs=cidrs,
        task_subnets=tuple(subnets),
        task_tables=tuple(tables),
        endpoint_subnets=tuple(endpoint_subnets),
        second_endpoint_group=second,
        s3_list=ec2.describe_prefix_lists(Filters=named)["PrefixLists"][0]["PrefixListId"],
        gateway=gateway,
        nat=nat,
        other_tables=public,
    )


def _ways_out(
    bench: Workbench, dice: random.Random, network: net.Network, way_out: str
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """An internet gateway and a NAT gateway where the tasks need them, and often where only others do."""
    if way_out == "none" and dice.random() < 0.4:
        return None, None, ()
    ec2 = bench.client("ec2")
    table = ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    gateway = net.add_internet_gateway(bench, network, table)
    public = ec2.create_subnet(VpcId=network.vpc, CidrBlock=net.PUBLIC_CIDR, AvailabilityZone=net.ZONE)
    subnet = public["Subnet"]["SubnetId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    return gateway, str(nat), (table,)


def _for_tasks(ec2: Any, dice: random.Random, network: net.Network, two_blocks: bool) -> tuple[list[str], list[str]]:
    """The tasks' subnets, by themselves or beside others, and their route tables: one for all, or one for each."""
    subnets, tables = [network.subnet], [network.route_table]
    if dice.random() < 0.4:
        block = "10.1.1.0/24" if two_blocks and dice.random() < 0.7 else "10.0.4.0/24"
        zone = REGION + dice.choice("ab")
        made = ec2.create_subnet(VpcId=network.vpc, CidrBlock=block, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        if dice.random() < 0.5:
            tables.append(ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"])
        ec2.associate_route_table(RouteTableId=tables[-1], SubnetId=made)
        subnets.append(made)
        if dice.random() < 0.4:
            # Tasks are started in the first one.
            subnets.reverse()
            tables.reverse()
    return subnets, tables
