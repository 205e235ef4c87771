"""Shops that are broken at random, in one place or in many, with clients of other kinds in the same VPC."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.client import Sandbox
from sandbox.gallery import Workbench
from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, prepare
from sandbox.gallery.observe import stopped, try_exec
from tests.remedies.shop_clients import add_clients
from tests.remedies.shop_grounds import Ground, lay_out

_ONLY_FOR_OTHERS = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"arn:aws:s3:::x/*"}]}'
_EVERYTHING = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
_SERVICE = "orders"


@dataclass
class Broken:
    """What was built, what is wrong with it, and whether that can be repaired.

    `hopeless`: no remedy exists. `fragile` is an interface that a new private name would cut off.
    """

    ground: Ground
    account: Sandbox
    faults: list[str] = field(default_factory=list)
    hopeless: bool = False
    fragile: str | None = None
    event: Mapping[str, Any] = field(default_factory=dict)
    by_exec: bool = False
    log_group: str = f"/shop/{_SERVICE}"

    def works(self) -> bool:
        """Starts the tasks anew: whether the new ones run in every subnet, and take a session where that is at stake.

        Tasks of an older deployment count for nothing.
        """
        ecs = self.account.client("ecs")
        began = ecs.update_service(cluster=CLUSTER, service=_SERVICE, forceNewDeployment=True)["service"]
        (newest,) = [one for one in began["deployments"] if one["status"] == "PRIMARY"]
        if newest["runningCount"] != newest["desiredCount"]:
            return False
        return not self.by_exec or self.takes_a_session()

    def takes_a_session(self) -> bool:
        """Whether a session opens in the running task."""
        ecs = self.account.client("ecs")
        (task,) = ecs.list_tasks(cluster=CLUSTER, serviceName=_SERVICE)["taskArns"]
        try:
            ecs.execute_command(cluster=CLUSTER, task=task, container="app", command="sh", interactive=True)
        except ecs.exceptions.ClientError:
            return False
        return True


def break_one(account: Sandbox, seed: int) -> Broken:
    """The same shop for the same seed: its service fails, or takes no session."""
    dice, bench = random.Random(seed), Workbench(account)
    bench.begin(seed=seed, clock=None)
    ground = lay_out(bench, dice)
    shop = Broken(ground, account, by_exec=dice.random() < 0.15)
    app = Application(_SERVICE, ground.network, enable_exec=shop.by_exec, desired_count=1)
    if ground.way_out == "internet gateway":
        shop.faults.append("no public address")
    services = (*net.START, "ssmmessages") if shop.by_exec else net.START
    if shop.by_exec:
        _whole(bench, shop, services)
    else:
        _endpoints(bench, dice, shop, services)
        _s3(bench, dice, shop)
        _groups(bench, dice, shop)
        _names(bench, dice, shop)
        _hopeless(bench, dice, shop)
        if dice.random() < 0.25:
            shop.faults.append("log group")
            app.create_log_group = False
    prepare(bench, app)
    shop.fragile = add_clients(bench, dice, ground)
    _create_service(bench, app, ground)
    if shop.by_exec:
        _break_sessions(bench, dice, shop)
        shop.event = try_exec(bench, _SERVICE)
    else:
        if shop.works():
            # Nothing of all that was in the way: then something else is.
            shop.faults.append("log group after all")
            bench.client("logs").delete_log_group(logGroupName=shop.log_group)
            assert not shop.works()
        shop.event = stopped(bench, _SERVICE)
    return shop


def _create_service(bench: Workbench, app: Application, ground: Ground) -> None:
    bench.client("ecs").create_service(
        cluster=CLUSTER,
        serviceName=_SERVICE,
        taskDefinition=_SERVICE,
        desiredCount=app.desired_count,
        enableExecuteCommand=app.enable_exec,
        launchType="FARGATE",
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": list(ground.task_subnets),
                "securityGroups": [ground.network.task_group],
                "assignPublicIp": "DISABLED",
            }
        },
    )


def switch_everything_on(shop: Broken) -> None:
    """The repair of somebody who looks neither left nor right: every name leads to an endpoint, whoever it admits."""
    bench, network = Workbench(shop.account), shop.ground.network
    ec2 = bench.client("ec2")
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=network.vpc, **{attribute: {"Value": True}})
    services = [*net.START, *(["ssmmessages"] if shop.by_exec else [])]
    for service in services:
        if service in network.endpoints:
            ec2.modify_vpc_endpoint(VpcEndpointId=network.endpoints[service], PrivateDnsEnabled=True)
    missing = [one for one in services if one not in network.endpoints]
    net.add_endpoints(bench, network, missing, SubnetIds=[shop.ground.task_subnets[0]])


# What may be wrong


def _endpoints(bench: Workbench, dice: random.Random, shop: Broken, services: tuple[str, ...]) -> None:
    needed = shop.ground.way_out != "NAT gateway"
    for service in services:
        if dice.random() < (0.3 if needed else 0.8):
            if needed:
                shop.faults.append(f"no endpoint for {service}")
            continue
        private = dice.random() > 0.15
        if not private:
            shop.faults.append(f"no private DNS for {service}")
        groups = [dice.choice((shop.ground.network.endpoint_group, shop.ground.second_endpoint_group))]
        net.add_endpoints(
            bench,
            shop.ground.network,
            [service],
            PrivateDnsEnabled=private,
            SubnetIds=[dice.choice(shop.ground.endpoint_subnets)],
            SecurityGroupIds=groups,
        )


def _s3(bench: Workbench, dice: random.Random, shop: Broken) -> None:
    tables, network = shop.ground.task_tables, shop.ground.network
    way = dice.choices(("there", "none", "elsewhere", "others only"), (50, 20, 20, 10))[0]
    if way == "there":
        net.add_s3_gateway(bench, network, tables)
        return
    shop.faults.append(f"S3 gateway {way}")
    if way == "elsewhere":
        table = bench.client("ec2").create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
        net.add_s3_gateway(bench, network, [table])
    elif way == "others only":
        net.add_s3_gateway(bench, network, [*tables[1:], *shop.ground.other_tables][:2])


def _groups(bench: Workbench, dice: random.Random, shop: Broken) -> None:
    ec2, ground = bench.client("ec2"), shop.ground
    admits = [net.https_from(one) for one in ground.cidrs]
    for group in (ground.network.endpoint_group, ground.second_endpoint_group):
        if dice.random() < 0.2 and ground.network.endpoints:
            shop.faults.append(f"endpoint group {group} closed")
            ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=admits)
            if dice.random() < 0.5:
                ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[net.https_from("10.0.9.0/24")])
    if dice.random() < 0.2:
        narrow: list[list[Any]] = [
            [],
            [net.https_from(one) for one in ground.cidrs],
            [_to_list(ground.s3_list)],
            [{**net.https_from("0.0.0.0/0"), "FromPort": 80, "ToPort": 80}],
        ]
        number = dice.randrange(len(narrow))
        shop.faults.append(f"task group lets out {('nothing', 'to the VPC', 'to S3', 'to port 80')[number]}")
        ec2.revoke_security_group_egress(GroupId=ground.network.task_group, IpPermissions=[_EVERYTHING])
        if narrow[number]:
            ec2.authorize_security_group_egress(GroupId=ground.network.task_group, IpPermissions=narrow[number])


def _to_list(prefix_list: str) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": prefix_list}]}


def _names(bench: Workbench, dice: random.Random, shop: Broken) -> None:
    if dice.random() < 0.12:
        attribute = dice.choice(("EnableDnsHostnames", "EnableDnsSupport"))
        shop.faults.append(f"{attribute} off")
        bench.client("ec2").modify_vpc_attribute(VpcId=shop.ground.network.vpc, **{attribute: {"Value": False}})


def _hopeless(bench: Workbench, dice: random.Random, shop: Broken) -> None:
    """What nobody may repair."""
    ec2, ground = bench.client("ec2"), shop.ground
    roll = dice.random()
    if roll < 0.1:
        shop.faults.append("network ACL")
        filters = [{"Name": "association.subnet-id", "Values": [ground.task_subnets[0]]}]
        (acl,) = ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
        _deny_https(ec2, acl["NetworkAclId"])
        shop.hopeless = True
    elif roll < 0.18 and "s3" in ground.network.endpoints:
        shop.faults.append("endpoint policy")
        endpoint = ground.network.endpoints["s3"]
        ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PolicyDocument=_ONLY_FOR_OTHERS)
        # Elsewhere the way to S3 may be the one to the internet.
        shop.hopeless = ground.way_out == "none" or not any(one.startswith("S3") for one in shop.faults)
    elif roll < 0.3 and ground.way_out == "NAT gateway":
        shop.faults.append("NAT gateway gone")
        ec2.delete_nat_gateway(NatGatewayId=ground.nat)
        shop.hopeless = True


def _deny_https(ec2: Any, acl: str) -> None:
    ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=10,
        Protocol="6",
        RuleAction="deny",
        Egress=True,
        CidrBlock="0.0.0.0/0",
        PortRange={"From": 443, "To": 443},
    )


# What may be wrong with sessions alone


def _whole(bench: Workbench, shop: Broken, services: tuple[str, ...]) -> None:
    """Everything that a task needs to start."""
    net.add_endpoints(bench, shop.ground.network, services, SubnetIds=[shop.ground.endpoint_subnets[0]])
    net.add_s3_gateway(bench, shop.ground.network, shop.ground.task_tables)
    shop.faults.clear()


def _break_sessions(bench: Workbench, dice: random.Random, shop: Broken) -> None:
    ec2, network = bench.client("ec2"), shop.ground.network
    endpoint = network.endpoints["ssmmessages"]
    fault = dice.choice(("not enabled", "no endpoint", "no private DNS", "endpoint group closed", "policy"))
    shop.faults.append(f"sessions: {fault}")
    if fault == "not enabled":
        bench.client("ecs").update_service(
            cluster=CLUSTER, service=_SERVICE, enableExecuteCommand=False, forceNewDeployment=True
        )
    elif fault == "no endpoint":
        ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
        network.endpoints.pop("ssmmessages")
    elif fault == "no private DNS":
        ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=False)
    elif fault == "endpoint group closed":
        closed = ec2.create_security_group(VpcId=network.vpc, GroupName="closed", Description="closed")["GroupId"]
        ec2.modify_vpc_endpoint(
            VpcEndpointId=endpoint, AddSecurityGroupIds=[closed], RemoveSecurityGroupIds=[network.endpoint_group]
        )
    else:
        ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PolicyDocument=_ONLY_FOR_OTHERS)
        shop.hopeless = True
    if fault != "not enabled" and shop.ground.way_out == "NAT gateway" and fault in {"no endpoint", "no private DNS"}:
        # By the NAT gateway it goes all the same.
        shop.faults.append("and not enabled")
        bench.client("ecs").update_service(
            cluster=CLUSTER, service=_SERVICE, enableExecuteCommand=False, forceNewDeployment=True
        )
