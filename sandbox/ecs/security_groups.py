"""Security groups: stateful, allow only; a rule admits by address, by the peer's group or by prefix list."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

TCP = {"tcp", "6"}
EVERY_PROTOCOL = "-1"


@dataclass(frozen=True, slots=True)
class Peer:
    """The other side of a connection; a public address has no groups."""

    address: str
    group_ids: tuple[str, ...] = ()


def lets_out(ec2: Any, group_ids: Iterable[str], peer: Peer, port: int) -> bool:
    """Whether any of the groups has an egress rule for this peer and TCP port."""
    return any(_admits(ec2, rule, peer, port) for g in _groups(ec2, group_ids) for rule in g.egress_rules)


def lets_in(ec2: Any, group_ids: Iterable[str], peer: Peer, port: int) -> bool:
    """Whether any of the groups has an ingress rule for this peer and TCP port."""
    return any(_admits(ec2, rule, peer, port) for g in _groups(ec2, group_ids) for rule in g.ingress_rules)


def prefix_list_cidrs(ec2: Any, prefix_list_id: str) -> list[str]:
    """The newest entries of a prefix list; empty when there is none."""
    prefix_list = ec2.managed_prefix_lists.get(prefix_list_id)
    if prefix_list is None or not prefix_list.entries:
        return []
    newest = max(prefix_list.entries, key=lambda version: version or 0)
    return [entry["Cidr"] for entry in prefix_list.entries[newest]]


def _groups(ec2: Any, group_ids: Iterable[str]) -> list[Any]:
    found = (ec2.get_security_group_from_id(group_id) for group_id in group_ids)
    return [group for group in found if group is not None]


def _admits(ec2: Any, rule: Any, peer: Peer, port: int) -> bool:
    if rule.ip_protocol != EVERY_PROTOCOL and not (rule.ip_protocol in TCP and rule.from_port <= port <= rule.to_port):
        return False
    address = ipaddress.ip_address(peer.address)
    blocks = (rule.ip_range.get("CidrIp"), rule.ip_range.get("CidrIpv6"))
    if any(address in ipaddress.ip_network(cidr, strict=False) for cidr in blocks if cidr):
        return True
    if rule.source_group and rule.source_group.get("GroupId") in peer.group_ids:
        return True
    cidrs = prefix_list_cidrs(ec2, rule.prefix_list_id) if rule.prefix_list_id else []
    return any(address in ipaddress.ip_network(cidr) for cidr in cidrs)
