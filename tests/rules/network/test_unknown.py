"""A read that failed is no absence: nothing is confirmed on it, and the missing permission is named."""

from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.facts.network import AclEntry
from ecs_medic.finding import Confidence, Finding, NotChecked, RuledOut
from ecs_medic.rules.network import RULES
from ecs_medic.vocabulary import Id
from tests.rules.network import worlds as w
from tests.rules.network.test_fires import CASES

READS = {
    "vpc": "ec2:DescribeVpcs",
    "dns_support": "ec2:DescribeVpcAttribute",
    "dns_hostnames": "ec2:DescribeVpcAttribute",
    "dns_servers": "ec2:DescribeDhcpOptions",
    "subnets": "ec2:DescribeSubnets",
    "route_tables": "ec2:DescribeRouteTables",
    "network_acls": "ec2:DescribeNetworkAcls",
    "security_groups": "ec2:DescribeSecurityGroups",
    "endpoints": "ec2:DescribeVpcEndpoints",
    "endpoint_interfaces": "ec2:DescribeNetworkInterfaces",
    "nat_gateways": "ec2:DescribeNatGateways",
    "prefix_lists": "ec2:DescribePrefixLists",
    "prefix_list_names": "ec2:DescribePrefixLists",
}
DECISIVE = {
    Id.VPC_ENDPOINT_MISSING: "endpoints",
    Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE: "endpoints",
    Id.ENDPOINT_SECURITY_GROUP_BLOCKS: "security_groups",
    Id.ENDPOINT_PRIVATE_DNS_OFF: "endpoints",
    Id.ENDPOINT_POLICY_DENIES: "endpoints",
    Id.ENDPOINT_NOT_AVAILABLE: "endpoints",
    Id.VPC_DNS_DISABLED: "dns_support",
    Id.CUSTOM_DNS_RESOLVER: "dns_servers",
    Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS: "security_groups",
    Id.NETWORK_ACL_BLOCKS: "network_acls",
    Id.NO_ROUTE_TO_INTERNET: "route_tables",
    Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP: "route_tables",
    Id.AWSVPC_TASK_CANNOT_HAVE_PUBLIC_IP: "route_tables",
    Id.MANAGED_INSTANCE_NETWORK_BLOCKED: "route_tables",
    Id.ROUTE_BLACKHOLE: "route_tables",
    Id.SUBNET_OUT_OF_ADDRESSES: "subnets",
}
DECISIVE_HERE = {"host names are off: private names do not answer": "dns_hostnames"}
"""Where a cause has two faces."""


def without(facts, *names: str):
    unread: dict[str, Any] = {name: w.denied(READS[name]) for name in names}
    return replace(facts, networks={one: replace(where, **unread) for one, where in facts.networks.items()})


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.cause}: {case.name}")
def test_without_the_decisive_read_the_cause_is_not_checked(case):
    name = DECISIVE_HERE.get(case.name, DECISIVE[case.cause])
    rule = next(rule for rule in RULES if rule.__name__ == case.cause)
    found = list(rule(case.incident, without(case.facts, name)))
    assert not [one for one in found if isinstance(one, Finding)]
    assert not [one for one in found if isinstance(one, RuledOut)]
    gaps = [one for one in found if isinstance(one, NotChecked)]
    assert gaps
    assert {one.check for one in gaps} == {case.cause}
    assert READS[name] in {one.missing_permission for one in gaps}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.cause}: {case.name}")
@pytest.mark.parametrize("name", READS)
def test_one_denied_read_never_confirms_another_cause(case, name):
    found = [one for rule in RULES for one in rule(case.incident, without(case.facts, name))]
    shown = {one.cause for one in found if isinstance(one, Finding) and one.confidence is Confidence.CONFIRMED}
    assert shown <= {case.cause}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.cause}: {case.name}")
def test_with_every_read_denied_nothing_is_said_and_nothing_raised(case):
    found = [one for rule in RULES for one in rule(case.incident, without(case.facts, *READS))]
    assert {type(one) for one in found} == {NotChecked}
    assert all(one.missing_permission for one in found)


def test_an_unknown_task_definition_is_named():
    facts = replace(w.facts(w.network()), task_definition=w.denied("ecs:DescribeTaskDefinition"))
    found = [one for rule in RULES for one in rule(w.incident(), facts) if not isinstance(one, RuledOut)]
    assert {one.missing_permission for one in found} == {"ecs:DescribeTaskDefinition"}


def test_an_unknown_interface_is_named():
    facts = replace(w.facts(w.network()), task_interface=w.denied("ec2:DescribeNetworkInterfaces"))
    found = [one for rule in RULES for one in rule(w.incident(), facts)]
    gaps = [one for one in found if isinstance(one, NotChecked)]
    assert not [one for one in found if isinstance(one, Finding)]
    assert Id.VPC_ENDPOINT_MISSING in {one.check for one in gaps}
    assert {one.missing_permission for one in gaps} == {"ec2:DescribeNetworkInterfaces"}


def test_an_unknown_public_address_does_not_blame_the_subnet():
    interface = replace(w.INTERFACE, public_ip=w.denied("ec2:DescribeNetworkInterfaces"))
    where = w.network(endpoints=(), routes=(w.LOCAL, w.BY_INTERNET_GATEWAY))
    found = [one for rule in RULES for one in rule(w.incident(), w.facts(where, interface=interface))]
    assert not [one for one in found if isinstance(one, Finding)]


def cleared(facts, incident=None):
    incident = incident or w.incident()
    outcomes = [one for rule in RULES for one in rule(incident, facts)]
    return {one.cause for one in outcomes if isinstance(one, RuledOut)}, outcomes


CLOSED_ACL = w.acl(AclEntry(100, egress=True, allow=False, protocol="-1", cidr="0.0.0.0/0"))


def test_where_no_name_resolves_nothing_behind_it_is_excluded():
    where = w.network(dns_support=w.known(False), network_acls=w.known((CLOSED_ACL,)), egress=(), endpoints=())
    ruled_out, outcomes = cleared(w.facts(where))
    assert ruled_out <= {Id.CUSTOM_DNS_RESOLVER, Id.SUBNET_OUT_OF_ADDRESSES}
    assert [one.cause for one in outcomes if isinstance(one, Finding)] == [Id.VPC_DNS_DISABLED]
    gaps = [one for one in outcomes if isinstance(one, NotChecked) and one.check not in Id]
    assert len(set(gaps)) == 1, "one gap, whatever the number of causes that it leaves open"
    assert "enableDnsSupport" in gaps[0].reason


def test_an_acl_that_closes_one_of_the_possible_ways_is_not_excluded():
    """Were the endpoints read, they would show the name to lead to private addresses, which this ACL closes."""
    to_the_vpc = AclEntry(90, egress=True, allow=False, protocol="-1", cidr="10.0.0.0/16")
    acl = w.acl(to_the_vpc, *w.OPEN_ACL.entries)
    ruled_out, outcomes = cleared(without(w.facts(w.network(network_acls=w.known((acl,)))), "endpoints"))
    assert Id.NETWORK_ACL_BLOCKS not in ruled_out
    (gap,) = [one for one in outcomes if isinstance(one, NotChecked) and one.check == Id.NETWORK_ACL_BLOCKS]
    assert gap.missing_permission == READS["endpoints"]


def test_the_policy_of_an_endpoint_beside_the_way_is_not_excluded():
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::shop/*"}
    beside = replace(
        w.S3_GATEWAY, route_table_ids=("rtb-main",), policy={"Version": "2012-10-17", "Statement": [statement]}
    )
    endpoints = (*w.isolated_endpoints(*w.FOR_START)[:-1], beside)
    ruled_out, outcomes = cleared(
        w.facts(w.network(routes=(w.LOCAL,), endpoints=endpoints)), w.incident(Id.IMAGE_LAYERS_UNREACHABLE)
    )
    assert Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE in {one.cause for one in outcomes if isinstance(one, Finding)}
    assert Id.ENDPOINT_POLICY_DENIES not in ruled_out
    # A gateway has no security group of which anything could be said.
    assert {one.check for one in outcomes if isinstance(one, NotChecked)} == {Id.ENDPOINT_POLICY_DENIES}


def test_a_gateway_that_an_unread_route_may_lead_to_may_have_the_policy_that_denies():
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::shop/*"}
    gateway = replace(w.S3_GATEWAY, policy={"Version": "2012-10-17", "Statement": [statement]})
    endpoints = (*w.isolated_endpoints(*w.FOR_START)[:-1], gateway)
    ruled_out, outcomes = cleared(
        without(w.facts(w.network(endpoints=endpoints)), "route_tables"), w.incident(Id.IMAGE_PULL_FORBIDDEN)
    )
    assert Id.ENDPOINT_POLICY_DENIES not in ruled_out
    (gap,) = [one for one in outcomes if isinstance(one, NotChecked) and one.check == Id.ENDPOINT_POLICY_DENIES]
    assert gap.missing_permission == READS["route_tables"]


def test_a_managed_instance_without_a_way_is_not_one_with_an_endpoint():
    """Another cause tells of it, so that the missing endpoint is neither blamed twice nor excluded."""
    isolated = w.network(routes=(w.LOCAL,), endpoints=())
    ruled_out, outcomes = cleared(w.facts(isolated, launch_type="MANAGED_INSTANCES", host=w.HOST))
    assert Id.MANAGED_INSTANCE_NETWORK_BLOCKED in {one.cause for one in outcomes if isinstance(one, Finding)}
    assert Id.VPC_ENDPOINT_MISSING not in ruled_out


def test_dns_attributes_that_were_not_read_are_not_blamed_for_what_an_acl_closes():
    where = w.facts(w.network(network_acls=w.known((CLOSED_ACL,))))
    _, outcomes = cleared(without(where, "dns_support", "dns_hostnames"))
    assert [one.cause for one in outcomes if isinstance(one, Finding)] == [Id.NETWORK_ACL_BLOCKS]
    gaps = [one for one in outcomes if isinstance(one, NotChecked) and one.check == Id.VPC_DNS_DISABLED]
    assert {gap.missing_permission for gap in gaps} == {READS["dns_support"]}
