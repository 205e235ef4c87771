"""The near end of a connection: the interface, and what is known of where it is."""

from dataclasses import dataclass, replace

from ecs_medic.facts.fact import Absent, Fact, Known, Unknown
from ecs_medic.facts.network import Interface, Network, Subnet
from ecs_medic.reachability.addresses import ALL_ADDRESSES, Span, spans


@dataclass(frozen=True, slots=True)
class Near:
    """An interface in its VPC; `addresses` are all those that it may have."""

    interface: Interface
    network: Network
    addresses: tuple[Span, ...]
    public_ip: Fact[str]


def near_end(interface: Interface, network: Network, *, public_ip_possible: bool, account: str | None) -> Near:
    """The near end as it can be seen.

    An interface that cannot have a public address has none, whether or not it was read.
    """
    public_ip = interface.public_ip
    if isinstance(public_ip, Unknown) and not public_ip_possible:
        public_ip = Absent("ecs:DescribeTasks", "its launch type gives tasks no public address")
    seen = _as_seen_by(account, interface, network)
    return Near(interface, seen, addresses_of(interface.private_ip, interface.subnet_id, seen), public_ip)


def addresses_of(private_ip: str | None, subnet_id: str | None, network: Network) -> tuple[Span, ...]:
    """All addresses that an interface in the subnet may have: its own where known, else the subnet's, else any."""
    if private_ip:
        return spans((f"{private_ip}/32",))
    subnet = subnet_of(subnet_id, network)
    if subnet is not None and subnet.cidr:
        return spans((subnet.cidr,))
    if isinstance(network.vpc, Known) and network.vpc.value.cidrs:
        return spans(network.vpc.value.cidrs)
    return ALL_ADDRESSES


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
