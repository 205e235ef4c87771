"""The near end of a connection: the interface, and what is known of where it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ecs_medic.facts.fact import Absent, Fact, Known, Unknown
from ecs_medic.facts.network import Interface, Network, Subnet
from ecs_medic.reachability.addresses import Family, Span, all_addresses, spans


@dataclass(frozen=True, slots=True)
class Near:
    """An interface in its VPC, as a client of one family; `addresses` are all those that it may have."""

    interface: Interface
    network: Network
    addresses: tuple[Span, ...]
    public_ip: Fact[str]
    family: Family = Family.IPV4

    @property
    def name(self) -> str:
        """The near end, for a reader."""
        six = self.interface.ipv6_addresses
        address = self.interface.private_ip
        if self.family is Family.IPV6:
            address = six.value[0] if isinstance(six, Known) and six.value else None
        return address or f"the interface in {self.interface.subnet_id}"

    def over_ipv6(self) -> Near:
        """The same interface as an IPv6 client."""
        six = self.interface.ipv6_addresses
        known = six.value if isinstance(six, Known) else ()
        addresses = spans(f"{one}/128" for one in known) or addresses_of(
            None, self.interface.subnet_id, self.network, Family.IPV6
        )
        return replace(self, addresses=addresses, family=Family.IPV6)


def near_end(interface: Interface, network: Network, *, public_ip_possible: bool, account: str | None) -> Near:
    """The near end as it can be seen.

    An interface that cannot have a public address has none, whether or not it was read.
    """
    public_ip = interface.public_ip
    if isinstance(public_ip, Unknown) and not public_ip_possible:
        public_ip = Absent("ecs:DescribeTasks", "its launch type gives tasks no public address")
    seen = _as_seen_by(account, interface, network)
    return Near(interface, seen, addresses_of(interface.private_ip, interface.subnet_id, seen), public_ip)


def addresses_of(
    address: str | None, subnet_id: str | None, network: Network, family: Family = Family.IPV4
) -> tuple[Span, ...]:
    """All addresses that an interface in the subnet may have: its own where known, else the subnet's, else any."""
    if address:
        return spans((address,))
    subnet = subnet_of(subnet_id, network)
    if subnet is not None and (own := spans(_blocks(subnet), family)):
        return own
    vpc = network.vpc.value if isinstance(network.vpc, Known) else None
    return (spans((*vpc.cidrs, *vpc.ipv6_cidrs), family) if vpc else ()) or all_addresses(family)


def _blocks(subnet: Subnet) -> tuple[str, ...]:
    return (*((subnet.cidr,) if subnet.cidr else ()), *subnet.ipv6_cidrs)


def subnet_of(subnet_id: str | None, network: Network) -> Subnet | None:
    """The subnet, if it was read."""
    if subnet_id is None or not isinstance(network.subnets, Known):
        return None
    return network.subnets.value.get(subnet_id)


def _as_seen_by(account: str | None, interface: Interface, network: Network) -> Network:
    """In a VPC that another account shares, its owner's endpoints and gateways are invisible, not absent.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html
    """
    subnet = subnet_of(interface.subnet_id, network)
    owner = subnet.owner_id if subnet and subnet.owner_id else None
    if owner is None and isinstance(network.vpc, Known):
        owner = network.vpc.value.owner_id
    if account is None or owner == account:
        return network
    if owner is None:
        if subnet is not None or not isinstance(network.vpc, Unknown):
            return network
        missing, whose = network.vpc.missing_permission, "whose VPC it is was not read"
    else:
        missing, whose = None, f"the VPC is shared by account {owner}, whose resources cannot be seen"
    hidden = Unknown("ec2:DescribeVpcs", whose, missing)
    return replace(network, endpoints=hidden, nat_gateways=hidden)
