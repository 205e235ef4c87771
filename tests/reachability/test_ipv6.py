"""IPv6 beside IPv4, IPv6 alone, and what VPC Block Public Access leaves open."""

from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.collect.network import endpoint_from, interface_from, subnet_from, vpc_from
from ecs_medic.facts.fact import NOT_READ
from ecs_medic.facts.network import AclEntry, Endpoint, Interface, NatGateway, Network, Permission, Route
from ecs_medic.needs.need import Destination, Inside
from ecs_medic.reachability.addresses import Family
from ecs_medic.reachability.path import HopKind, NoEndpointBecause, Path, Verdict, Via
from ecs_medic.reachability.records import has_ipv6, private_name_has
from ecs_medic.reachability.walk import path
from tests.rules.network import worlds as w

BLOCK, TASK = "2a05:d018:1::/64", "2a05:d018:1::11"
OUT = Route("::/0", "eigw-1")
PUBLIC = Route("::/0", "igw-1")
NAT64 = Route("64:ff9b::/96", "nat-1")
ALL = Permission("-1", None, ("0.0.0.0/0", "::/0"))
NAT = {"nat_gateways": w.known({"nat-1": NatGateway("nat-1", "available", w.PUBLIC, "10.0.9.5")})}
REGISTRY = "123456789012.dkr-ecr.eu-west-1.on.aws"
SECRETS = Destination("secretsmanager.eu-west-1.amazonaws.com", "eu-west-1", w.service_name("secretsmanager"))
LOGS = Destination("logs.eu-west-1.amazonaws.com", "eu-west-1", w.service_name("logs"))
IMAGE = Destination("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1", w.service_name("ecr.dkr"))


def subnet(*, alone: bool = False, **item: Any) -> dict[str, Any]:
    return {
        "SubnetId": w.SUBNET,
        "VpcId": "vpc-1",
        "CidrBlock": None if alone else "10.0.1.0/24",
        "Ipv6Native": alone,
        "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": BLOCK, "Ipv6CidrBlockState": {"State": "associated"}}],
        **item,
    }


def network(*routes: Route, endpoints: tuple[Endpoint, ...] = (), egress: Permission = ALL, **item: Any) -> Network:
    entries = [AclEntry(100, way, True, "-1", cidr) for way in (True, False) for cidr in ("0.0.0.0/0", "::/0")]
    facts: dict[str, Any] = {"network_acls": w.known((w.acl(*entries),)), **NAT}
    where = w.network(endpoints=endpoints, routes=(w.LOCAL, *routes), egress=(egress,), **facts)
    return replace(where, subnets=w.known({**where.subnets.value, w.SUBNET: subnet_from(subnet(**item))}))


def interface(*, alone: bool = False, address: str | None = TASK) -> Interface:
    six = w.known((address,) if address else ())
    return replace(w.INTERFACE, private_ip=None if alone else w.INTERFACE.private_ip, ipv6_addresses=six)


def beside(destination: Destination | str, where: Network, start: Interface | None = None) -> Path:
    to = destination if isinstance(destination, Destination) else Destination(destination)
    return path(start or interface(), to, where)


def alone(destination: Destination, *routes: Route, **item: Any) -> Path:
    return path(interface(alone=True), destination, network(*routes, alone=True, **item))


# Dual stack


@pytest.mark.parametrize("way", [OUT, PUBLIC])
@pytest.mark.parametrize("host", [REGISTRY, SECRETS.host, "orders.s3.dualstack.eu-west-1.amazonaws.com"])
def test_a_name_that_is_documented_to_have_ipv6_addresses_is_reached_by_them(host, way):
    found = beside(host, network(way))
    assert found.verdict is Verdict.OPEN
    assert found.via in {Via.EGRESS_ONLY_INTERNET_GATEWAY, Via.INTERNET_GATEWAY}


@pytest.mark.parametrize("host", ["public.ecr.aws", "registry-1.docker.io"])
def test_a_name_that_may_have_some_may_be_reached_by_them(host):
    assert beside(host, network(OUT)).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("host", ["api.ecr.eu-west-1.amazonaws.com", IMAGE.host, LOGS.host])
def test_a_name_that_has_none_is_blocked(host):
    found = beside(host, network(OUT))
    assert found.verdict is Verdict.BLOCKED
    assert found.broken_at is not None
    assert found.broken_at.kind is HopKind.ROUTE


def test_dns64_gives_it_some_which_a_nat_gateway_translates():
    assert beside(IMAGE.host, network(OUT, NAT64, EnableDns64=True)).via is Via.NAT_GATEWAY
    assert beside(IMAGE.host, network(OUT, NAT64)).verdict is Verdict.BLOCKED
    assert beside(IMAGE.host, network(OUT, EnableDns64=True)).verdict is Verdict.BLOCKED


@pytest.mark.parametrize(
    ("where", "start"),
    [
        (network(replace(OUT, state="blackhole")), interface()),
        (network(Route("fd00::/8", "eigw-1")), interface()),
        (network(OUT, egress=w.ALL), interface()),
        (network(OUT), interface(address=None)),
        (network(OUT, Ipv6CidrBlockAssociationSet=[]), replace(interface(), ipv6_addresses=NOT_READ)),
    ],
    ids=["blackhole", "no route", "security group", "no address", "no block"],
)
def test_without_a_way_over_ipv6_it_stays_blocked(where, start):
    assert beside(REGISTRY, where, start).verdict is Verdict.BLOCKED


def test_an_interface_that_was_not_read_may_have_no_ipv6_address():
    found = beside(REGISTRY, network(OUT), replace(interface(), ipv6_addresses=NOT_READ))
    assert found.verdict is Verdict.UNKNOWN
    assert "was not read" in found.unknown_hops[0].evidence.observed


def test_an_ipv4_way_decides_whatever_ipv6_does():
    found = beside(REGISTRY, network(w.BY_NAT))
    assert (found.verdict, found.via) == (Verdict.OPEN, Via.NAT_GATEWAY)


@pytest.mark.parametrize(
    ("start", "item"),
    [(interface(address="fd12::1"), {}), (interface(), {"Ipv6CidrBlockAssociationSet": [
        {"Ipv6CidrBlock": BLOCK, "Ipv6CidrBlockState": {"State": "associated"}, "Ipv6AddressAttribute": "private"}
    ]})],
)  # fmt: skip
def test_a_private_ipv6_address_may_lead_nowhere(start, item):
    assert beside(REGISTRY, network(OUT, **item), start).verdict is Verdict.UNKNOWN


# IPv6 alone


def test_a_service_is_reached_by_one_of_its_names():
    assert alone(SECRETS, OUT).verdict is Verdict.OPEN
    assert alone(LOGS, OUT, NAT64, EnableDns64=True).verdict is Verdict.OPEN
    assert alone(LOGS, OUT).verdict is Verdict.UNKNOWN, "the agent's name for it is not documented"


def test_a_registry_is_asked_by_the_name_in_the_image():
    assert alone(Destination(REGISTRY), OUT).verdict is Verdict.OPEN
    assert alone(IMAGE, OUT).verdict is Verdict.BLOCKED
    assert alone(IMAGE, OUT, NAT64, EnableDns64=True).verdict is Verdict.OPEN
    assert alone(IMAGE, OUT, EnableDns64=True).verdict is Verdict.BLOCKED, "no gateway translates but a NAT gateway"


def test_no_endpoint_is_missing_where_none_is_documented_to_help():
    found = alone(IMAGE)
    assert found.verdict is Verdict.BLOCKED
    assert {way.no_endpoint for way in found.ways} == {NoEndpointBecause.NOT_SERVED}


def test_an_ipv4_endpoint_is_no_help():
    assert alone(IMAGE, OUT, endpoints=(w.interface_endpoint("ecr.dkr"),)).verdict is Verdict.BLOCKED


def test_a_dual_stack_endpoint_is():
    endpoint = w.interface_endpoint("secretsmanager", ip_address_type="dualstack", dns_record_ip_type="dualstack")
    here = replace(interface(alone=True), security_group_ids=w.known(("sg-task",)))
    closed = path(here, SECRETS, network(alone=True, endpoints=(endpoint,)))
    assert closed.verdict is Verdict.BLOCKED
    assert closed.broken_at is not None
    assert closed.broken_at.kind is HopKind.ENDPOINT_SECURITY_GROUP, "10.0.0.0/16 holds no IPv6 address"


def test_ways_inside_the_vpc_are_not_judged():
    to = Destination("10.0.2.9", port=2049, inside=Inside("fsmt-1", "10.0.2.9", w.SECOND, ("sg-task",)))
    assert alone(to).verdict is Verdict.UNKNOWN


# Names


def test_records():
    assert has_ipv6("SecretsManager.eu-west-1.amazonaws.com") is True
    assert has_ipv6("logs.eu-west-1.api.aws") is True
    assert has_ipv6("api.ecr.cn-north-1.amazonaws.com.cn") is False
    assert has_ipv6("firehose.eu-west-1.amazonaws.com") is None
    assert has_ipv6("logs.example.com") is None


@pytest.mark.parametrize(
    ("kind", "records", "four", "six"),
    [
        (None, None, True, False),
        ("ipv4", "service-defined", True, False),
        ("ipv6", "ipv6", False, True),
        ("dualstack", "dualstack", True, True),
        ("dualstack", "service-defined", True, False),
        ("dualstack", "ipv6", False, True),
        ("dualstack", None, None, None),
    ],
)
def test_records_of_an_endpoint(kind, records, four, six):
    found = endpoint_from({"IpAddressType": kind, "DnsOptions": {"DnsRecordIpType": records}})
    assert [private_name_has(family, found) for family in Family] == [four, six]


def test_an_endpoint_without_ipv4_records_is_in_doubt():
    made = w.interface_endpoint("logs", ip_address_type="dualstack", dns_record_ip_type="ipv6")
    found = path(w.INTERFACE, LOGS, w.network(endpoints=(made,)))
    assert found.verdict is Verdict.UNKNOWN


# VPC Block Public Access


@pytest.mark.parametrize(
    ("mode", "by_gateway", "by_egress_only"),
    [
        ("off", Verdict.OPEN, Verdict.OPEN),
        (None, Verdict.OPEN, Verdict.OPEN),
        ("block-ingress", Verdict.UNKNOWN, Verdict.OPEN),
        ("block-bidirectional", Verdict.UNKNOWN, Verdict.UNKNOWN),
    ],
)
def test_a_gateway_that_is_blocked_may_have_an_exclusion(mode, by_gateway, by_egress_only):
    state: dict[str, Any] = {"BlockPublicAccessStates": {"InternetGatewayBlockMode": mode}}
    public = replace(w.INTERFACE, public_ip=w.known("198.51.100.7"))
    four = path(public, LOGS, network(w.BY_INTERNET_GATEWAY, **state))
    assert four.verdict is by_gateway
    assert beside(REGISTRY, network(OUT, **state)).verdict is by_egress_only
    if by_gateway is Verdict.UNKNOWN:
        assert "DescribeVpcBlockPublicAccessExclusions" in four.unknown_hops[0].evidence.observed


def test_what_a_nat_gateway_sends_on_depends_on_its_own_subnet():
    where = network(w.BY_NAT)
    subnets = where.subnets.value
    for mode, verdict in (("block-ingress", Verdict.OPEN), ("block-bidirectional", Verdict.UNKNOWN)):
        public = replace(subnets[w.PUBLIC], internet_gateway_block_mode=mode)
        found = path(w.INTERFACE, LOGS, replace(where, subnets=w.known({**subnets, w.PUBLIC: public})))
        assert found.verdict is verdict


def test_the_vpc_tells_where_the_subnet_was_not_read():
    vpc = vpc_from({"VpcId": "vpc-1", "BlockPublicAccessStates": {"InternetGatewayBlockMode": "block-bidirectional"}})
    assert vpc.internet_gateway_block_mode == "block-bidirectional"
    where = replace(network(w.BY_INTERNET_GATEWAY), subnets=w.denied("ec2:DescribeSubnets"))
    public = replace(w.INTERFACE, public_ip=w.known("198.51.100.7"), ipv6_addresses=w.known(()))
    assert path(public, LOGS, where).verdict is Verdict.OPEN
    assert path(public, LOGS, replace(where, vpc=w.known(vpc))).verdict is Verdict.UNKNOWN
    nobody = path(public, LOGS, replace(where, vpc=w.denied("ec2:DescribeVpcs")))
    assert nobody.verdict is Verdict.UNKNOWN
    assert "ec2:DescribeSubnets" in {hop.missing_permission for hop in nobody.unknown_hops}


def test_an_interface_tells_its_ipv6_addresses():
    assert interface_from({"Ipv6Addresses": [{"Ipv6Address": TASK}]}).ipv6_addresses.value == (TASK,)
    assert interface_from({}).ipv6_addresses.value == ()
