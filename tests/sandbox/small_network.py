"""A small network, built over the wire."""

from dataclasses import dataclass
from typing import Any

from sandbox.client import Sandbox

LOGS = "com.amazonaws.eu-west-1.logs"
ECR_API = "com.amazonaws.eu-west-1.ecr.api"
S3 = "com.amazonaws.eu-west-1.s3"


@dataclass(frozen=True, slots=True)
class Network:
    ec2: Any
    vpc: str
    subnet_a: str
    subnet_b: str
    second_in_a: str
    group: str
    route_table: str

    def endpoint(self, service: str = LOGS, **settings: Any) -> dict[str, Any]:
        asked = {"VpcEndpointType": "Interface", "SubnetIds": [self.subnet_a], **settings}
        endpoint: dict[str, Any] = self.ec2.create_vpc_endpoint(VpcId=self.vpc, ServiceName=service, **asked)
        return endpoint["VpcEndpoint"]  # type: ignore[no-any-return]

    def endpoints(self) -> list[dict[str, Any]]:
        return self.ec2.describe_vpc_endpoints()["VpcEndpoints"]  # type: ignore[no-any-return]

    def interfaces(self) -> list[dict[str, Any]]:
        filters = [{"Name": "vpc-id", "Values": [self.vpc]}, {"Name": "interface-type", "Values": ["vpc_endpoint"]}]
        return self.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]  # type: ignore[no-any-return]

    def routes(self) -> list[dict[str, Any]]:
        tables = self.ec2.describe_route_tables(RouteTableIds=[self.route_table])["RouteTables"]
        return tables[0]["Routes"]  # type: ignore[no-any-return]


def build(account: Sandbox, *, dns_hostnames: bool = True) -> Network:
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    if dns_hostnames:
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})

    def subnet(cidr: str, zone: str) -> str:
        created = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)
        return created["Subnet"]["SubnetId"]  # type: ignore[no-any-return]

    group = ec2.create_security_group(GroupName="endpoints", Description="endpoints", VpcId=vpc)["GroupId"]
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    return Network(
        ec2,
        vpc,
        subnet("10.0.1.0/24", "eu-west-1a"),
        subnet("10.0.2.0/24", "eu-west-1b"),
        subnet("10.0.3.0/24", "eu-west-1a"),
        group,
        tables[0]["RouteTableId"],
    )
