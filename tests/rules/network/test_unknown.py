"""A read that failed is no absence: nothing is confirmed on it, and the missing permission is named."""

from dataclasses import replace
from typing import Any

import pytest

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
