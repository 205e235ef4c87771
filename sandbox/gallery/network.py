"""Building blocks of a scenario's network, over the wire, as an infrastructure tool would create them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.client import REGION
from sandbox.gallery.workbench import Workbench

VPC_CIDR = "10.0.0.0/16"
TASK_CIDR = "10.0.1.0/24"
ENDPOINT_CIDR = "10.0.2.0/24"
PUBLIC_CIDR = "10.0.3.0/24"
ZONE = f"{REGION}a"

START = ("ecr.api", "ecr.dkr", "logs")
"""Interface endpoints that a task with an ECR image and awslogs needs in an isolated subnet; S3 comes on top."""


@dataclass(slots=True)
class Network:
    """A VPC with one subnet for tasks, isolated until something is added."""

    vpc: str
    subnet: str
    route_table: str
    task_group: str
    endpoint_group: str
    endpoint_subnet: str
    endpoints: dict[str, str] = field(default_factory=dict)
    public_ip: str = "DISABLED"

    def ids(self) -> dict[str, str]:
        """The ids by role."""
        named = {
            "vpc": self.vpc,
            "subnet": self.subnet,
            "route_table": self.route_table,
            "task_group": self.task_group,
            "endpoint_group": self.endpoint_group,
            "endpoint_subnet": self.endpoint_subnet,
        }
        return named | {f"endpoint:{service}": endpoint for service, endpoint in self.endpoints.items()}


def isolated(bench: Workbench, name: str) -> Network:
    """A VPC whose task subnet has no way out; DNS is on, security groups let the tasks out and 443 in to endpoints."""
    ec2 = bench.client("ec2")
    vpc = ec2.create_vpc(CidrBlock=VPC_CIDR, TagSpecifications=[_tags("vpc", name)])["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = _subnet(ec2, vpc, TASK_CIDR)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    group = ec2.create_security_group(VpcId=vpc, GroupName=f"{name}-tasks", Description="tasks")["GroupId"]
    endpoints = ec2.create_security_group(VpcId=vpc, GroupName=f"{name}-endpoints", Description="endpoints")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=endpoints, IpPermissions=[https_from(VPC_CIDR)])
    return Network(vpc, subnet, table, group, endpoints, _subnet(ec2, vpc, ENDPOINT_CIDR))


def add_endpoints(bench: Workbench, network: Network, services: Iterable[str], **settings: Any) -> None:
    """Interface endpoints with private DNS in a subnet of their own; settings go to CreateVpcEndpoint."""
    ec2 = bench.client("ec2")
    for service in services:
        wanted = {
            "SubnetIds": [network.endpoint_subnet],
            "SecurityGroupIds": [network.endpoint_group],
            "PrivateDnsEnabled": True,
            **settings,
        }
        answer = ec2.create_vpc_endpoint(
            VpcId=network.vpc, VpcEndpointType="Interface", ServiceName=full_name(service), **wanted
        )
        network.endpoints[service] = answer["VpcEndpoint"]["VpcEndpointId"]


def add_s3_gateway(bench: Workbench, network: Network, route_tables: Iterable[str], **settings: Any) -> None:
    """An S3 gateway endpoint on these route tables."""
    answer = bench.client("ec2").create_vpc_endpoint(
        VpcId=network.vpc,
        VpcEndpointType="Gateway",
        ServiceName=full_name("s3"),
        RouteTableIds=list(route_tables),
        **settings,
    )
    network.endpoints["s3"] = answer["VpcEndpoint"]["VpcEndpointId"]


def with_endpoints(bench: Workbench, name: str, services: Iterable[str] = START) -> Network:
    """An isolated task subnet with these interface endpoints and the S3 gateway."""
    network = isolated(bench, name)
    add_endpoints(bench, network, services)
    add_s3_gateway(bench, network, [network.route_table])
    return network


def add_internet_gateway(bench: Workbench, network: Network, route_table: str) -> str:
    """An internet gateway as the default route of a table."""
    ec2 = bench.client("ec2")
    gateway = str(ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
    ec2.attach_internet_gateway(VpcId=network.vpc, InternetGatewayId=gateway)
    ec2.create_route(RouteTableId=route_table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    return gateway


def with_nat(bench: Workbench, name: str) -> tuple[Network, str]:
    """A task subnet that reaches the internet through a NAT gateway; also returns the gateway's id."""
    ec2 = bench.client("ec2")
    network = isolated(bench, name)
    public = _subnet(ec2, network.vpc, PUBLIC_CIDR)
    table = ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=public)
    add_internet_gateway(bench, network, table)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"]
    ec2.create_route(RouteTableId=network.route_table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    return network, nat


def add_nat_gateway(bench: Workbench, network: Network, gateway: str) -> str:
    """A NAT gateway in a public subnet of its own behind the VPC's internet gateway."""
    ec2 = bench.client("ec2")
    public = add_subnet(bench, network, PUBLIC_CIDR, way_out=gateway)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    return str(ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"])


def add_subnet(bench: Workbench, network: Network, cidr: str, *, way_out: str | None = None) -> str:
    """A further subnet with a route table of its own; `way_out` (igw-… or nat-…) is its default route."""
    ec2 = bench.client("ec2")
    subnet = _subnet(ec2, network.vpc, cidr)
    table = ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    if way_out is not None:
        target = {"GatewayId": way_out} if way_out.startswith("igw-") else {"NatGatewayId": way_out}
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
    return subnet


def https_from(cidr: str) -> Mapping[str, Any]:
    """A rule for TCP 443 from or to an address range."""
    return {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": cidr}]}


def full_name(service: str) -> str:
    """The endpoint service's full name in the account's region."""
    return f"com.amazonaws.{REGION}.{service}"


def _subnet(ec2: Any, vpc: str, cidr: str) -> str:
    return str(ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=ZONE)["Subnet"]["SubnetId"])


def _tags(kind: str, name: str) -> Mapping[str, Any]:
    return {"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}
