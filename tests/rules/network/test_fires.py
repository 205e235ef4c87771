"""Each cause, shown by facts that leave no doubt: the finding, its required params, its evidence and its commands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import AclEntry, Permission, Route, RouteTable, Subnet
from ecs_medic.finding import Confidence, Finding, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.network import RULES
from ecs_medic.vocabulary import Id
from tests.rules.network import worlds as w

NOTHING_BUT_LOCAL = (w.LOCAL,)


@dataclass(frozen=True)
class Case:
    name: str
    cause: Id
    facts: Facts
    params: Mapping[str, object]
    subject: str
    incident: Incident = w.incident(Id.IMAGE_PULL_FAILED)  # noqa: RUF009  frozen
    phase: Phase = Phase.REGISTRY_AUTH
    confidence: Confidence = Confidence.CONFIRMED
    command: str = ""


def endpoints_with(name: str, **changes):
    return tuple(
        replace(one, **changes) if one.service_name == w.service_name(name) else one
        for one in w.isolated_endpoints(*w.FOR_START)
    )


CASES = (
    Case(
        "nothing at all: everything that the start needs, S3 included",
        Id.VPC_ENDPOINT_MISSING,
        w.facts(w.network(routes=NOTHING_BUT_LOCAL, endpoints=()), container=w.WITH_SECRET),
        {
            "services": [w.service_name(one) for one in ("ecr.api", "ecr.dkr", "logs", "s3", "secretsmanager")],
            "vpc_id": "vpc-1",
            "subnet_ids": [w.SUBNET, w.SECOND],
            "endpoint_types": {
                w.service_name(one): "Gateway" if one == "s3" else "Interface"
                for one in ("ecr.api", "ecr.dkr", "logs", "s3", "secretsmanager")
            },
        },
        "vpc-1",
        command="aws ec2 create-vpc-endpoint --vpc-id vpc-1 --vpc-endpoint-type Gateway --service-name "
        "com.amazonaws.eu-west-1.s3 --route-table-ids rtb-a --region eu-west-1",
    ),
    Case(
        "only what is missing",
        Id.VPC_ENDPOINT_MISSING,
        w.facts(w.network(endpoints=w.isolated_endpoints("ecr.api", "logs"))),
        {"services": [w.service_name("ecr.dkr")]},
        "vpc-1",
        phase=Phase.IMAGE,
        command="aws ec2 create-vpc-endpoint --vpc-id vpc-1 --vpc-endpoint-type Interface --service-name "
        "com.amazonaws.eu-west-1.ecr.dkr --subnet-ids subnet-a subnet-b --region eu-west-1 "
        '--security-group-ids "$SG" --private-dns-enabled',
    ),
    Case(
        "an exec needs ssmmessages alone",
        Id.VPC_ENDPOINT_MISSING,
        w.facts(w.network(endpoints=(w.S3_GATEWAY,)), exec_enabled=True),
        {"services": [w.service_name("ssmmessages")]},
        "vpc-1",
        incident=w.EXEC,
        phase=Phase.EXEC,
    ),
    Case(
        "a transit gateway may lead to endpoints that are not seen",
        Id.VPC_ENDPOINT_MISSING,
        w.facts(w.network(endpoints=(w.S3_GATEWAY,), routes=(w.LOCAL, w.TO_S3, Route("10.9.0.0/16", "tgw-1")))),
        {"services": [w.service_name(one) for one in w.FOR_START]},
        "vpc-1",
        confidence=Confidence.LIKELY,
    ),
    Case(
        "the gateway is there, the route table is not on it",
        Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE,
        w.facts(
            w.network(
                routes=NOTHING_BUT_LOCAL,
                endpoints=(
                    *w.isolated_endpoints(*w.FOR_START)[:-1],
                    replace(w.S3_GATEWAY, route_table_ids=("rtb-main",)),
                ),
            )
        ),
        {"vpc_endpoint_id": "vpce-s3", "route_table_id": "rtb-a"},
        "rtb-a",
        phase=Phase.IMAGE,
        command="aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-s3 --add-route-table-ids rtb-a --region eu-west-1",
    ),
    Case(
        "the endpoints' security group admits another group",
        Id.ENDPOINT_SECURITY_GROUP_BLOCKS,
        w.facts(w.network(ingress=(Permission("tcp", (443, 443), (), ("sg-other",)),))),
        {
            "vpc_endpoint_id": "vpce-ecr-api",
            "security_group_ids": ["sg-endpoints"],
            "service": w.service_name("ecr.api"),
            "vpc_endpoint_ids": ["vpce-ecr-api", "vpce-ecr-dkr", "vpce-logs"],
        },
        "sg-endpoints",
        command="aws ec2 authorize-security-group-ingress --group-id sg-endpoints --protocol tcp --port 443 "
        "--source-group sg-task --region eu-west-1",
    ),
    Case(
        "a NAT gateway is no way around an endpoint that answers",
        Id.ENDPOINT_SECURITY_GROUP_BLOCKS,
        w.facts(w.network(routes=(w.LOCAL, w.BY_NAT), endpoints=(w.interface_endpoint("logs"),), ingress=())),
        {"vpc_endpoint_id": "vpce-logs", "service": w.service_name("logs")},
        "sg-endpoints",
        phase=Phase.LOGS,
    ),
    Case(
        "private DNS is off",
        Id.ENDPOINT_PRIVATE_DNS_OFF,
        w.facts(w.network(endpoints=endpoints_with("ecr.dkr", private_dns_enabled=False))),
        {"vpc_endpoint_id": "vpce-ecr-dkr", "service": w.service_name("ecr.dkr")},
        "vpce-ecr-dkr",
        phase=Phase.IMAGE,
        command="aws ec2 modify-vpc-endpoint --private-dns-enabled --vpc-endpoint-id vpce-ecr-dkr --region eu-west-1",
    ),
    Case(
        "the S3 policy does not know the layer bucket",
        Id.ENDPOINT_POLICY_DENIES,
        w.facts(
            w.network(
                endpoints=endpoints_with(
                    "s3",
                    policy={
                        "Version": "2012-10-17",
                        "Statement": [
                            {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::shop/*"}
                        ],
                    },
                )
            )
        ),
        {"vpc_endpoint_id": "vpce-s3", "service": w.service_name("s3"), "actions": ["s3:GetObject"]},
        "vpce-s3",
        phase=Phase.IMAGE,
    ),
    Case(
        "an endpoint is still pending",
        Id.ENDPOINT_NOT_AVAILABLE,
        w.facts(w.network(endpoints=endpoints_with("logs", state="pending"))),
        {"vpc_endpoint_id": "vpce-logs", "service": w.service_name("logs"), "state": "pending"},
        "vpce-logs",
        phase=Phase.LOGS,
    ),
    Case(
        "the route leads to a gateway endpoint that is going",
        Id.ENDPOINT_NOT_AVAILABLE,
        w.facts(w.network(endpoints=endpoints_with("s3", state="deleting"))),
        {"vpc_endpoint_id": "vpce-s3", "state": "deleting"},
        "vpce-s3",
        phase=Phase.IMAGE,
    ),
    Case(
        "host names are off: private names do not answer",
        Id.VPC_DNS_DISABLED,
        w.facts(w.network(dns_hostnames=Known(False, "ec2:DescribeVpcAttribute"))),
        {"vpc_id": "vpc-1", "attributes": ["enableDnsHostnames"]},
        "vpc-1",
        command="aws ec2 modify-vpc-attribute --enable-dns-hostnames --vpc-id vpc-1 --region eu-west-1",
    ),
    Case(
        "DNS is off altogether: not even NAT helps",
        Id.VPC_DNS_DISABLED,
        w.facts(w.network(routes=(w.LOCAL, w.BY_NAT), dns_support=Known(False, "ec2:DescribeVpcAttribute"))),
        {"vpc_id": "vpc-1", "attributes": ["enableDnsSupport"]},
        "vpc-1",
    ),
    Case(
        "another resolver, and only the private names lead anywhere",
        Id.CUSTOM_DNS_RESOLVER,
        w.facts(w.network(dns_servers=w.known(("10.9.0.53",)))),
        {"vpc_id": "vpc-1", "dns_servers": ["10.9.0.53"]},
        "vpc-1",
        confidence=Confidence.LIKELY,
    ),
    Case(
        "the task's group lets nothing out",
        Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
        w.facts(w.network(egress=())),
        {"security_group_ids": ["sg-task"]},
        "sg-task",
    ),
    Case(
        "the task's group knows the VPC, but not S3",
        Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
        w.facts(w.network(egress=(Permission("tcp", (443, 443), ("10.0.0.0/16",)),))),
        {
            "security_group_ids": ["sg-task"],
            "destinations": ["prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com"],
        },
        "sg-task",
        phase=Phase.IMAGE,
    ),
    Case(
        "answers from S3 are denied",
        Id.NETWORK_ACL_BLOCKS,
        w.facts(
            w.network(
                network_acls=w.known(
                    (
                        w.acl(
                            AclEntry(100, egress=True, allow=True, protocol="-1", cidr="0.0.0.0/0"),
                            AclEntry(100, egress=False, allow=True, protocol="-1", cidr="10.0.0.0/16"),
                        ),
                    )
                )
            )
        ),
        {"network_acl_id": "acl-1", "direction": "ingress"},
        "acl-1",
        phase=Phase.IMAGE,
    ),
    Case(
        "Docker Hub, and no way out",
        Id.NO_ROUTE_TO_INTERNET,
        w.facts(w.network(), container=replace(w.CONTAINER, image="nginx:1.27")),
        {"subnet_id": w.SUBNET},
        w.SUBNET,
        phase=Phase.IMAGE,
    ),
    Case(
        "a NAT gateway whose own subnet leads nowhere",
        Id.NO_ROUTE_TO_INTERNET,
        w.facts(
            w.network(
                endpoints=(),
                route_tables=w.known(
                    (
                        RouteTable("rtb-main", (w.LOCAL,), main=True),
                        RouteTable("rtb-a", (w.LOCAL, w.BY_NAT), (w.SUBNET,)),
                    )
                ),
            )
        ),
        {"subnet_id": w.SUBNET},
        w.SUBNET,
    ),
    Case(
        "a public subnet, and assignPublicIp off",
        Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP,
        w.facts(w.network(endpoints=(), routes=(w.LOCAL, w.BY_INTERNET_GATEWAY))),
        {"subnet_id": w.SUBNET},
        "orders",
        command="aws ecs update-service --cluster shop --service orders --network-configuration "
        "'awsvpcConfiguration={subnets=[subnet-a,subnet-b],securityGroups=[sg-task],assignPublicIp=ENABLED}' "
        "--region eu-west-1",
    ),
    Case(
        "an EC2 task of its own interface in a public subnet",
        Id.AWSVPC_TASK_CANNOT_HAVE_PUBLIC_IP,
        w.facts(
            w.network(endpoints=(), routes=(w.LOCAL, w.BY_INTERNET_GATEWAY)),
            launch_type="EC2",
            host=replace(w.HOST, public_ip=w.known("198.51.100.9")),
            exec_enabled=True,
        ),
        {"subnet_id": w.SUBNET},
        w.SUBNET,
        incident=w.EXEC,
        phase=Phase.EXEC,
    ),
    Case(
        "a managed instance in an isolated subnet, while the task's own interface has NAT",
        Id.MANAGED_INSTANCE_NETWORK_BLOCKED,
        w.facts(
            w.network(endpoints=(), routes=(w.LOCAL, w.BY_NAT)),
            launch_type="MANAGED_INSTANCES",
            host=replace(w.HOST, subnet_id=w.SECOND, private_ip="10.0.2.90"),
        ),
        {"subnet_id": w.SECOND, "network_interface_id": "eni-host"},
        w.SECOND,
    ),
    Case(
        "a default route into a hole",
        Id.ROUTE_BLACKHOLE,
        w.facts(w.network(endpoints=(), routes=(w.LOCAL, Route("0.0.0.0/0", "nat-gone", "blackhole")))),
        {"route_table_id": "rtb-a", "destination": "0.0.0.0/0", "target": "nat-gone"},
        "rtb-a",
    ),
    Case(
        "a default route to a NAT gateway that was deleted",
        Id.ROUTE_BLACKHOLE,
        w.facts(w.network(endpoints=(), routes=(w.LOCAL, w.BY_NAT), nat_gateways=w.known({}))),
        {"route_table_id": "rtb-a", "target": "nat-1"},
        "rtb-a",
    ),
    Case(
        "a full subnet",
        Id.SUBNET_OUT_OF_ADDRESSES,
        w.facts(
            w.network(subnets=w.known({w.SUBNET: Subnet(w.SUBNET, "vpc-1", "10.0.1.0/24", "eu-west-1a", 0)})),
            interface=replace(w.INTERFACE, id=None, private_ip=None),
        ),
        {"subnet_id": w.SUBNET},
        w.SUBNET,
        incident=w.incident(Id.SUBNET_OUT_OF_ADDRESSES),
        phase=Phase.INTERFACE,
    ),
)


def findings(incident: Incident, facts: Facts) -> list[Finding]:
    found = [outcome for rule in RULES for outcome in rule(incident, facts)]
    return [outcome for outcome in found if isinstance(outcome, Finding)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.cause}: {case.name}")
def test_fires_and_nothing_else_does(case: Case):
    found = findings(case.incident, case.facts)
    shown = [one for one in found if one.confidence is not Confidence.POSSIBLE]
    assert [one.cause for one in shown] == [case.cause]
    (one,) = shown
    assert {key: one.params.get(key) for key in case.params} == case.params
    assert (one.confidence, one.subject, one.phase) == (case.confidence, case.subject, case.phase)
    assert one.evidence
    assert all(seen.source.startswith(("ec2:", "ecs:")) and seen.observed for seen in one.evidence)
    assert not case.command or case.command in one.fix.cli


def test_every_rule_has_a_case_that_fires():
    assert {case.cause for case in CASES} == {Id(rule.__name__) for rule in RULES}


def test_new_endpoints_get_a_group_that_admits_the_whole_vpc():
    case = CASES[0]
    (one,) = findings(case.incident, case.facts)
    assert one.fix.cli[0].startswith("SG=$(aws ec2 create-security-group --vpc-id vpc-1 ")
    assert "--port 443 --cidr 10.0.0.0/16 " in one.fix.cli[1]
    assert sum("create-vpc-endpoint" in line for line in one.fix.cli) == 5


def found_from_an_ipv6_only_subnet(*egress: Permission) -> dict[Id, Finding]:
    where = w.network(endpoints=(), egress=egress)
    entries = [AclEntry(100, egress=way, allow=True, protocol="-1", cidr="::/0") for way in (True, False)]
    alone = Subnet(w.SUBNET, "vpc-1", None, f"{w.REGION}a", ipv6_native=True, ipv6_cidrs=("2a05:d018:1::/64",))
    where = replace(
        where,
        network_acls=w.known((w.acl(*entries),)),
        subnets=w.known({**where.subnets.value, w.SUBNET: alone}),
        hosted_zones=w.known(()),
    )
    start = replace(w.INTERFACE, private_ip=None, ipv6_addresses=w.known(("2a05:d018:1::11",)))
    facts = w.facts(where, interface=start)
    outcomes = [one for rule in RULES for one in rule(w.incident(Id.IMAGE_PULL_FAILED), facts)]
    return {one.cause: one for one in outcomes if isinstance(one, Finding)}


def test_an_ipv6_only_subnet_without_a_way_out_is_told_of_no_endpoint():
    found = found_from_an_ipv6_only_subnet(Permission("-1", None, ("::/0",)))
    assert set(found) == {Id.NO_ROUTE_TO_INTERNET}
    assert found[Id.NO_ROUTE_TO_INTERNET].confidence is Confidence.CONFIRMED


def test_an_ipv6_only_subnet_is_told_its_ipv6_rule():
    found = found_from_an_ipv6_only_subnet(w.ALL)[Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS]
    assert found.fix is not None
    assert "CidrIpv6=::/0" in " ".join(found.fix.cli)
