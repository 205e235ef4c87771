"""The whole VPC around an interface: one call for each kind of thing in it, all at the same time."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ecs_medic.aws.call import Call
from ecs_medic.collect import network as ec2
from ecs_medic.collect.prefix_lists import prefix_lists_from
from ecs_medic.collect.question import Answers, Key, Questions, answer_to
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Fact, Known, Unknown, map_fact
from ecs_medic.facts.network import AMAZON_DNS, Interface, Network
from ecs_medic.needs.need import Carrier, Need
from ecs_medic.reachability.known_ways import way_of
from ecs_medic.reachability.path import Verdict

_LISTS = {
    "subnets": ("DescribeSubnets", "Subnets"),
    "route_tables": ("DescribeRouteTables", "RouteTables"),
    "network_acls": ("DescribeNetworkAcls", "NetworkAcls"),
    "security_groups": ("DescribeSecurityGroups", "SecurityGroups"),
    "endpoints": ("DescribeVpcEndpoints", "VpcEndpoints"),
    "nat_gateways": ("DescribeNatGateways", "NatGateways"),
}
_ATTRIBUTES = {"dns_support": "enableDnsSupport", "dns_hostnames": "enableDnsHostnames"}


_INSIDE = ("subnets", "route_tables", "network_acls", "security_groups")


def questions_about_inside(vpc_id: str, *, names: bool) -> Questions:
    """What decides the way from one interface of the VPC to another; with `names`, also whether its names resolve."""
    needed: set[Key] = {(name, vpc_id) for name in ("vpc", *_INSIDE)} | {("prefix_lists",)}
    if names:
        needed |= {("dns_support", vpc_id), ("dns_hostnames", vpc_id), ("dhcp_options",)}
    return {key: call for key, call in questions(vpc_id).items() if key in needed}


def questions_around(network: Network) -> Questions:
    """The VPC, but for its NAT gateways where its routes are known to lead to none."""
    asked = questions(network.vpc_id)
    if not _may_lead_to_nat(network):
        del asked["nat_gateways", network.vpc_id]
    return asked


def _may_lead_to_nat(network: Network) -> bool:
    """Whether a route leads to a NAT gateway; where the routes have been asked for in vain, one may."""
    tables = network.route_tables
    if not isinstance(tables, Known):
        return tables is not NOT_READ
    return any(route.target.startswith("nat-") for table in tables.value for route in table.routes)


def questions(vpc_id: str) -> Questions:
    """Everything about one VPC, and the Region's prefix lists that its routes and rules may refer to."""
    of_this_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    asked: Questions = {("vpc", vpc_id): Call("ec2", "DescribeVpcs", {"VpcIds": [vpc_id]})}
    for name, attribute in _ATTRIBUTES.items():
        asked[name, vpc_id] = Call("ec2", "DescribeVpcAttribute", {"VpcId": vpc_id, "Attribute": attribute})
    for name, (operation, items) in _LISTS.items():
        # Of all these calls, this one alone spells its parameter so.
        filters = "Filter" if operation == "DescribeNatGateways" else "Filters"
        asked[name, vpc_id] = Call("ec2", operation, {filters: of_this_vpc}, items=items)
    asked["endpoint_interfaces", vpc_id] = Call(
        "ec2",
        "DescribeNetworkInterfaces",
        {"Filters": [*of_this_vpc, {"Name": "interface-type", "Values": ["vpc_endpoint"]}]},
        items="NetworkInterfaces",
    )
    # Not by id, which only the answer to DescribeVpcs tells: an account has few of them, and a wave is dearer.
    asked["dhcp_options",] = Call("ec2", "DescribeDhcpOptions", {}, items="DhcpOptions")
    asked["prefix_lists",] = Call("ec2", "DescribePrefixLists", {}, items="PrefixLists")
    return asked


def questions_about_hosted_zones(facts: Facts, needs: Iterable[Need]) -> Questions:
    """The VPC's private hosted zones, where an AWS service is out of reach unless one of them says where it is."""
    asked: Questions = {}
    for need in needs:
        fact = facts.task_interface if need.carrier is Carrier.TASK else facts.host_interface
        if not isinstance(fact, Known):
            continue
        network = facts.network_of(fact.value)
        way = way_of(need, fact.value, network, account=facts.account)
        if way.verdict is Verdict.BLOCKED and way.needs_a_private_name:
            params = {"VPCId": network.vpc_id, "VPCRegion": facts.region}
            asked["hosted_zones", network.vpc_id] = Call("route53", "ListHostedZonesByVPC", params)
    return asked


def network_from(vpc_id: str, answers: Answers) -> Network:
    """The VPC as far as it was read."""
    endpoint_interfaces = ec2.items_of(
        answer_to(answers, "endpoint_interfaces", vpc_id), "NetworkInterfaces", ec2.endpoint_interface_from
    )
    vpc = ec2.only_item(answer_to(answers, "vpc", vpc_id), "Vpcs", f"VPC {vpc_id}", ec2.vpc_from)
    security_groups = ec2.items_of(
        answer_to(answers, "security_groups", vpc_id), "SecurityGroups", ec2.security_group_from
    )
    lists = ec2.items_of(answer_to(answers, "prefix_lists"), "PrefixLists", ec2.prefix_list_from)
    return Network(
        vpc_id=vpc_id,
        vpc=vpc,
        dns_support=ec2.attribute_from_answer(answer_to(answers, "dns_support", vpc_id), "EnableDnsSupport"),
        dns_hostnames=ec2.attribute_from_answer(answer_to(answers, "dns_hostnames", vpc_id), "EnableDnsHostnames"),
        dns_servers=_dns_servers(map_fact(vpc, lambda one: one.dhcp_options_id), answer_to(answers, "dhcp_options")),
        subnets=map_fact(
            ec2.items_of(answer_to(answers, "subnets", vpc_id), "Subnets", ec2.subnet_from),
            lambda items: {one.id: one for one in items},
        ),
        route_tables=ec2.items_of(answer_to(answers, "route_tables", vpc_id), "RouteTables", ec2.route_table_from),
        network_acls=ec2.items_of(answer_to(answers, "network_acls", vpc_id), "NetworkAcls", ec2.network_acl_from),
        security_groups=map_fact(security_groups, lambda items: {one.id: one for one in items}),
        endpoints=ec2.items_of(answer_to(answers, "endpoints", vpc_id), "VpcEndpoints", ec2.endpoint_from),
        endpoint_interfaces=map_fact(endpoint_interfaces, lambda items: {one.id: one for one in items}),
        nat_gateways=map_fact(
            ec2.items_of(answer_to(answers, "nat_gateways", vpc_id), "NatGateways", ec2.nat_gateway_from),
            lambda items: {one.id: one for one in items},
        ),
        prefix_lists=prefix_lists_from(
            map_fact(lists, lambda items: {identifier: cidrs for identifier, _, cidrs in items}), answers
        ),
        prefix_list_names=map_fact(lists, lambda items: {identifier: name for identifier, name, _ in items}),
        hosted_zones=ec2.hosted_zones_from(answer_to(answers, "hosted_zones", vpc_id)),
    )


def with_default_group(interface: Fact[Interface], networks: Mapping[str, Network]) -> Fact[Interface]:
    """An interface that was given no security group has the VPC's default one."""
    if not isinstance(interface, Known) or not isinstance(interface.value.security_group_ids, Known):
        return interface
    if interface.value.security_group_ids.value:
        return interface
    network = networks.get(interface.value.vpc_id)
    groups: Fact[tuple[str, ...]]
    if network is None or not isinstance(network.security_groups, Known):
        groups = network.security_groups if network and isinstance(network.security_groups, Unknown) else NOT_READ
    else:
        defaults = tuple(one.id for one in network.security_groups.value.values() if one.name == "default")
        groups = Known(defaults, network.security_groups.source)
    return Known(replace(interface.value, security_group_ids=groups), interface.source)


def _dns_servers(options_id: Fact[str | None], answer: Fact[dict[str, object]]) -> Fact[tuple[str, ...]]:
    found = ec2.items_of(answer, "DhcpOptions", ec2.dns_servers_from)
    if not isinstance(options_id, Known):
        return options_id
    if options_id.value in {None, "default"}:
        # A VPC without a set of its own has Amazon's resolver, or none where DNS support is off.
        return Known((AMAZON_DNS,), options_id.source)
    if not isinstance(found, Known):
        return found
    servers = dict(found.value)
    if options_id.value not in servers:
        return Unknown(found.source, f"the answer does not hold {options_id.value}")
    return Known(servers[options_id.value], found.source)
