"""Network ACLs: stateless, ordered, judged where traffic crosses a subnet's edge, and only there."""

import ipaddress
from typing import Any

EPHEMERAL = (1024, 65535)
"""The ports on which NAT gateways and load balancers wait for answers."""
LINUX_EPHEMERAL = (32768, 60999)
"""The ports on which a task does, as Linux has them unless it is told otherwise."""
TCP = {"6", "tcp"}
EVERY_PROTOCOL = "-1"


def passes(ec2: Any, subnet_id: str, *, outward: bool, peer: str, ports: tuple[int, int]) -> bool:
    """Whether TCP to or from `peer` may cross the edge of this subnet on *all* the ports of the range.

    `outward` is the direction as seen from the subnet. Rules are taken in the order of their numbers; what no rule
    admits is denied.
    """
    acl = _acl_of(ec2, subnet_id)
    if acl is None:
        return False
    undecided = [ports]
    for rule in sorted(acl.entries, key=lambda entry: int(entry.rule_number)):
        if _is_egress(rule) is not outward or not _matches(rule, peer):
            continue
        low, high = _ports(rule)
        hit = [(max(a, low), min(b, high)) for a, b in undecided if max(a, low) <= min(b, high)]
        if hit and rule.rule_action != "allow":
            return False
        undecided = [piece for a, b in undecided for piece in _without((a, b), (low, high))]
        if not undecided:
            return True
    return False


def _acl_of(ec2: Any, subnet_id: str) -> Any:
    for acl in ec2.network_acls.values():
        if any(association.subnet_id == subnet_id for association in acl.associations):
            return acl
    return None


def _is_egress(rule: Any) -> bool:
    return str(rule.egress).lower() == "true"


def _matches(rule: Any, peer: str) -> bool:
    if str(rule.protocol) != EVERY_PROTOCOL and str(rule.protocol) not in TCP:
        return False
    block = rule.cidr_block or rule.ipv6_cidr_block
    return bool(block) and ipaddress.ip_address(peer) in ipaddress.ip_network(block, strict=False)


def _ports(rule: Any) -> tuple[int, int]:
    if str(rule.protocol) == EVERY_PROTOCOL or rule.port_range_from is None:
        return (0, 65535)
    return (int(rule.port_range_from), int(rule.port_range_to))


def _without(piece: tuple[int, int], cut: tuple[int, int]) -> list[tuple[int, int]]:
    (a, b), (low, high) = piece, cut
    rest = [(a, min(b, low - 1)), (max(a, high + 1), b)]
    return [(x, y) for x, y in rest if x <= y]
