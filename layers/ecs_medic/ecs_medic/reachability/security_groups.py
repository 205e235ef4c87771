"""Security groups: stateful, so the first packet decides, and they only allow.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from collections.abc import Iterable, Sequence

from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.facts.network import Network, Permission, SecurityGroup
from ecs_medic.finding import Evidence
from ecs_medic.reachability.addresses import merged, overlap, span, without
from ecs_medic.reachability.far import Far, holds
from ecs_medic.reachability.near import Near
from ecs_medic.reachability.path import Hop, HopKind, Verdict
from ecs_medic.reachability.unread import addresses_permission, missing_permission

SOURCE = "ec2:DescribeSecurityGroups"


def egress(near: Near, far: Far, port: int) -> Hop:
    """Whether the interface's own groups let the connection out."""
    ids = near.interface.security_group_ids
    if not isinstance(ids, Known):
        observed = f"which security groups the interface has is unknown ({_reason(ids)})"
        evidence = Evidence(ids.source, near.interface.id or near.interface.subnet_id, observed)
        return Hop(
            HopKind.SECURITY_GROUP_EGRESS, evidence.resource, Verdict.UNKNOWN, evidence, None, missing_permission(ids)
        )
    return _hop(
        HopKind.SECURITY_GROUP_EGRESS, ids.value, near.network, far, port, outbound=True,
        what=f"{port} out to {far.description}",
    )  # fmt: skip


def endpoint_ingress(group_ids: Sequence[str], near: Near, port: int) -> Hop:
    """Whether an endpoint's groups let the interface in."""
    return ingress(HopKind.ENDPOINT_SECURITY_GROUP, group_ids, near, port)


def ingress(kind: HopKind, group_ids: Sequence[str], near: Near, port: int) -> Hop:
    """Whether the far end's groups let the interface in, by its address, its own groups, or a prefix list."""
    own = near.interface.security_group_ids
    client = Far(
        near.addresses,
        near.name,
        security_group_ids=own.value if isinstance(own, Known) else None,
    )
    if isinstance(own, Known) and not own.value:
        found = groups((), near.network)
        client = Far(client.addresses, client.description, {}, tuple(one.id for one in found) if found else None)
    return _hop(
        kind, group_ids, near.network, client, port, outbound=False,
        what=f"{port} in from {client.description}",
    )  # fmt: skip


def groups(ids: Sequence[str], network: Network) -> tuple[SecurityGroup, ...] | None:
    """The groups by their ids, the VPC's default group where none is named; None where any was not read."""
    if not isinstance(network.security_groups, Known):
        return None
    known = network.security_groups.value
    if not ids:
        default = tuple(one for one in known.values() if one.name == "default" and one.vpc_id == network.vpc_id)
        return default or None
    return tuple(known[one] for one in ids) if all(one in known for one in ids) else None


def _hop(kind: HopKind, ids: Sequence[str], network: Network, far: Far, port: int, *, outbound: bool, what: str) -> Hop:
    found = groups(ids, network)
    resource = ",".join(one.id for one in found) if found else ",".join(ids) or network.vpc_id
    if found is None:
        fact = network.security_groups
        source = fact.source if isinstance(fact, Unknown) else SOURCE
        return Hop(
            kind, resource, Verdict.UNKNOWN, Evidence(source, resource, "not read"), None, missing_permission(fact)
        )
    permissions = [one for group in found for one in (group.egress if outbound else group.ingress)]
    verdict = admits(permissions, port, far, network)
    words = {
        Verdict.OPEN: f"allows {what}",
        Verdict.BLOCKED: f"allows no {what}",
        Verdict.UNKNOWN: f"whether it allows {what} cannot be told",
    }[verdict]
    observed = words if verdict is Verdict.OPEN else f"{words} ({_rules(permissions, outbound=outbound)})"
    missing = addresses_permission(network) if verdict is Verdict.UNKNOWN else None
    return Hop(kind, resource, verdict, Evidence(SOURCE, resource, observed), missing_permission=missing)


def admits(permissions: Iterable[Permission], port: int, far: Far, network: Network) -> Verdict:
    """Whether any of the permissions covers the far end; unknown where only a part of it is, or nobody can say."""
    relevant = [one for one in permissions if _covers(one, port)]
    doubt = False
    for one in relevant:
        answers = [holds(prefix_list, far, network) for prefix_list in one.prefix_list_ids]
        if one.group_ids and far.security_group_ids is None:
            answers.append(None)
        elif one.group_ids:
            answers.append(not set(one.group_ids).isdisjoint(far.security_group_ids or ()))
        if True in answers:
            return Verdict.OPEN
        doubt = doubt or None in answers
    allowed = merged(found for one in relevant for cidr in one.cidrs if (found := span(cidr)) is not None)
    if not without(far.addresses, allowed):
        return Verdict.OPEN
    return Verdict.UNKNOWN if doubt or overlap(far.addresses, allowed) else Verdict.BLOCKED


def _covers(permission: Permission, port: int) -> bool:
    if permission.protocol == "-1":
        return True
    if permission.protocol not in {"tcp", "6"}:
        return False
    return permission.ports is None or permission.ports[0] <= port <= permission.ports[1]


def _rules(permissions: Sequence[Permission], *, outbound: bool) -> str:
    side = "outbound" if outbound else "inbound"
    if not permissions:
        return f"it has no {side} rule"
    shown = [_rule(one) for one in permissions[:4]]
    more = f" and {len(permissions) - 4} more" if len(permissions) > 4 else ""
    return f"its {side} rules: " + "; ".join(shown) + more


def _rule(one: Permission) -> str:
    ports = "all ports" if one.ports is None else "-".join(dict.fromkeys(str(port) for port in one.ports))
    what = "everything" if one.protocol == "-1" else f"{one.protocol} {ports}"
    sides = (*one.cidrs, *one.group_ids, *one.prefix_list_ids)
    return f"{what} {', '.join(sides[:4])}" + (" …" if len(sides) > 4 else "")


def _reason(fact: object) -> str:
    return fact.reason if isinstance(fact, Unknown) else "it names none"
