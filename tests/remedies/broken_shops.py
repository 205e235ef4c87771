"""Shops that are broken at random, in one place or in many, with a neighbour in the same VPC that goes another way."""

import random
from dataclasses import dataclass, field
from typing import Any

from sandbox.client import Sandbox
from sandbox.gallery import Workbench
from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy

_LAYERS_ONLY_FOR_OTHERS = (
    '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::x/*"}]}'
)


@dataclass
class Broken:
    """What was built, what is wrong with it, and whether that can be repaired."""

    network: net.Network
    faults: list[str] = field(default_factory=list)
    hopeless: bool = False
    neighbour: str | None = None


def break_one(account: Sandbox, seed: int) -> Broken:
    """The same shop for the same seed: service `orders` fails, and `neighbour`, by a NAT gateway, may or may not."""
    dice, bench = random.Random(seed), Workbench(account)
    bench.begin(seed=seed, clock=None)
    ec2 = bench.client("ec2")
    network, nat = net.with_nat(bench, "shop")
    # The tasks' own subnet is isolated, the neighbour's leads out.
    ec2.delete_route(RouteTableId=network.route_table, DestinationCidrBlock="0.0.0.0/0")
    shop = Broken(network)
    while not shop.faults:
        _endpoints(bench, dice, shop)
        _s3(bench, dice, shop)
        _groups_and_names(bench, dice, shop)
        _hopeless(bench, dice, shop)
        if not shop.faults:
            shop.faults.append("log group")
    if dice.random() < 0.6:
        _neighbour(bench, shop, nat)
    app = Application("orders", network, create_log_group="log group" not in shop.faults)
    deploy(bench, app)
    return shop


def restart(account: Sandbox, service: str) -> bool:
    """Start the service's tasks anew; whether they run."""
    ecs = account.client("ecs")
    ecs.update_service(cluster=CLUSTER, service=service, forceNewDeployment=True)
    found: dict[str, Any] = ecs.describe_services(cluster=CLUSTER, services=[service])["services"][0]
    return bool(found["runningCount"] == found["desiredCount"])


def _endpoints(bench: Workbench, dice: random.Random, shop: Broken) -> None:
    for service in net.START:
        if dice.random() < 0.3:
            shop.faults.append(f"no endpoint for {service}")
            continue
        private = dice.random() > 0.15
        if not private:
            shop.faults.append(f"no private DNS for {service}")
        net.add_endpoints(bench, shop.network, [service], PrivateDnsEnabled=private)


def _s3(bench: Workbench, dice: random.Random, shop: Broken) -> None:
    way = dice.choices(("there", "none", "elsewhere"), (60, 20, 20))[0]
    if way == "there":
        net.add_s3_gateway(bench, shop.network, [shop.network.route_table])
        return
    shop.faults.append(f"S3 gateway {way}")
    if way == "elsewhere":
        table = bench.client("ec2").create_route_table(VpcId=shop.network.vpc)["RouteTable"]["RouteTableId"]
        net.add_s3_gateway(bench, shop.network, [table])


def _groups_and_names(bench: Workbench, dice: random.Random, shop: Broken) -> None:
    ec2, network = bench.client("ec2"), shop.network
    if dice.random() < 0.25 and network.endpoints:
        shop.faults.append("endpoint group closed")
        ec2.revoke_security_group_ingress(GroupId=network.endpoint_group, IpPermissions=[net.https_from(net.VPC_CIDR)])
    if dice.random() < 0.2:
        shop.faults.append("task group closed")
        everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.revoke_security_group_egress(GroupId=network.task_group, IpPermissions=[everything])
    if dice.random() < 0.12:
        attribute = dice.choice(("EnableDnsHostnames", "EnableDnsSupport"))
        shop.faults.append(f"{attribute} off")
        ec2.modify_vpc_attribute(VpcId=network.vpc, **{attribute: {"Value": False}})
    if dice.random() < 0.25:
        shop.faults.append("log group")


def _hopeless(bench: Workbench, dice: random.Random, shop: Broken) -> None:
    """What nobody may repair."""
    ec2, network = bench.client("ec2"), shop.network
    roll = dice.random()
    if roll < 0.12:
        shop.faults.append("network ACL")
        filters = [{"Name": "association.subnet-id", "Values": [network.subnet]}]
        (acl,) = ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
        ec2.create_network_acl_entry(
            NetworkAclId=acl["NetworkAclId"],
            RuleNumber=10,
            Protocol="6",
            RuleAction="deny",
            Egress=True,
            CidrBlock="0.0.0.0/0",
            PortRange={"From": 443, "To": 443},
        )
        shop.hopeless = True
    elif roll < 0.2 and "s3" in network.endpoints:
        shop.faults.append("endpoint policy")
        ec2.modify_vpc_endpoint(VpcEndpointId=network.endpoints["s3"], PolicyDocument=_LAYERS_ONLY_FOR_OTHERS)
        shop.hopeless = True


def _neighbour(bench: Workbench, shop: Broken, nat: str) -> None:
    """Another service of the same VPC, with a group and a subnet of its own."""
    ec2 = bench.client("ec2")
    subnet = net.add_subnet(bench, shop.network, "10.0.7.0/24", way_out=nat)
    group = ec2.create_security_group(VpcId=shop.network.vpc, GroupName="neighbour", Description="neighbour")
    place = net.Network(
        vpc=shop.network.vpc,
        subnet=subnet,
        route_table="",
        task_group=group["GroupId"],
        endpoint_group=shop.network.endpoint_group,
        endpoint_subnet=shop.network.endpoint_subnet,
    )
    deploy(bench, Application("neighbour", place))
    shop.neighbour = "neighbour"
