"""Hop by hop: what one change in a working VPC does to the way, and to what is said of it."""

from dataclasses import replace

import pytest

from ecs_medic.facts.network import AclEntry, Endpoint, NatGateway, Permission, Route, RouteTable, Subnet
from ecs_medic.needs.images import PULL_ACTIONS
from ecs_medic.needs.need import Destination
from ecs_medic.reachability.path import HopKind, NoEndpointBecause, Verdict, Via
from ecs_medic.reachability.request import Request
from ecs_medic.reachability.walk import path
from tests.rules.network import worlds as w

LOGS = Destination("logs.eu-west-1.amazonaws.com", w.REGION, w.service_name("logs"))
LAYERS = Destination("prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com", w.REGION, w.service_name("s3"))
DOCKER = Destination("registry-1.docker.io")
PRIVATE = Destination("registry.shop.example", may_be_private=True)
PUBLIC_IP = replace(w.INTERFACE, public_ip=w.known("198.51.100.4"))
OUT = AclEntry(100, egress=True, allow=True, protocol="-1", cidr="0.0.0.0/0")
IN = AclEntry(100, egress=False, allow=True, protocol="-1", cidr="0.0.0.0/0")
NAT = (w.LOCAL, w.BY_NAT)
INTERNET = (w.LOCAL, w.BY_INTERNET_GATEWAY)


def acls(*entries):
    return w.known((w.acl(*entries),))


def from_private_subnet_alone(*entries):
    """The task's subnet has these entries, every other subnet lets everything pass."""
    return w.known(
        (
            replace(w.acl(*entries), subnet_ids=(w.SUBNET,), default=False),
            replace(w.OPEN_ACL, id="acl-2", subnet_ids=(w.SECOND, w.PUBLIC)),
        )
    )


def entry(number, *, egress, allow=True, cidr="0.0.0.0/0", ports=None, protocol="6"):
    return AclEntry(number, egress=egress, allow=allow, protocol=protocol, cidr=cidr, ports=ports)


WAYS = {
    "logs by endpoint": (LOGS, w.network(), Verdict.OPEN, Via.INTERFACE_ENDPOINT, None),
    "layers by gateway": (LAYERS, w.network(), Verdict.OPEN, Via.GATEWAY_ENDPOINT, None),
    "logs by NAT": (LOGS, w.network(endpoints=(), routes=NAT), Verdict.OPEN, Via.NAT_GATEWAY, None),
    "Docker by NAT": (DOCKER, w.network(routes=NAT), Verdict.OPEN, Via.NAT_GATEWAY, None),
    "nothing": (LOGS, w.network(endpoints=()), Verdict.BLOCKED, Via.NOTHING, HopKind.ROUTE),
    "an egress-only gateway carries no IPv4": (
        DOCKER,
        w.network(routes=(w.LOCAL, Route("0.0.0.0/0", "eigw-1"))),
        Verdict.BLOCKED,
        Via.NOTHING,
        HopKind.ROUTE,
    ),
    "a public subnet": (
        DOCKER,
        w.network(routes=INTERNET),
        Verdict.BLOCKED,
        Via.INTERNET_GATEWAY,
        HopKind.PUBLIC_ADDRESS,
    ),
    "no mapping of the main table where the subnet has its own": (
        DOCKER,
        w.network(
            route_tables=w.known((RouteTable("rtb-main", NAT, main=True), RouteTable("rtb-a", (w.LOCAL,), (w.SUBNET,))))
        ),
        Verdict.BLOCKED,
        Via.NOTHING,
        HopKind.ROUTE,
    ),
    "the main table where it has none": (
        LAYERS,
        w.network(route_tables=w.known((RouteTable("rtb-main", (w.LOCAL, w.TO_S3), main=True),))),
        Verdict.OPEN,
        Via.GATEWAY_ENDPOINT,
        None,
    ),
    "a gateway that names the table before its route is listed": (
        LAYERS,
        w.network(routes=(w.LOCAL,)),
        Verdict.OPEN,
        Via.GATEWAY_ENDPOINT,
        None,
    ),
    "a transit gateway": (
        LOGS,
        w.network(endpoints=(), routes=(w.LOCAL, Route("0.0.0.0/0", "tgw-1"))),
        Verdict.UNKNOWN,
        Via.OTHER,
        None,
    ),
    "a NAT instance": (
        DOCKER,
        w.network(routes=(w.LOCAL, Route("0.0.0.0/0", "eni-nat"))),
        Verdict.UNKNOWN,
        Via.OTHER,
        None,
    ),
    "a firewall's endpoint": (
        DOCKER,
        w.network(
            routes=(w.LOCAL, Route("0.0.0.0/0", "vpce-fw")),
            endpoints=(Endpoint("vpce-fw", "com.amazonaws.vpce.fw", "GatewayLoadBalancer", "available"),),
        ),
        Verdict.UNKNOWN,
        Via.OTHER,
        None,
    ),
    "a private NAT gateway reaches no internet": (
        DOCKER,
        w.network(
            routes=NAT, nat_gateways=w.known({"nat-1": NatGateway("nat-1", "available", w.PUBLIC, public=False)})
        ),
        Verdict.BLOCKED,
        Via.NAT_GATEWAY,
        HopKind.NAT_GATEWAY,
    ),
    "a NAT gateway in the subnet that it serves": (
        DOCKER,
        w.network(routes=NAT, nat_gateways=w.known({"nat-1": NatGateway("nat-1", "available", w.SUBNET)})),
        Verdict.BLOCKED,
        Via.NAT_GATEWAY,
        HopKind.NAT_GATEWAY,
    ),
    "a NAT gateway that failed": (
        DOCKER,
        w.network(routes=NAT, nat_gateways=w.known({"nat-1": NatGateway("nat-1", "failed", w.PUBLIC)})),
        Verdict.BLOCKED,
        Via.NAT_GATEWAY,
        HopKind.NAT_GATEWAY,
    ),
    "answers to a NAT gateway come to any port above 1023": (
        DOCKER,
        w.network(routes=NAT, network_acls=acls(OUT, entry(100, egress=False, ports=(443, 443)))),
        Verdict.BLOCKED,
        Via.NAT_GATEWAY,
        HopKind.NETWORK_ACL,
    ),
    "the request is denied": (
        LAYERS,
        w.network(network_acls=acls(IN, entry(90, egress=True, allow=False, ports=(443, 443)), OUT)),
        Verdict.BLOCKED,
        Via.GATEWAY_ENDPOINT,
        HopKind.NETWORK_ACL,
    ),
    "a lower number wins": (
        LAYERS,
        w.network(
            network_acls=acls(
                IN, OUT, entry(80, egress=True, ports=(443, 443)), entry(90, egress=True, allow=False, ports=(443, 443))
            )
        ),
        Verdict.OPEN,
        Via.GATEWAY_ENDPOINT,
        None,
    ),
    "the usual ports are enough": (
        LAYERS,
        w.network(network_acls=acls(OUT, entry(100, egress=False, ports=(32768, 65535)))),
        Verdict.OPEN,
        Via.GATEWAY_ENDPOINT,
        None,
    ),
    "some ports are not enough for a verdict": (
        LAYERS,
        w.network(network_acls=acls(OUT, entry(100, egress=False, ports=(49152, 65535)))),
        Verdict.UNKNOWN,
        Via.GATEWAY_ENDPOINT,
        None,
    ),
    "UDP is no way": (
        LAYERS,
        w.network(network_acls=acls(OUT, entry(100, egress=False, protocol="17"))),
        Verdict.BLOCKED,
        Via.GATEWAY_ENDPOINT,
        HopKind.NETWORK_ACL,
    ),
    "no ACL inside one subnet": (
        LOGS,
        w.network(endpoints=(w.interface_endpoint("logs", interface_ids=("eni-here",)),), network_acls=acls()),
        Verdict.OPEN,
        Via.INTERFACE_ENDPOINT,
        None,
    ),
    "an ACL between two": (
        LOGS,
        w.network(
            endpoints=(w.interface_endpoint("logs", interface_ids=("-", "eni-there")),),
            endpoint_interfaces=w.known(
                {
                    one: replace(door, subnet_id=w.SECOND, private_ip="10.0.2.50")
                    for one, door in w.network(
                        endpoints=(w.interface_endpoint("logs", interface_ids=("-", "eni-there")),)
                    ).endpoint_interfaces.value.items()
                }
            ),
            network_acls=from_private_subnet_alone(OUT),
        ),
        Verdict.BLOCKED,
        Via.INTERFACE_ENDPOINT,
        HopKind.NETWORK_ACL,
    ),
    "an endpoint closed to the task, and NAT beside it": (
        LOGS,
        w.network(routes=NAT, ingress=()),
        Verdict.BLOCKED,
        Via.INTERFACE_ENDPOINT,
        HopKind.ENDPOINT_SECURITY_GROUP,
    ),
    "no DNS at all": (
        DOCKER,
        w.network(routes=NAT, dns_support=w.known(False)),
        Verdict.BLOCKED,
        Via.NOTHING,
        HopKind.NAME_RESOLUTION,
    ),
    "no DNS of Amazon's, and a resolver of one's own": (
        DOCKER,
        w.network(routes=NAT, dns_support=w.known(False), dns_servers=w.known(("10.9.0.53",))),
        Verdict.OPEN,
        Via.NAT_GATEWAY,
        None,
    ),
    "no host names: private names do not answer, public ones do": (
        LOGS,
        w.network(routes=NAT, dns_hostnames=w.known(False)),
        Verdict.OPEN,
        Via.NAT_GATEWAY,
        None,
    ),
    "Amazon's resolver by its address": (
        LOGS,
        w.network(dns_servers=w.known(("10.0.0.2",))),
        Verdict.OPEN,
        Via.INTERFACE_ENDPOINT,
        None,
    ),
    "a registry that may be anywhere": (PRIVATE, w.network(routes=NAT), Verdict.UNKNOWN, Via.NAT_GATEWAY, None),
    "a registry that may be anywhere, and a closed group": (
        PRIVATE,
        w.network(routes=NAT, egress=()),
        Verdict.BLOCKED,
        Via.NAT_GATEWAY,
        HopKind.SECURITY_GROUP_EGRESS,
    ),
    "a subnet of IPv6 alone": (
        LOGS,
        w.network(subnets=w.known({w.SUBNET: Subnet(w.SUBNET, "vpc-1", None, "eu-west-1a", ipv6_native=True)})),
        Verdict.BLOCKED,
        Via.NOTHING,
        HopKind.ROUTE,
    ),
    "S3 by an interface endpoint": (
        LAYERS,
        w.network(endpoints=(w.interface_endpoint("s3"),), routes=(w.LOCAL,)),
        Verdict.OPEN,
        Via.INTERFACE_ENDPOINT,
        None,
    ),
    "S3 by an interface endpoint for others only": (
        LAYERS,
        w.network(
            endpoints=(
                w.interface_endpoint("s3", id="vpce-inbound", private_dns_only_for_inbound_resolver=True),
                w.S3_GATEWAY,
            ),
        ),
        Verdict.OPEN,
        Via.GATEWAY_ENDPOINT,
        None,
    ),
    "all of S3 by NAT where the gateway serves another table": (
        LAYERS,
        w.network(routes=NAT, endpoints=(replace(w.S3_GATEWAY, route_table_ids=("rtb-main",)),)),
        Verdict.OPEN,
        Via.NAT_GATEWAY,
        None,
    ),
    "a private NAT gateway before S3's gateway: nobody documents whether that works": (
        LAYERS,
        w.network(
            route_tables=w.known(
                (RouteTable("rtb-a", NAT, (w.SUBNET,)), RouteTable("rtb-p", (w.LOCAL, w.TO_S3), (w.PUBLIC,)))
            ),
            endpoints=(replace(w.S3_GATEWAY, route_table_ids=("rtb-p",)),),
            nat_gateways=w.known({"nat-1": NatGateway("nat-1", "available", w.PUBLIC, public=False)}),
        ),
        Verdict.UNKNOWN,
        Via.NAT_GATEWAY,
        None,
    ),
    "a specific route of which nobody knows whether the address is in it": (
        DOCKER,
        w.network(routes=(*NAT, Route("44.0.0.0/8", "eni-proxy"))),
        Verdict.UNKNOWN,
        Via.NAT_GATEWAY,
        None,
    ),
    "two NAT gateways for two halves of the internet": (
        DOCKER,
        w.network(
            routes=(*NAT, Route("128.0.0.0/1", "nat-2")),
            nat_gateways=w.known({one: NatGateway(one, "available", w.PUBLIC) for one in ("nat-1", "nat-2")}),
        ),
        Verdict.OPEN,
        Via.NAT_GATEWAY,
        None,
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_way(name):
    destination, where, verdict, via, broken = WAYS[name]
    found = path(w.INTERFACE, destination, where)
    assert (found.verdict, found.via) == (verdict, via), found
    assert (found.broken_at.kind if found.broken_at else None) == broken
    assert all(hop.evidence.observed and hop.evidence.resource for hop in found.hops)


@pytest.mark.parametrize(
    ("where", "reason", "endpoint"),
    [
        (w.network(endpoints=()), NoEndpointBecause.MISSING, None),
        (
            w.network(endpoints=(w.interface_endpoint("logs", private_dns_enabled=False),)),
            NoEndpointBecause.PRIVATE_DNS_OFF,
            "vpce-logs",
        ),
        (
            w.network(endpoints=(w.interface_endpoint("logs", state="pending"),)),
            NoEndpointBecause.NOT_AVAILABLE,
            "vpce-logs",
        ),
        (w.network(dns_hostnames=w.known(False)), NoEndpointBecause.VPC_DNS_ATTRIBUTES, "vpce-logs"),
        (w.network(endpoints=(w.interface_endpoint("logs", state="deleted"),)), NoEndpointBecause.MISSING, None),
    ],
)
def test_why_no_endpoint_takes_it(where, reason, endpoint):
    found = path(w.INTERFACE, LOGS, where)
    assert (found.verdict, found.no_endpoint, found.endpoint_id) == (Verdict.BLOCKED, reason, endpoint)


def test_another_region_is_on_the_internet_whatever_endpoints_there_are():
    far = Destination("logs.us-east-1.amazonaws.com", "us-east-1", None)
    found = path(w.INTERFACE, far, w.network())
    assert (found.verdict, found.no_endpoint) == (Verdict.BLOCKED, NoEndpointBecause.NOT_SERVED)


def test_a_public_address_is_the_way_out_of_a_public_subnet():
    assert path(PUBLIC_IP, DOCKER, w.network(routes=INTERNET)).verdict is Verdict.OPEN


def test_an_interface_that_can_have_no_public_address_needs_no_reading():
    unread = replace(w.INTERFACE, public_ip=w.denied("ec2:DescribeNetworkInterfaces"))
    where = w.network(routes=INTERNET)
    assert path(unread, DOCKER, where).verdict is Verdict.UNKNOWN
    assert path(unread, DOCKER, where, public_ip_possible=False).verdict is Verdict.BLOCKED


def test_one_open_door_is_enough_and_the_closed_one_is_told():
    where = w.network(egress=(Permission("tcp", (443, 443), ("10.0.1.0/24",)),))
    found = path(w.INTERFACE, LOGS, where)
    assert found.verdict is Verdict.OPEN
    assert "1 of vpce-logs's 2 interfaces cannot be reached" in found.hops[0].evidence.observed


def test_a_gone_interface_is_judged_by_its_subnet():
    gone = replace(w.INTERFACE, id=None, private_ip=None)
    half = (Permission("tcp", (443, 443), ("10.0.1.0/25",)),)
    assert path(gone, LOGS, w.network()).verdict is Verdict.OPEN
    assert path(gone, LOGS, w.network(ingress=half)).verdict is Verdict.UNKNOWN
    assert path(w.INTERFACE, LOGS, w.network(ingress=half)).verdict is Verdict.OPEN
    other = (Permission("tcp", (443, 443), ("10.0.2.0/24",)),)
    assert path(gone, LOGS, w.network(ingress=other)).verdict is Verdict.BLOCKED


def test_an_unread_prefix_list_may_allow_and_may_not():
    where = w.network(egress=(Permission("tcp", (443, 443), (), (), ("pl-office",)),))
    assert path(w.INTERFACE, DOCKER, where).verdict is Verdict.BLOCKED, "no route either"
    by_nat = w.network(egress=(Permission("tcp", (443, 443), (), (), ("pl-office",)),), routes=NAT)
    assert path(w.INTERFACE, DOCKER, by_nat).verdict is Verdict.UNKNOWN


def test_a_custom_resolver_decides_nothing_where_both_ways_are_open():
    where = w.network(routes=NAT, dns_servers=w.known(("10.9.0.53",)))
    assert path(w.INTERFACE, LOGS, where).verdict is Verdict.OPEN
    isolated = path(w.INTERFACE, LOGS, w.network(dns_servers=w.known(("10.9.0.53",))))
    assert isolated.verdict is Verdict.UNKNOWN
    assert {way.verdict for way in isolated.ways} == {Verdict.OPEN, Verdict.BLOCKED}
    assert path(w.INTERFACE, LOGS, w.network(dns_servers=w.known(("10.9.0.53",)), egress=())).verdict is Verdict.BLOCKED


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        ({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::prod-*"}, "open"),
        ({"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}, "blocked"),
        (
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "*",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
            },
            "unknown",
        ),
        (
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "*",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
            },
            "open",
        ),
        ({"Effect": "Allow", "Principal": {"AWS": w.ROLE}, "Action": "*", "Resource": "*"}, "unknown"),
    ],
)
def test_the_gateways_policy_is_asked_for_the_layer_bucket(statement, verdict):
    gateway = replace(w.S3_GATEWAY, policy={"Version": "2012-10-17", "Statement": [statement]})
    call = Request("s3:GetObject", "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*")
    found = path(w.INTERFACE, LAYERS, w.network(endpoints=(gateway,)), requests=(call,))
    assert found.verdict is Verdict(verdict)


def test_somebody_elses_vpc_is_not_taken_for_an_empty_one():
    where = w.network(endpoints=())
    assert path(w.INTERFACE, LOGS, where, account=w.ACCOUNT).verdict is Verdict.BLOCKED
    assert path(w.INTERFACE, LOGS, where, account="111122223333").verdict is Verdict.UNKNOWN


def test_no_group_named_means_the_vpcs_default_one():
    bare = replace(w.INTERFACE, security_group_ids=w.known(()))
    where = w.network()
    assert path(bare, LOGS, where).verdict is Verdict.UNKNOWN
    known = where.security_groups.value
    groups = {**known, "sg-default": replace(known["sg-task"], id="sg-default", name="default")}
    assert path(bare, LOGS, replace(where, security_groups=w.known(groups))).verdict is Verdict.OPEN


@pytest.mark.parametrize(
    ("actions", "verdict"),
    [
        (("ecr:BatchCheckLayerAvailability",), Verdict.UNKNOWN),
        (("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage"), Verdict.BLOCKED),
        ((), Verdict.OPEN),
    ],
)
def test_what_only_pushes_are_documented_to_call_blocks_no_pull(actions, verdict):
    everything = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    deny = [{"Effect": "Deny", "Principal": "*", "Action": list(actions), "Resource": "*"}] if actions else []
    endpoint = w.interface_endpoint("ecr.dkr", policy={"Version": "2012-10-17", "Statement": [everything, *deny]})
    requests = [Request(action, "*") for action in PULL_ACTIONS]
    to = Destination("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1", w.service_name("ecr.dkr"))
    found = path(w.INTERFACE, to, w.network(endpoints=(endpoint,)), requests=requests)
    assert found.verdict is verdict
