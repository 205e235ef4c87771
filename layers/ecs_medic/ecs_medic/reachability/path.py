"""The way from one network interface to one destination, hop by hop."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ecs_medic.facts.network import Route
from ecs_medic.finding import Evidence
from ecs_medic.needs.need import Destination


class Verdict(StrEnum):
    """What is known of a hop or of a whole path."""

    OPEN = "open"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class HopKind(StrEnum):
    """Where a packet can be lost; each kind belongs to one cause, or to none where only a person can judge."""

    INTERFACE = "interface"
    """The interface itself: nobody knows it, or what addresses it has."""
    NAME_RESOLUTION = "name_resolution"
    SECURITY_GROUP_EGRESS = "security_group_egress"
    NETWORK_ACL = "network_acl"
    ROUTE = "route"
    ENDPOINT = "endpoint"
    """The state of the endpoint that the route leads to."""
    ENDPOINT_SECURITY_GROUP = "endpoint_security_group"
    ENDPOINT_POLICY = "endpoint_policy"
    DESTINATION_SECURITY_GROUP = "destination_security_group"
    """That of an interface in the VPC which is no endpoint: a mount target, a task."""
    NAT_GATEWAY = "nat_gateway"
    INTERNET_GATEWAY = "internet_gateway"
    PUBLIC_ADDRESS = "public_address"


class Via(StrEnum):
    """What the packet leaves the VPC by."""

    INTERFACE_ENDPOINT = "interface_endpoint"
    GATEWAY_ENDPOINT = "gateway_endpoint"
    NAT_GATEWAY = "nat_gateway"
    INTERNET_GATEWAY = "internet_gateway"
    EGRESS_ONLY_INTERNET_GATEWAY = "egress_only_internet_gateway"
    """IPv6 alone."""
    OTHER = "other"
    """A transit gateway, a peering, a firewall, a NAT instance: what is behind it cannot be seen from here."""
    INSIDE = "inside"
    """By nothing: the destination is in the VPC itself."""
    NOTHING = "nothing"


class NoEndpointBecause(StrEnum):
    """Why the name does not lead to an endpoint in this VPC."""

    NOT_SERVED = "not_served"
    """No endpoint can serve this destination."""
    MISSING = "missing"
    NOT_AVAILABLE = "not_available"
    PRIVATE_DNS_OFF = "private_dns_off"
    VPC_DNS_ATTRIBUTES = "vpc_dns_attributes"
    CUSTOM_RESOLVER = "custom_resolver"
    NOT_ON_ROUTE_TABLE = "not_on_route_table"


@dataclass(frozen=True, slots=True)
class Hop:
    """One place on the way: `resource` is its AWS id, `observed` says what was seen there.

    `direction` is "egress" or "ingress" for a network ACL.
    """

    kind: HopKind
    resource: str
    verdict: Verdict
    evidence: Evidence
    direction: str | None = None
    missing_permission: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """The way that a connection takes, or tries to take.

    `endpoint_id` is the endpoint it goes through, or, where it does not, the one that could have served it;
    `no_endpoint` says why it does not. `route` is the route that decides in the interface's own route table, None where
    none matches. `out_of_sight` are the targets of that table behind which nothing can be seen (a transit gateway, a
    peering …): a private hosted zone could send the name there.

    `alternatives` are the ways of which nobody can say which one is taken: a resolver that may or may not know the
    private names, an address that is one of many. Then `hops` says what is undecided, and the path is open or blocked
    only where all of them agree.

    `sometimes_blocked` are the hops that close some of an endpoint's interfaces while another is open: the name leads
    to all of them in turn.
    """

    destination: Destination
    via: Via
    hops: tuple[Hop, ...]
    endpoint_id: str | None = None
    no_endpoint: NoEndpointBecause | None = None
    route_table_id: str | None = None
    route: Route | None = None
    out_of_sight: tuple[str, ...] = ()
    alternatives: tuple[Path, ...] = ()
    sometimes_blocked: tuple[Hop, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Blocked where any hop is known to be, unknown where any is unknown, else open."""
        if self.alternatives:
            verdicts = {way.verdict for way in self.alternatives}
            return verdicts.pop() if len(verdicts) == 1 else Verdict.UNKNOWN
        verdicts = {hop.verdict for hop in self.hops}
        if Verdict.BLOCKED in verdicts:
            return Verdict.BLOCKED
        return Verdict.UNKNOWN if Verdict.UNKNOWN in verdicts else Verdict.OPEN

    @property
    def is_answered(self) -> bool:
        """Whether nothing but an endpoint's policy is known to be in the way: it denies, and does not stay silent."""
        return all(hop.kind is HopKind.ENDPOINT_POLICY for hop in self.hops if hop.verdict is Verdict.BLOCKED)

    @property
    def needs_a_private_name(self) -> bool:
        """Whether no endpoint answers the service's name, so that a private hosted zone might lead to one."""
        reasons = {NoEndpointBecause.MISSING, NoEndpointBecause.PRIVATE_DNS_OFF}
        return any(way.no_endpoint in reasons for way in self.ways)

    @property
    def ways(self) -> tuple[Path, ...]:
        """Every way that may be the one taken; the path itself where there is no doubt."""
        return self.alternatives or (self,)

    @property
    def broken_at(self) -> Hop | None:
        """The first hop where it is known to break, whichever way is taken."""
        if self.verdict is not Verdict.BLOCKED:
            return None
        return next(hop for hop in self.ways[0].hops if hop.verdict is Verdict.BLOCKED)

    @property
    def unknown_hops(self) -> tuple[Hop, ...]:
        """The hops nobody could judge, and the doubt about which way is taken."""
        hops = self.hops + tuple(hop for way in self.alternatives for hop in way.hops)
        return tuple(dict.fromkeys(hop for hop in hops if hop.verdict is Verdict.UNKNOWN))
