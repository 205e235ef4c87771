"""What kind of address a name was answered with."""

import ipaddress
from enum import StrEnum

_SHARED = ipaddress.ip_network("100.64.0.0/10")
"""Carrier-grade NAT (RFC 6598): private for everybody behind it, and used in VPCs."""


class Scope(StrEnum):
    """Where an address leads.

    `ipv6` is a global IPv6 address: a VPC's own interfaces have such addresses too, so nothing tells an endpoint's from
    that of the service on the internet.
    """

    PRIVATE = "private"
    PUBLIC = "public"
    IPV6 = "ipv6"
    LOOPBACK = "loopback"
    LINK_LOCAL = "link_local"


def scope_of(address: str) -> Scope:
    """The address's scope; `address` is one that a socket takes, a zone included."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if parsed.is_loopback:
        return Scope.LOOPBACK
    if parsed.is_link_local:
        return Scope.LINK_LOCAL
    if parsed.is_private or (isinstance(parsed, ipaddress.IPv4Address) and parsed in _SHARED):
        return Scope.PRIVATE
    return Scope.IPV6 if parsed.version == 6 else Scope.PUBLIC


def is_ipv6(address: str) -> bool:
    """Whether it is an IPv6 address."""
    return ":" in address
