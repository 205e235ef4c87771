"""The way from one network interface to one destination, hop by hop."""

from dataclasses import dataclass
from enum import StrEnum

from ecs_medic.finding import Evidence
from ecs_medic.needs.need import Destination


class Verdict(StrEnum):
    """What is known of a hop or of a whole path."""

    OPEN = "open"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class HopKind(StrEnum):
    """Where a packet can be lost; each kind belongs to one cause, or to none where only a person can judge."""

    NAME_RESOLUTION = "name_resolution"
    SECURITY_GROUP_EGRESS = "security_group_egress"
    NETWORK_ACL = "network_acl"
    ROUTE = "route"
    ENDPOINT_SECURITY_GROUP = "endpoint_security_group"
    ENDPOINT_POLICY = "endpoint_policy"
    NAT_GATEWAY = "nat_gateway"
    INTERNET_GATEWAY = "internet_gateway"
    PUBLIC_ADDRESS = "public_address"


class Via(StrEnum):
    """What the packet leaves the VPC by."""

    INTERFACE_ENDPOINT = "interface_endpoint"
    GATEWAY_ENDPOINT = "gateway_endpoint"
    NAT_GATEWAY = "nat_gateway"
    INTERNET_GATEWAY = "internet_gateway"
    OTHER = "other"
    """A transit gateway, a peering, a firewall, a NAT instance: what is behind it cannot be seen from here."""
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
    `no_endpoint` says why it does not.
    """

    destination: Destination
    via: Via
    hops: tuple[Hop, ...]
    endpoint_id: str | None = None
    no_endpoint: NoEndpointBecause | None = None
    route_table_id: str | None = None

    @property
    def verdict(self) -> Verdict:
        """Blocked where any hop is known to be, unknown where any is unknown, else open."""
        verdicts = {hop.verdict for hop in self.hops}
        if Verdict.BLOCKED in verdicts:
            return Verdict.BLOCKED
        return Verdict.UNKNOWN if Verdict.UNKNOWN in verdicts else Verdict.OPEN

    @property
    def broken_at(self) -> Hop | None:
        """The first hop where it is known to break."""
        return next((hop for hop in self.hops if hop.verdict is Verdict.BLOCKED), None)

    @property
    def unknown_hops(self) -> tuple[Hop, ...]:
        """The hops nobody could judge."""
        return tuple(hop for hop in self.hops if hop.verdict is Verdict.UNKNOWN)
