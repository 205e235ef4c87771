"""Network ACLs: stateless, in order of their rule numbers, and what no rule admits is denied.

A connection needs the request and its answer. The answer goes to the port that the client happened to choose, so it
is judged on all of them. Sources: https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html and
nacl-ephemeral-ports.html.
"""

from dataclasses import dataclass
from functools import lru_cache

from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.facts.network import AclEntry, Network, NetworkAcl
from ecs_medic.facts.same import Same
from ecs_medic.finding import Evidence
from ecs_medic.reachability.addresses import Span, alike, merged, overlap, span, within, without
from ecs_medic.reachability.path import Hop, HopKind, Verdict
from ecs_medic.reachability.unread import addresses_permission, missing_permission

SOURCE = "ec2:DescribeNetworkAcls"
EPHEMERAL: Span = (1024, 65535)
"""All ports on which a client may wait for its answer; a NAT gateway uses every one of them."""
CLIENT_PORTS: Span = (32768, 65535)
"""What Linux (from 32768) and Windows (from 49152) choose from unless they were told otherwise."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """One kind of packet at the border of one subnet.

    `ports` are all that may be its destination, `usual` those that must be open for us to say that it passes.
    """

    subnet_id: str
    outbound: bool
    others: tuple[Span, ...]
    """The addresses of the far side: an ACL's rules speak of the source of what comes in, the target of what goes."""
    ports: Span
    usual: Span
    description: str

    @property
    def direction(self) -> str:
        """Outbound is "egress", inbound is "ingress"."""
        return "egress" if self.outbound else "ingress"


def request(subnet_id: str, others: tuple[Span, ...], port: int, who: str, *, outbound: bool) -> Crossing:
    """The first packet of a connection."""
    way = "out to" if outbound else "in from"
    return Crossing(subnet_id, outbound, others, (port, port), (port, port), f"{port} {way} {who}")


def answer(
    subnet_id: str, others: tuple[Span, ...], who: str, *, outbound: bool, usual: Span = CLIENT_PORTS
) -> Crossing:
    """The packets that come back, to a port that the client chose."""
    way = "out to" if outbound else "in from"
    return Crossing(
        subnet_id, outbound, others, EPHEMERAL, usual, f"the answer {way} {who} (ports {EPHEMERAL[0]}-{EPHEMERAL[1]})"
    )


def crossing_hop(crossing: Crossing, network: Network) -> Hop:
    """Whether the subnet's ACL lets the packet cross."""
    acl = acl_of(crossing.subnet_id, network)
    if acl is None:
        fact = network.network_acls
        missing = missing_permission(fact)
        source = fact.source if isinstance(fact, Unknown) else SOURCE
        evidence = Evidence(source, crossing.subnet_id, f"the network ACL of {crossing.subnet_id} was not read")
        return Hop(HopKind.NETWORK_ACL, evidence.resource, Verdict.UNKNOWN, evidence, crossing.direction, missing)
    return _hop(Same(acl), crossing, addresses_permission(network))


# The ways of all needs, and of all repairs that come into question, cross the same few borders.
@lru_cache(maxsize=512)
def _hop(acl: Same[NetworkAcl], crossing: Crossing, missing_if_unknown: str | None) -> Hop:
    verdict, decided_by = _judge(acl.value, crossing)
    words = {Verdict.OPEN: "admits", Verdict.BLOCKED: "denies", Verdict.UNKNOWN: "admits only a part of"}[verdict]
    observed = f"on {crossing.subnet_id} {words} {crossing.description} (rule {decided_by})"
    evidence = Evidence(SOURCE, acl.value.id, observed)
    missing = missing_if_unknown if verdict is Verdict.UNKNOWN else None
    return Hop(HopKind.NETWORK_ACL, acl.value.id, verdict, evidence, crossing.direction, missing)


def acl_of(subnet_id: str, network: Network) -> NetworkAcl | None:
    """The subnet's ACL; a subnet that none names has the VPC's default one."""
    if not isinstance(network.network_acls, Known):
        return None
    acls = network.network_acls.value
    own = next((acl for acl in acls if subnet_id in acl.subnet_ids), None)
    return own or next((acl for acl in acls if acl.default), None)


def _judge(acl: NetworkAcl, crossing: Crossing) -> tuple[Verdict, str]:
    entries = sorted(
        (one for one in acl.entries if one.egress == crossing.outbound and one.protocol in {"-1", "6", "tcp"}),
        key=lambda one: one.number,
    )
    blocks = [found for one in entries if (found := span(one.cidr)) is not None]
    verdicts: dict[Verdict, str] = {}
    for group in alike(crossing.others, blocks):
        admitted, rules = _admitted(entries, group[0], crossing.ports)
        if within((crossing.usual,), admitted):
            verdict = Verdict.OPEN
        else:
            verdict = Verdict.UNKNOWN if overlap((crossing.ports,), admitted) else Verdict.BLOCKED
        verdicts.setdefault(verdict, rules or "*")
    if len(verdicts) == 1:
        return next(iter(verdicts.items()))
    return Verdict.UNKNOWN, ", ".join(dict.fromkeys(verdicts.values()))


def _admitted(entries: list[AclEntry], piece: Span, ports: Span) -> tuple[tuple[Span, ...], str]:
    """The ports that are admitted, and the numbers of the rules that decided."""
    undecided: tuple[Span, ...] = (ports,)
    admitted: list[Span] = []
    rules: list[str] = []
    for one in entries:
        block = span(one.cidr)
        if block is None or not (block[0] <= piece[0] and piece[1] <= block[1]):
            continue
        # Ports of an all-protocols rule mean nothing: it covers every port.
        covered = one.ports if one.ports is not None and one.protocol != "-1" else (0, 65535)
        matched = tuple(
            (max(low, covered[0]), min(high, covered[1]))
            for low, high in undecided
            if low <= covered[1] and covered[0] <= high
        )
        if not matched:
            continue
        rules.append(str(one.number))
        if one.allow:
            admitted.extend(matched)
        undecided = without(undecided, matched)
        if not undecided:
            break
    if undecided:
        rules.append("*")
    return merged(admitted), ", ".join(rules)
