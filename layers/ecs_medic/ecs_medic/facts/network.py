"""What Amazon EC2 says of one VPC: everything that decides whether a packet gets through.

Each collection is one fact, because one Describe call reads it whole: it is known completely or not at all.
Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Welcome.html (Describe* of each resource).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecs_medic.facts.fact import NOT_READ, Fact

AMAZON_DNS = "AmazonProvidedDNS"


@dataclass(frozen=True, slots=True)
class Vpc:
    """A virtual private cloud."""

    id: str
    cidrs: tuple[str, ...]
    """IPv4 blocks, all of them associated."""
    dhcp_options_id: str | None = None
    owner_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    ipv6_cidrs: tuple[str, ...] = ()
    internet_gateway_block_mode: str | None = None
    """Of VPC Block Public Access: "off", "block-bidirectional" or "block-ingress"; None where EC2 does not say."""


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet; `owner_id` differs from the account where it is shared through AWS RAM."""

    id: str
    vpc_id: str
    cidr: str | None
    availability_zone: str
    available_addresses: int | None = None
    map_public_ip_on_launch: bool = False
    owner_id: str | None = None
    ipv6_native: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    availability_zone_id: str | None = None
    """The same in every account ("use1-az3"), which the zone's name is not."""
    ipv6_cidrs: tuple[str, ...] = ()
    ipv6_private: bool = False
    """Whether any of its IPv6 blocks is a private one, which no gateway carries to the internet."""
    enable_dns64: bool = False
    """Whether Amazon's resolver gives IPv4-only names an IPv6 address that a NAT gateway translates."""
    internet_gateway_block_mode: str | None = None
    """Of VPC Block Public Access: "off", "block-bidirectional" or "block-ingress"; None where EC2 does not say."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route; `destination` is a CIDR block or a prefix-list id, `target` the id it leads to ("local" too)."""

    destination: str
    target: str
    state: str = "active"

    @property
    def is_blackhole(self) -> bool:
        """Whether its target no longer exists."""
        return self.state == "blackhole"


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A route table; `main` serves every subnet that has no association of its own."""

    id: str
    routes: tuple[Route, ...]
    subnet_ids: tuple[str, ...] = ()
    main: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AclEntry:
    """One numbered rule of a network ACL; `protocol` is "-1" (all) or an IANA number; `ports` None means all."""

    number: int
    egress: bool
    allow: bool
    protocol: str
    cidr: str
    ports: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class NetworkAcl:
    """A network ACL: stateless, so requests and answers are judged apart. Whatever no entry admits is denied."""

    id: str
    entries: tuple[AclEntry, ...]
    subnet_ids: tuple[str, ...] = ()
    default: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission of a security group: protocol ("-1" all, else "tcp" …), ports (None: all), and the far side.

    The far side is any of CIDR blocks, security groups and prefix lists.
    """

    protocol: str
    ports: tuple[int, int] | None = None
    cidrs: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()
    prefix_list_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group: stateful, it only allows."""

    id: str
    name: str
    vpc_id: str
    ingress: tuple[Permission, ...] = ()
    egress: tuple[Permission, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndpointInterface:
    """A network interface of an interface endpoint."""

    id: str
    subnet_id: str
    private_ip: str | None
    ipv6_addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A VPC endpoint; `policy` is its policy document, None where it has none (full access)."""

    id: str
    service_name: str
    type: str
    """"Interface", "Gateway" or "GatewayLoadBalancer"."""
    state: str
    private_dns_enabled: bool = False
    private_dns_only_for_inbound_resolver: bool = False
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    route_table_ids: tuple[str, ...] = ()
    interface_ids: tuple[str, ...] = ()
    policy: Mapping[str, object] | None = None
    last_error: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    ip_address_type: str = "ipv4"
    """"ipv4", "dualstack" or "ipv6": the addresses of its interfaces."""
    dns_record_ip_type: str | None = None
    """"ipv4", "dualstack", "ipv6" or "service-defined": the records of its names."""

    @property
    def available(self) -> bool:
        """Whether it carries traffic; AWS has written the state in both cases."""
        return self.state.lower() == "available"


@dataclass(frozen=True, slots=True)
class NatGateway:
    """A NAT gateway; only a public one whose route table leads to an internet gateway reaches the internet.

    A regional one is in no subnet (`subnet_id` is empty), so no network ACL sees its traffic, and has a route table of
    its own. Source: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
    """

    id: str
    state: str
    subnet_id: str
    private_ip: str | None = None
    public: bool = True
    regional: bool = False
    route_table_id: str | None = None
    """A regional one's own."""


@dataclass(frozen=True, slots=True)
class Network:
    """One VPC as it was read."""

    vpc_id: str
    vpc: Fact[Vpc] = NOT_READ
    dns_support: Fact[bool] = NOT_READ
    dns_hostnames: Fact[bool] = NOT_READ
    dns_servers: Fact[tuple[str, ...]] = NOT_READ
    """Of the VPC's DHCP options; ("AmazonProvidedDNS",) unless somebody changed it."""
    subnets: Fact[Mapping[str, Subnet]] = NOT_READ
    route_tables: Fact[tuple[RouteTable, ...]] = NOT_READ
    network_acls: Fact[tuple[NetworkAcl, ...]] = NOT_READ
    security_groups: Fact[Mapping[str, SecurityGroup]] = NOT_READ
    endpoints: Fact[tuple[Endpoint, ...]] = NOT_READ
    endpoint_interfaces: Fact[Mapping[str, EndpointInterface]] = NOT_READ
    """By interface id."""
    nat_gateways: Fact[Mapping[str, NatGateway]] = NOT_READ
    prefix_lists: Fact[Mapping[str, tuple[str, ...]]] = NOT_READ
    """CIDR blocks of AWS-managed prefix lists by id; S3's is what a gateway endpoint routes."""
    prefix_list_names: Fact[Mapping[str, str]] = NOT_READ
    """"com.amazonaws.eu-west-1.s3" and the like, by prefix-list id."""
    hosted_zones: Fact[tuple[str, ...]] = NOT_READ
    """The names of Route 53's private hosted zones that answer in the VPC, without their last dot."""


@dataclass(frozen=True, slots=True)
class Interface:
    """The network interface that carries some of the task's traffic, or what is left to know of it.

    `public_ip`: known, absent (it has none), or unknown (the interface is gone and nothing says).
    """

    subnet_id: str
    vpc_id: str
    id: str | None = None
    private_ip: str | None = None
    public_ip: Fact[str] = NOT_READ
    security_group_ids: Fact[tuple[str, ...]] = NOT_READ
    belongs_to: str = "task"
    """"task" or "container instance"."""
    ipv6_addresses: Fact[tuple[str, ...]] = NOT_READ
    """Known and empty where the interface was read and has none."""
