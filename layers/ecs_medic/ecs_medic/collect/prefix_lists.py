"""The prefix lists that somebody in the account keeps: their entries are asked for one list at a time.

A VPC's rules and routes may refer to dozens of them. A way is decided by those that are on it; whether a change takes
a way from anybody else, by all of them.
Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedPrefixListEntries.html
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from ecs_medic.aws.call import Call
from ecs_medic.collect.question import Answers, Questions
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Fact, Known
from ecs_medic.facts.network import Interface, Network, Permission, RouteTable, SecurityGroup
from ecs_medic.facts.reading import mappings, text
from ecs_medic.reachability.nat import nat_gateway, nat_table
from ecs_medic.reachability.routes import table_of

type _Lists = Fact[Mapping[str, tuple[str, ...]]]
"""CIDR blocks by the list's id."""

_PREFIX_LIST = "prefix_list"
_MOST_IN_A_VPC = 25
"""More are not asked for on others' behalf: who is affected is then not known, and said so."""


def questions_on_the_way(facts: Facts) -> Questions:
    """The lists that decide the ways of the task, of its host, and of the load balancers in front of it."""
    return _questions(facts, lambda network: _on_the_way(network, facts))


def questions_in_the_vpc(facts: Facts) -> Questions:
    """The lists that decide the way of anybody in the VPCs."""
    return _questions(facts, _of_everybody, most=_MOST_IN_A_VPC)


def with_entries(facts: Facts, answers: Answers) -> Facts:
    """The facts with the entries of the lists among these answers."""
    found = _entries(answers)
    if not found:
        return facts
    networks = facts.networks.items()
    return replace(
        facts, networks={key: replace(one, prefix_lists=_added(one.prefix_lists, found)) for key, one in networks}
    )


def prefix_lists_from(managed_by_aws: _Lists, answers: Answers) -> _Lists:
    """AWS's own lists, and those of the account that were asked for one by one."""
    return _added(managed_by_aws, _entries(answers))


def _questions(facts: Facts, wanted: Callable[[Network], Iterable[str]], *, most: int | None = None) -> Questions:
    return {
        (_PREFIX_LIST, one): Call("ec2", "GetManagedPrefixListEntries", {"PrefixListId": one}, items="Entries")
        for network in facts.networks.values()
        for one in sorted(set(wanted(network)).difference(_known(network)))[:most]
    }


def _known(network: Network) -> Mapping[str, tuple[str, ...]]:
    return network.prefix_lists.value if isinstance(network.prefix_lists, Known) else {}


def _entries(answers: Answers) -> dict[str, tuple[str, ...]]:
    return {
        key[1]: tuple(cidr for entry in mappings(answer.value, "Entries") if (cidr := text(entry, "Cidr")) is not None)
        for key, answer in answers.items()
        if key[0] == _PREFIX_LIST and isinstance(answer, Known)
    }


def _added(lists: _Lists, more: Mapping[str, tuple[str, ...]]) -> _Lists:
    if isinstance(lists, Known):
        return Known({**lists.value, **more}, lists.source)
    return Known(more, "ec2:GetManagedPrefixListEntries") if more else lists


def _on_the_way(network: Network, facts: Facts) -> Iterator[str]:
    """What the groups at both ends of a way refer to, and the route tables between them."""
    near = [
        one.value
        for one in (facts.task_interface, facts.host_interface)
        if isinstance(one, Known) and one.value.vpc_id == network.vpc_id
    ]
    if not near:
        # Nobody's way is looked at.
        return
    balancers = [one.value for one in facts.load_balancers.values() if isinstance(one, Known)]
    own = [group for one in near for group in _groups_of(one)]
    outwards = [*own, *(group for one in balancers for group in one.security_group_ids)]
    inwards = [*_groups_of_endpoints(network), *_groups_of_mount_targets(facts), *(own if balancers else ())]
    yield from _named(rule for one in _among(network, outwards) for rule in one.egress)
    yield from _named(rule for one in _among(network, inwards) for rule in one.ingress)
    subnets = [*(one.subnet_id for one in near), *(subnet for one in balancers for subnet in one.subnets.values())]
    yield from _routed(_tables_from(subnets, network))


def _of_everybody(network: Network) -> set[str]:
    groups = network.security_groups.value.values() if isinstance(network.security_groups, Known) else ()
    tables = network.route_tables.value if isinstance(network.route_tables, Known) else ()
    return {*_named(rule for one in groups for rule in (*one.egress, *one.ingress)), *_routed(tables)}


def _groups_of(interface: Interface) -> tuple[str, ...]:
    return interface.security_group_ids.value if isinstance(interface.security_group_ids, Known) else ()


def _groups_of_endpoints(network: Network) -> Iterator[str]:
    if isinstance(network.endpoints, Known):
        yield from (group for one in network.endpoints.value for group in one.security_group_ids)


def _groups_of_mount_targets(facts: Facts) -> Iterator[str]:
    for system in facts.file_systems.values():
        if isinstance(system, Known) and isinstance(system.value.mount_targets, Known):
            for target in system.value.mount_targets.value:
                if isinstance(target.security_group_ids, Known):
                    yield from target.security_group_ids.value


def _among(network: Network, ids: Iterable[str]) -> Iterator[SecurityGroup]:
    if isinstance(network.security_groups, Known):
        groups = network.security_groups.value
        yield from (groups[one] for one in dict.fromkeys(ids) if one in groups)


def _named(rules: Iterable[Permission]) -> Iterator[str]:
    return (one for rule in rules for one in rule.prefix_list_ids)


def _tables_from(subnets: Iterable[str], network: Network) -> Iterator[RouteTable]:
    """The subnets' own tables, and those of the NAT gateways that they lead to."""
    for subnet in dict.fromkeys(subnets):
        table = table_of(subnet, network)
        if table is None:
            continue
        yield table
        for route in table.routes:
            nat = nat_gateway(route.target, network)
            behind = nat_table(nat, network) if nat else None
            if behind is not None:
                yield behind


def _routed(tables: Iterable[RouteTable]) -> Iterator[str]:
    return (route.destination for table in tables for route in table.routes if route.destination.startswith("pl-"))
