"""A service `orders` on Fargate that works, in a VPC whose every part can be changed by one argument."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import (
    AwsvpcConfiguration,
    Cluster,
    ContainerDefinition,
    LogConfiguration,
    Secret,
    Service,
    Task,
    TaskDefinition,
)
from ecs_medic.facts.fact import Absent, Known, Unknown
from ecs_medic.facts.network import (
    AclEntry,
    Endpoint,
    EndpointInterface,
    Interface,
    NatGateway,
    Network,
    NetworkAcl,
    Permission,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
)
from ecs_medic.incident import Incident, Kind, Message, SymptomConfidence
from ecs_medic.vocabulary import Id

REGION, ACCOUNT = "eu-west-1", "123456789012"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/orders:1.4"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop/db-AbCdEf"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop-execution"
CLUSTER = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/shop"
SUBNET, SECOND, PUBLIC = "subnet-a", "subnet-b", "subnet-p"

LOCAL = Route("10.0.0.0/16", "local")
TO_S3 = Route("pl-s3", "vpce-s3")
BY_NAT = Route("0.0.0.0/0", "nat-1")
BY_INTERNET_GATEWAY = Route("0.0.0.0/0", "igw-1")
ALL = Permission("-1", None, ("0.0.0.0/0",))
HTTPS_FROM_VPC = Permission("tcp", (443, 443), ("10.0.0.0/16",))
FOR_START = ("ecr.api", "ecr.dkr", "logs")


def service_name(name: str) -> str:
    return f"com.amazonaws.{REGION}.{name}"


def known[T](value: T, source: str = "ec2:Describe") -> Known[T]:
    return Known(value, source)


def denied(operation: str) -> Unknown:
    return Unknown(operation, "AccessDenied", operation)


def interface_endpoint(name: str, **changes: Any) -> Endpoint:
    made = Endpoint(
        f"vpce-{name.replace('.', '-')}",
        service_name(name),
        "Interface",
        "available",
        private_dns_enabled=True,
        subnet_ids=(SUBNET, SECOND),
        security_group_ids=("sg-endpoints",),
        interface_ids=(f"eni-{name}-a", f"eni-{name}-b"),
    )
    return replace(made, **changes)


S3_GATEWAY = Endpoint("vpce-s3", service_name("s3"), "Gateway", "available", route_table_ids=("rtb-a",))


def isolated_endpoints(*names: str) -> tuple[Endpoint, ...]:
    return (*(interface_endpoint(name) for name in names), S3_GATEWAY)


def acl(*entries: AclEntry) -> NetworkAcl:
    return NetworkAcl("acl-1", entries, (SUBNET, SECOND, PUBLIC), default=True)


OPEN_ACL = acl(
    AclEntry(100, egress=True, allow=True, protocol="-1", cidr="0.0.0.0/0"),
    AclEntry(100, egress=False, allow=True, protocol="-1", cidr="0.0.0.0/0"),
)


def network(
    *,
    routes: tuple[Route, ...] = (LOCAL, TO_S3),
    endpoints: tuple[Endpoint, ...] = isolated_endpoints(*FOR_START, "secretsmanager"),
    egress: tuple[Permission, ...] = (ALL,),
    ingress: tuple[Permission, ...] = (HTTPS_FROM_VPC,),
    **facts: Any,
) -> Network:
    doors = {
        identifier: EndpointInterface(identifier, subnet, f"10.0.{third}.{50 + number}")
        for number, endpoint in enumerate(endpoints)
        for identifier, subnet, third in zip(endpoint.interface_ids, (SUBNET, SECOND), (1, 2), strict=False)
    }
    whole: dict[str, Any] = {
        "vpc": known(Vpc("vpc-1", ("10.0.0.0/16",), owner_id=ACCOUNT)),
        "dns_support": known(True),
        "dns_hostnames": known(True),
        "dns_servers": known(("AmazonProvidedDNS",)),
        "subnets": known(
            {
                SUBNET: Subnet(SUBNET, "vpc-1", "10.0.1.0/24", f"{REGION}a", 200),
                SECOND: Subnet(SECOND, "vpc-1", "10.0.2.0/24", f"{REGION}b", 200),
                PUBLIC: Subnet(PUBLIC, "vpc-1", "10.0.9.0/24", f"{REGION}a", 200),
            }
        ),
        "route_tables": known(
            (
                RouteTable("rtb-main", (LOCAL,), main=True),
                RouteTable("rtb-a", routes, (SUBNET,)),
                RouteTable("rtb-p", (LOCAL, BY_INTERNET_GATEWAY), (PUBLIC,)),
            )
        ),
        "network_acls": known((OPEN_ACL,)),
        "security_groups": known(
            {
                "sg-task": SecurityGroup("sg-task", "orders", "vpc-1", (), egress),
                "sg-endpoints": SecurityGroup("sg-endpoints", "endpoints", "vpc-1", ingress, (ALL,)),
            }
        ),
        "endpoints": known(endpoints),
        "endpoint_interfaces": known(doors),
        "nat_gateways": known({"nat-1": NatGateway("nat-1", "available", PUBLIC, "10.0.9.9")}),
        "prefix_lists": known({"pl-s3": ("52.92.0.0/17", "3.5.68.0/22")}),
        "hosted_zones": known((), "route53:ListHostedZonesByVPC"),
        "prefix_list_names": known({"pl-s3": service_name("s3")}),
    }
    return Network("vpc-1", **(whole | facts))


INTERFACE = Interface(
    SUBNET,
    "vpc-1",
    "eni-task",
    "10.0.1.17",
    Absent("ecs:DescribeServices", "assignPublicIp is DISABLED"),
    known(("sg-task",)),
)
HOST = replace(INTERFACE, id="eni-host", private_ip="10.0.1.90", belongs_to="container instance")

CONTAINER = ContainerDefinition(
    "app",
    IMAGE,
    log_configuration=LogConfiguration("awslogs", {"awslogs-group": "/shop/orders", "awslogs-region": REGION}),
)
WITH_SECRET = replace(CONTAINER, secrets=(Secret("DB", SECRET),))


def facts(
    where: Network,
    *,
    container: ContainerDefinition = CONTAINER,
    launch_type: str = "FARGATE",
    interface: Interface | None = INTERFACE,
    host: Interface | None = None,
    network_mode: str = "awsvpc",
    exec_enabled: bool = False,
    **changes: Any,
) -> Facts:
    absent = Absent("ecs:DescribeTasks", "there is none")
    made = Facts(
        NOW,
        ACCOUNT,
        REGION,
        task=known(
            Task(f"{CLUSTER}/t1", CLUSTER, launch_type=launch_type, enable_execute_command=exec_enabled), "event"
        ),
        task_definition=known(
            TaskDefinition(
                "arn",
                "orders",
                7,
                network_mode=network_mode,
                execution_role_arn=ROLE,
                task_role_arn=ROLE,
                containers=(container,),
            )
        ),
        cluster=known(Cluster(CLUSTER, "shop", "ACTIVE")),
        service=known(Service("arn", "orders", "ACTIVE", awsvpc=AwsvpcConfiguration((SUBNET, SECOND), ("sg-task",)))),
        task_interface=known(interface) if interface else absent,
        host_interface=known(host) if host else absent,
        networks={where.vpc_id: where},
    )
    return replace(made, **changes)


def incident(symptom: Id = Id.ECR_UNREACHABLE, kind: Kind = Kind.STOPPED_TASK) -> Incident:
    return Incident(
        kind,
        ACCOUNT,
        REGION,
        "shop",
        symptom,
        SymptomConfidence.CERTAIN,
        Message(kind),
        NOW,
        service="orders",
    )


EXEC = incident(Id.EXEC_TARGET_NOT_CONNECTED, Kind.EXEC_ERROR)
