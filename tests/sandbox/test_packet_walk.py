"""The account's own packet walk, one hop at a time: each case changes one thing in a network that works."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.ec2.models import ec2_backends

from sandbox import moto_patches
from sandbox.ecs.interfaces import start_of
from sandbox.ecs.packet_walk import OPEN_TARGET_TAG, Caller, Interface, Journey, Stop, walk

REGION = "eu-west-1"
LOGS = f"logs.{REGION}.amazonaws.com"
S3 = f"prod-{REGION}-starport-layer-bucket.s3.{REGION}.amazonaws.com"
ELSEWHERE = "registry-1.docker.io"
ROLE = "arn:aws:iam::123456789012:role/orders-execution"
ANYWHERE = "0.0.0.0/0"


@pytest.fixture(scope="module")
def ec2():
    moto_patches.install()
    with mock_aws():
        yield boto3.client("ec2", REGION, aws_access_key_id="testing", aws_secret_access_key="testing")


def rule(cidr: str = ANYWHERE, *, protocol: str = "tcp", ports: tuple[int, int] = (443, 443)) -> dict[str, Any]:
    ported = {} if protocol == "-1" else {"FromPort": ports[0], "ToPort": ports[1]}
    return {"IpProtocol": protocol, "IpRanges": [{"CidrIp": cidr}], **ported}


@dataclass
class Net:
    """A VPC with a subnet for tasks and one for endpoints, all open, and nothing that leads out."""

    ec2: Any
    vpc: str
    tasks: str
    others: str
    table: str
    task_group: str
    endpoint_group: str
    public_ip: str | None = None
    endpoint: str = ""
    nat: str = ""
    nat_table: str = ""
    gateway: str = ""

    def walk(self, host: str = LOGS, action: str = "logs:CreateLogStream", role: str | None = ROLE) -> Journey:
        backend = ec2_backends["123456789012"][REGION]
        interface = Interface(self.tasks, "10.0.1.200", (self.task_group,), self.public_ip)
        return walk(backend, interface, host, caller=Caller(action, "*", role))

    def stop(self, host: str = LOGS) -> Stop | None:
        return self.walk(host).stop

    def add_endpoint(self, service: str = "logs", **settings: Any) -> None:
        wanted = {
            "SubnetIds": [self.others],
            "SecurityGroupIds": [self.endpoint_group],
            "PrivateDnsEnabled": True,
            **settings,
        }
        made = self.ec2.create_vpc_endpoint(
            VpcId=self.vpc, VpcEndpointType="Interface", ServiceName=f"com.amazonaws.{REGION}.{service}", **wanted
        )
        self.endpoint = made["VpcEndpoint"]["VpcEndpointId"]

    def add_s3_gateway(self, *tables: str, **settings: Any) -> None:
        made = self.ec2.create_vpc_endpoint(
            VpcId=self.vpc,
            VpcEndpointType="Gateway",
            ServiceName=f"com.amazonaws.{REGION}.s3",
            RouteTableIds=list(tables),
            **settings,
        )
        self.endpoint = made["VpcEndpoint"]["VpcEndpointId"]

    def add_internet_gateway(self, table: str) -> None:
        self.gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(VpcId=self.vpc, InternetGatewayId=self.gateway)
        self.ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE, GatewayId=self.gateway)

    def add_nat(self) -> None:
        self.nat_table = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        self.ec2.associate_route_table(RouteTableId=self.nat_table, SubnetId=self.others)
        self.add_internet_gateway(self.nat_table)
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        made = self.ec2.create_nat_gateway(SubnetId=self.others, AllocationId=address)
        self.nat = made["NatGateway"]["NatGatewayId"]
        self.ec2.create_route(RouteTableId=self.table, DestinationCidrBlock=ANYWHERE, NatGatewayId=self.nat)

    def let_out(self, *rules: dict[str, Any]) -> None:
        self.ec2.revoke_security_group_egress(GroupId=self.task_group, IpPermissions=[rule(protocol="-1")])
        if rules:
            self.ec2.authorize_security_group_egress(GroupId=self.task_group, IpPermissions=list(rules))

    def let_in(self, *rules: dict[str, Any]) -> None:
        self.ec2.revoke_security_group_ingress(GroupId=self.endpoint_group, IpPermissions=[rule("10.0.0.0/16")])
        if rules:
            self.ec2.authorize_security_group_ingress(GroupId=self.endpoint_group, IpPermissions=list(rules))

    def acl(self, subnet: str, *rules: tuple[int, str, bool, str, tuple[int, int] | None]) -> None:
        """Replaces the subnet's ACL: number, action, egress, CIDR, ports (None: every protocol)."""
        acl = self.ec2.create_network_acl(VpcId=self.vpc)["NetworkAcl"]["NetworkAclId"]
        for number, action, egress, cidr, ports in rules:
            ported = {} if ports is None else {"PortRange": {"From": ports[0], "To": ports[1]}}
            self.ec2.create_network_acl_entry(
                NetworkAclId=acl,
                RuleNumber=number,
                RuleAction=action,
                Egress=egress,
                CidrBlock=cidr,
                Protocol="-1" if ports is None else "6",
                **ported,
            )
        current = self.ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])
        association = next(a for a in current["NetworkAcls"][0]["Associations"] if a["SubnetId"] == subnet)
        self.ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl)

    def dns(self, **attributes: bool) -> None:
        for name, value in attributes.items():
            self.ec2.modify_vpc_attribute(VpcId=self.vpc, **{name: {"Value": value}})

    def prefix_list(self, *cidrs: str) -> str:
        made = self.ec2.create_managed_prefix_list(
            PrefixListName="ours",
            MaxEntries=10,
            AddressFamily="IPv4",
            Entries=[{"Cidr": cidr, "Description": "ours"} for cidr in cidrs],
        )
        return str(made["PrefixList"]["PrefixListId"])


@pytest.fixture
def net(ec2) -> Net:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    tasks, others = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"{REGION}a")["Subnet"]["SubnetId"]
        for cidr in ("10.0.1.0/24", "10.0.2.0/24")
    )
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=tasks)
    groups = [
        ec2.create_security_group(VpcId=vpc, GroupName=name, Description=name)["GroupId"]
        for name in ("tasks", "endpoints")
    ]
    ec2.authorize_security_group_ingress(GroupId=groups[1], IpPermissions=[rule("10.0.0.0/16")])
    return Net(ec2, vpc, tasks, others, table, *groups)


OPEN = [(100, "allow", True, ANYWHERE, None), (100, "allow", False, ANYWHERE, None)]
type Change = Callable[[Net], object]


def by_reference(group: str) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{"GroupId": group}]}


def by_prefix_list(prefix_list: str) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": prefix_list}]}


def nat_and_closed_endpoint(net: Net) -> None:
    net.add_nat()
    net.let_in()


def nat_and_no_host_names(net: Net) -> None:
    net.add_nat()
    net.dns(EnableDnsHostnames=False)


ENDPOINT_CASES: dict[str, tuple[Change, Stop | None]] = {
    "as it is": (lambda _: None, None),
    "deleted": (lambda n: n.ec2.delete_vpc_endpoints(VpcEndpointIds=[n.endpoint]), Stop.NO_ROUTE),
    "VPC without DNS support": (lambda n: n.dns(EnableDnsSupport=False), Stop.NO_NAME),
    "VPC without DNS host names": (lambda n: n.dns(EnableDnsHostnames=False), Stop.NO_ROUTE),
    # The endpoint's security group.
    "ingress by the task's address": (lambda n: n.let_in(rule("10.0.1.200/32")), None),
    "ingress by another address": (lambda n: n.let_in(rule("10.0.1.201/32")), Stop.ENDPOINT_SECURITY_GROUP),
    "ingress by the task's group": (lambda n: n.let_in(by_reference(n.task_group)), None),
    "ingress by another group": (lambda n: n.let_in(by_reference(n.endpoint_group)), Stop.ENDPOINT_SECURITY_GROUP),
    "ingress by prefix list": (lambda n: n.let_in(by_prefix_list(n.prefix_list("10.0.1.0/24"))), None),
    "ingress by another prefix list": (
        lambda n: n.let_in(by_prefix_list(n.prefix_list("10.0.9.0/24"))),
        Stop.ENDPOINT_SECURITY_GROUP,
    ),
    "ingress of every protocol": (lambda n: n.let_in(rule(protocol="-1")), None),
    "ingress of UDP only": (lambda n: n.let_in(rule(protocol="udp")), Stop.ENDPOINT_SECURITY_GROUP),
    "ingress on a range around 443": (lambda n: n.let_in(rule(ports=(400, 500))), None),
    "ingress on another port": (lambda n: n.let_in(rule(ports=(444, 500))), Stop.ENDPOINT_SECURITY_GROUP),
    "ingress closed": (lambda n: n.let_in(), Stop.ENDPOINT_SECURITY_GROUP),
    # The task's security group.
    "egress to the endpoint's subnet": (lambda n: n.let_out(rule("10.0.2.0/24")), None),
    "egress to another subnet": (lambda n: n.let_out(rule("10.0.3.0/24")), Stop.TASK_SECURITY_GROUP),
    "egress to the endpoint's group": (lambda n: n.let_out(by_reference(n.endpoint_group)), None),
    "egress to another group": (lambda n: n.let_out(by_reference(n.task_group)), Stop.TASK_SECURITY_GROUP),
    "egress by prefix list": (lambda n: n.let_out(by_prefix_list(n.prefix_list("10.0.2.0/24"))), None),
    "egress closed": (lambda n: n.let_out(), Stop.TASK_SECURITY_GROUP),
    # Network ACLs of both subnets, both ways.
    "ACL of the task's subnet: no egress": (lambda n: n.acl(n.tasks, OPEN[1]), Stop.NETWORK_ACL),
    "ACL of the task's subnet: no ingress": (lambda n: n.acl(n.tasks, OPEN[0]), Stop.NETWORK_ACL),
    "ACL of the task's subnet: answers only": (
        lambda n: n.acl(n.tasks, OPEN[0], (100, "allow", False, ANYWHERE, (1024, 65535))),
        None,
    ),
    "ACL of the task's subnet: some answers": (
        lambda n: n.acl(n.tasks, OPEN[0], (100, "allow", False, ANYWHERE, (1024, 40000))),
        Stop.NETWORK_ACL,
    ),
    "ACL of the task's subnet: answers in two rules": (
        lambda n: n.acl(
            n.tasks,
            OPEN[0],
            (100, "allow", False, ANYWHERE, (1024, 40000)),
            (110, "allow", False, ANYWHERE, (40001, 65535)),
        ),
        None,
    ),
    "ACL: an earlier rule denies": (
        lambda n: n.acl(n.tasks, (90, "deny", True, "10.0.2.0/24", (443, 443)), *OPEN),
        Stop.NETWORK_ACL,
    ),
    "ACL: a later rule denies": (
        lambda n: n.acl(n.tasks, *OPEN, (110, "deny", True, "10.0.2.0/24", (443, 443))),
        None,
    ),
    "ACL: denies another address": (
        lambda n: n.acl(n.tasks, (90, "deny", True, "10.0.3.0/24", (443, 443)), *OPEN),
        None,
    ),
    "ACL: denies one port of the answers": (
        lambda n: n.acl(n.tasks, (90, "deny", False, ANYWHERE, (40000, 40000)), *OPEN),
        Stop.NETWORK_ACL,
    ),
    "ACL: denies ports that Linux waits on for no answer": (
        lambda n: n.acl(n.tasks, (90, "deny", False, ANYWHERE, (1024, 32767)), *OPEN),
        None,
    ),
    "ACL of the endpoint's subnet: no ingress": (lambda n: n.acl(n.others, OPEN[0]), Stop.NETWORK_ACL),
    "ACL of the endpoint's subnet: no egress": (lambda n: n.acl(n.others, OPEN[1]), Stop.NETWORK_ACL),
    "ACL of the endpoint's subnet: 443 in, answers out": (
        lambda n: n.acl(
            n.others,
            (100, "allow", False, "10.0.1.0/24", (443, 443)),
            (100, "allow", True, "10.0.1.0/24", (1024, 65535)),
        ),
        None,
    ),
    # A captured name does not fall back to the public way.
    "NAT, and the endpoint's group closed": (nat_and_closed_endpoint, Stop.ENDPOINT_SECURITY_GROUP),
    "NAT, and private DNS cannot work": (nat_and_no_host_names, None),
}


@pytest.mark.parametrize("case", ENDPOINT_CASES)
def test_the_way_to_an_interface_endpoint(net: Net, case):
    change, expected = ENDPOINT_CASES[case]
    net.add_endpoint()
    change(net)
    assert net.stop() is expected


def test_an_endpoint_address_is_private_and_a_captured_name_never_public(net: Net):
    net.add_endpoint()
    assert str(net.walk().address).startswith("10.0.2.")
    net.dns(EnableDnsHostnames=False)
    assert not str(net.walk().address).startswith("10.")


def test_private_dns_off_leaves_the_name_public(net: Net):
    net.add_endpoint(PrivateDnsEnabled=False)
    assert net.stop() is Stop.NO_ROUTE
    net.add_nat()
    assert net.stop() is None


def test_inside_one_subnet_no_acl_is_asked(net: Net):
    net.add_endpoint(SubnetIds=[net.tasks])
    net.acl(net.tasks)
    assert net.stop() is None


def test_any_reachable_interface_of_the_endpoint_suffices(net: Net):
    third = net.ec2.create_subnet(VpcId=net.vpc, CidrBlock="10.0.3.0/24", AvailabilityZone=f"{REGION}b")
    net.add_endpoint(SubnetIds=[net.others, third["Subnet"]["SubnetId"]])
    net.acl(net.others)
    assert net.stop() is None
    net.acl(third["Subnet"]["SubnetId"])
    assert net.stop() is Stop.NETWORK_ACL


def test_an_endpoint_without_groups_has_the_default_group_of_the_vpc(net: Net):
    made = net.ec2.create_vpc_endpoint(
        VpcId=net.vpc,
        VpcEndpointType="Interface",
        ServiceName=f"com.amazonaws.{REGION}.logs",
        SubnetIds=[net.others],
        PrivateDnsEnabled=True,
    )
    assert made["VpcEndpoint"]["VpcEndpointId"]
    assert net.stop() is Stop.ENDPOINT_SECURITY_GROUP


@pytest.mark.parametrize(("service", "host"), [
    ("ecr.api", f"api.ecr.{REGION}.amazonaws.com"),
    ("ecr.dkr", f"123456789012.dkr.ecr.{REGION}.amazonaws.com"),
    ("ssmmessages", f"ssmmessages.{REGION}.amazonaws.com"),
    ("secretsmanager", f"secretsmanager.{REGION}.amazonaws.com"),
])  # fmt: skip
def test_each_service_has_its_private_name(net: Net, service, host):
    net.add_endpoint(service)
    assert net.walk(host).arrived
    assert net.stop("logs.eu-central-1.amazonaws.com") is Stop.NO_ROUTE


def test_a_resolver_of_ones_own_knows_public_names_only(net: Net):
    net.add_endpoint()
    options = net.ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name-servers", "Values": ["10.0.0.53"]}])
    net.ec2.associate_dhcp_options(DhcpOptionsId=options["DhcpOptions"]["DhcpOptionsId"], VpcId=net.vpc)
    assert net.stop() is Stop.NO_ROUTE
    net.add_nat()
    assert net.stop() is None


@pytest.mark.parametrize("server", ["AmazonProvidedDNS", "169.254.169.253", "10.0.0.2"])
def test_amazons_resolver_is_amazons_resolver_by_name_and_by_address(net: Net, server):
    net.add_endpoint()
    options = net.ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name-servers", "Values": [server]}])
    net.ec2.associate_dhcp_options(DhcpOptionsId=options["DhcpOptions"]["DhcpOptionsId"], VpcId=net.vpc)
    assert net.stop() is None


def policy(effect: str = "Allow", action: object = "*", principal: object = "*", **more: Any) -> str:
    statement = {"Effect": effect, "Action": action, "Principal": principal, "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize(("document", "stop"), [
    (policy(action="logs:*"), None),
    (policy(action=["logs:createlogstream"]), None),
    (policy(action="logs:PutLogEvents"), Stop.ENDPOINT_POLICY),
    (policy("Deny"), Stop.ENDPOINT_POLICY),
    (policy(principal={"AWS": ROLE}), None),
    (policy(principal={"AWS": "123456789012"}), None),
    (policy(principal={"AWS": "arn:aws:iam::123456789012:root"}), None),
    (policy(principal={"AWS": "arn:aws:iam::123456789012:role/other"}), Stop.ENDPOINT_POLICY),
    (policy(Condition={"StringEquals": {"aws:PrincipalAccount": "123456789012"}}), None),
    (policy(Condition={"StringEquals": {"aws:PrincipalAccount": "111122223333"}}), Stop.ENDPOINT_POLICY),
    (policy(Condition={"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}), None),
])  # fmt: skip
def test_the_endpoints_policy(net: Net, document, stop):
    net.add_endpoint(PolicyDocument=document)
    journey = net.walk()
    assert journey.stop is stop
    assert journey.answered


NAT_CASES: dict[str, tuple[Change, Stop | None]] = {
    "as it is": (lambda _: None, None),
    "deleted": (lambda n: n.ec2.delete_nat_gateway(NatGatewayId=n.nat), Stop.BLACKHOLE),
    "its subnet has no way out": (
        lambda n: n.ec2.delete_route(RouteTableId=n.nat_table, DestinationCidrBlock=ANYWHERE),
        Stop.NAT_GATEWAY,
    ),
    "the internet gateway is detached": (
        lambda n: n.ec2.detach_internet_gateway(VpcId=n.vpc, InternetGatewayId=n.gateway),
        Stop.NAT_GATEWAY,
    ),
    "its subnet's ACL lets no tasks in": (
        lambda n: n.acl(n.others, OPEN[0], (100, "allow", False, "54.0.0.0/8", None)),
        Stop.NETWORK_ACL,
    ),
    "its subnet's ACL lets no answers in": (
        lambda n: n.acl(n.others, OPEN[0], (100, "allow", False, "10.0.0.0/8", None)),
        Stop.NETWORK_ACL,
    ),
    "its subnet's ACL lets nothing out": (
        lambda n: n.acl(n.others, OPEN[1], (100, "allow", True, "10.0.0.0/8", None)),
        Stop.NETWORK_ACL,
    ),
    "the task's ACL lets no answers in": (lambda n: n.acl(n.tasks, OPEN[0]), Stop.NETWORK_ACL),
    "the task's group lets nothing out": (lambda n: n.let_out(), Stop.TASK_SECURITY_GROUP),
    "a more specific route is a blackhole": (
        lambda n: blackhole(n, "54.0.0.0/8"),
        Stop.BLACKHOLE,
    ),
    "a more specific route for others": (lambda n: blackhole(n, "55.0.0.0/8"), None),
}


def blackhole(net: Net, cidr: str) -> None:
    address = net.ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = net.ec2.create_nat_gateway(SubnetId=net.others, AllocationId=address)["NatGateway"]["NatGatewayId"]
    net.ec2.create_route(RouteTableId=net.table, DestinationCidrBlock=cidr, NatGatewayId=nat)
    net.ec2.delete_nat_gateway(NatGatewayId=nat)


@pytest.mark.parametrize("case", NAT_CASES)
def test_the_way_through_a_nat_gateway(net: Net, case):
    change, expected = NAT_CASES[case]
    net.add_nat()
    change(net)
    assert net.stop() is expected


def test_a_private_nat_gateway_leads_nowhere(net: Net):
    made = net.ec2.create_nat_gateway(SubnetId=net.others, ConnectivityType="private")
    net.ec2.create_route(
        RouteTableId=net.table, DestinationCidrBlock=ANYWHERE, NatGatewayId=made["NatGateway"]["NatGatewayId"]
    )
    assert net.stop() is Stop.NAT_GATEWAY


def test_an_internet_gateway_needs_a_public_address(net: Net):
    net.add_internet_gateway(net.table)
    assert net.stop() is Stop.NO_PUBLIC_ADDRESS
    net.public_ip = "203.0.113.9"
    assert net.stop() is None
    assert net.stop(ELSEWHERE) is None
    net.ec2.detach_internet_gateway(VpcId=net.vpc, InternetGatewayId=net.gateway)
    assert net.stop() is Stop.BLACKHOLE


def test_a_subnet_without_a_table_of_its_own_uses_the_main_one(net: Net):
    net.add_nat()
    tables = net.ec2.describe_route_tables(RouteTableIds=[net.table])["RouteTables"]
    net.ec2.disassociate_route_table(AssociationId=tables[0]["Associations"][0]["RouteTableAssociationId"])
    assert net.stop() is Stop.NO_ROUTE
    main = net.ec2.describe_route_tables(
        Filters=[{"Name": "vpc-id", "Values": [net.vpc]}, {"Name": "association.main", "Values": ["true"]}]
    )["RouteTables"][0]["RouteTableId"]
    net.ec2.create_route(RouteTableId=main, DestinationCidrBlock=ANYWHERE, NatGatewayId=net.nat)
    assert net.stop() is None


def test_a_transit_gateway_leads_on_only_where_it_is_said_to(net: Net):
    transit = net.ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    net.ec2.create_route(RouteTableId=net.table, DestinationCidrBlock=ANYWHERE, TransitGatewayId=transit)
    assert net.stop() is Stop.ELSEWHERE
    net.ec2.create_tags(Resources=[transit], Tags=[{"Key": OPEN_TARGET_TAG, "Value": "yes"}])
    assert net.stop() is None


LAYERS = ("s3:GetObject", None)


def test_the_s3_gateway_serves_the_tables_it_is_on(net: Net):
    other = net.ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"]
    net.add_s3_gateway(other)
    assert net.walk(S3, *LAYERS).stop is Stop.NO_ROUTE
    net.ec2.modify_vpc_endpoint(VpcEndpointId=net.endpoint, AddRouteTableIds=[net.table])
    assert net.walk(S3, *LAYERS).arrived
    assert net.stop(LOGS) is Stop.NO_ROUTE


def test_the_s3_gateway_goes_before_the_default_route(net: Net):
    net.add_nat()
    net.add_s3_gateway(net.table, PolicyDocument=policy("Deny"))
    assert net.walk(S3, *LAYERS).stop is Stop.ENDPOINT_POLICY
    net.ec2.modify_vpc_endpoint(VpcEndpointId=net.endpoint, RemoveRouteTableIds=[net.table])
    assert net.walk(S3, *LAYERS).arrived


def test_the_s3_gateways_policy_is_asked_as_ecr_not_as_the_role(net: Net):
    net.add_s3_gateway(net.table, PolicyDocument=policy(principal={"AWS": ROLE}))
    assert net.walk(S3, *LAYERS).stop is Stop.ENDPOINT_POLICY
    net.ec2.modify_vpc_endpoint(VpcEndpointId=net.endpoint, PolicyDocument=policy())
    assert net.walk(S3, *LAYERS).arrived


def test_egress_to_s3_by_its_prefix_list(net: Net):
    net.add_s3_gateway(net.table)
    lists = net.ec2.describe_managed_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": [f"com.amazonaws.{REGION}.s3"]}]
    )["PrefixLists"]
    net.let_out(by_prefix_list(lists[0]["PrefixListId"]))
    assert net.walk(S3, *LAYERS).arrived
    net.add_nat()
    assert net.stop(LOGS) is Stop.TASK_SECURITY_GROUP


def test_an_s3_interface_endpoint_does_not_take_the_name_inside_the_vpc(net: Net):
    net.add_s3_gateway(net.table)
    net.add_endpoint("s3")
    journey = net.walk(S3, *LAYERS)
    assert journey.arrived
    assert not str(journey.address).startswith("10.")


REGISTRY = "123456789012.dkr-ecr.eu-west-1.on.aws"
IPV4_REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
IPV6 = "::/0"


@pytest.fixture
def dual(ec2) -> Net:
    """The same with IPv6 as well, and nothing that leads out either."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]
    whole = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    tasks, others = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"{REGION}a")["Subnet"]["SubnetId"]
        for cidr in ("10.0.1.0/24", "10.0.2.0/24")
    )
    ec2.associate_subnet_cidr_block(SubnetId=tasks, Ipv6CidrBlock=whole.replace("/56", "/64"))
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=tasks)
    group = ec2.create_security_group(VpcId=vpc, GroupName="tasks", Description="tasks")["GroupId"]
    acl = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"][0]["NetworkAclId"]
    for egress in (True, False):
        ec2.create_network_acl_entry(
            NetworkAclId=acl, RuleNumber=101, Egress=egress, RuleAction="allow", Protocol="-1", Ipv6CidrBlock=IPV6
        )
    return Net(ec2, vpc, tasks, others, table, group, group)


def stop_of(net: Net, host: str) -> Stop | None:
    made = net.ec2.create_network_interface(SubnetId=net.tasks, Groups=[net.task_group], Ipv6AddressCount=1)
    backend = ec2_backends["123456789012"][REGION]
    return walk(backend, start_of(backend.enis[made["NetworkInterface"]["NetworkInterfaceId"]]), host).stop


def add_egress_only_gateway(net: Net) -> str:
    made = net.ec2.create_egress_only_internet_gateway(VpcId=net.vpc)["EgressOnlyInternetGateway"]
    gateway: str = made["EgressOnlyInternetGatewayId"]
    net.ec2.create_route(RouteTableId=net.table, DestinationIpv6CidrBlock=IPV6, EgressOnlyInternetGatewayId=gateway)
    return gateway


def test_ipv6_leads_on_where_ipv4_does_not(dual: Net):
    assert stop_of(dual, REGISTRY) is Stop.NO_ROUTE
    gateway = add_egress_only_gateway(dual)
    assert stop_of(dual, REGISTRY) is None
    assert stop_of(dual, IPV4_REGISTRY) is Stop.NO_ROUTE
    dual.ec2.delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=gateway)
    assert stop_of(dual, REGISTRY) is Stop.NO_ROUTE


def test_nat64_takes_dns64_and_a_nat_gateway(dual: Net):
    dual.add_nat()
    dual.ec2.delete_route(RouteTableId=dual.table, DestinationCidrBlock=ANYWHERE)
    add_egress_only_gateway(dual)
    dual.ec2.modify_subnet_attribute(SubnetId=dual.tasks, EnableDns64={"Value": True})
    assert stop_of(dual, IPV4_REGISTRY) is Stop.NO_ROUTE
    dual.ec2.create_route(RouteTableId=dual.table, DestinationIpv6CidrBlock="64:ff9b::/96", NatGatewayId=dual.nat)
    assert stop_of(dual, IPV4_REGISTRY) is None
    dual.ec2.modify_subnet_attribute(SubnetId=dual.tasks, EnableDns64={"Value": False})
    assert stop_of(dual, IPV4_REGISTRY) is Stop.NO_ROUTE


def test_block_public_access_closes_the_gateways(dual: Net):
    add_egress_only_gateway(dual)
    try:
        for mode, stop in (("block-ingress", None), ("block-bidirectional", Stop.NO_ROUTE)):
            dual.ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode=mode)
            assert stop_of(dual, REGISTRY) is stop
            subnet = dual.ec2.describe_subnets(SubnetIds=[dual.tasks])["Subnets"][0]
            assert subnet["BlockPublicAccessStates"] == {"InternetGatewayBlockMode": mode}
    finally:
        dual.ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="off")
