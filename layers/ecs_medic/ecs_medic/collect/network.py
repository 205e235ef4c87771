"""What Amazon EC2 answers, as facts. Every field may be missing; none of these functions raises.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Operations.html
"""

from collections.abc import Callable

from ecs_medic.collect.iam import document_from
from ecs_medic.facts.fact import Absent, Fact, Known, Unknown
from ecs_medic.facts.network import (
    AclEntry,
    Endpoint,
    EndpointInterface,
    Interface,
    NatGateway,
    NetworkAcl,
    Permission,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
)
from ecs_medic.facts.reading import Json, flag, mapping, mappings, number, tags, text, texts

_ROUTE_TARGETS = (
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
    "NetworkInterfaceId",
    "InstanceId",
    "GatewayId",
)
_ICMP = {"1", "58"}
"""Protocols whose "ports" are ICMP types and codes."""
_ALL_PORTS = (0, 65535)


def items_of[T](answer: Fact[Json], name: str, convert: Callable[[Json], T]) -> Fact[tuple[T, ...]]:
    """Every object of the answer's list `name`, converted."""
    if not isinstance(answer, Known):
        return answer
    if not isinstance(answer.value.get(name), list):
        return Unknown(answer.source, f"the answer holds no {name}")
    return Known(tuple(convert(item) for item in mappings(answer.value, name)), answer.source)


def only_item[T](answer: Fact[Json], name: str, what: str, convert: Callable[[Json], T]) -> Fact[T]:
    """The one object that was asked for; an empty list says that it does not exist."""
    found = items_of(answer, name, convert)
    if not isinstance(found, Known):
        return found
    return Known(found.value[0], found.source) if found.value else Absent(found.source, f"no {what}")


def attribute_from_answer(answer: Fact[Json], name: str) -> Fact[bool]:
    """The value of one VPC attribute in an answer of DescribeVpcAttribute: `EnableDnsSupport`, `EnableDnsHostnames`."""
    if not isinstance(answer, Known):
        return answer
    value = flag(mapping(answer.value, name), "Value")
    return Unknown(answer.source, f"the answer does not say {name}") if value is None else Known(value, answer.source)


def vpc_from(item: Json) -> Vpc:
    """A VPC of DescribeVpcs."""
    blocks = [
        cidr
        for one in mappings(item, "CidrBlockAssociationSet")
        if (text(mapping(one, "CidrBlockState"), "State") or "associated") == "associated"
        and (cidr := text(one, "CidrBlock")) is not None
    ]
    first = text(item, "CidrBlock")
    return Vpc(
        id=text(item, "VpcId") or "",
        cidrs=tuple(dict.fromkeys([*([first] if first else []), *blocks])),
        dhcp_options_id=text(item, "DhcpOptionsId"),
        owner_id=text(item, "OwnerId"),
        tags=tags(item, "Tags"),
        ipv6_cidrs=_ipv6_blocks(item),
        internet_gateway_block_mode=_block_mode(item),
    )


def _ipv6_blocks(item: Json) -> tuple[str, ...]:
    return tuple(
        cidr
        for one in mappings(item, "Ipv6CidrBlockAssociationSet")
        if (text(mapping(one, "Ipv6CidrBlockState"), "State") or "associated") == "associated"
        and (cidr := text(one, "Ipv6CidrBlock")) is not None
    )


def _block_mode(item: Json) -> str | None:
    return text(mapping(item, "BlockPublicAccessStates"), "InternetGatewayBlockMode")


def subnet_from(item: Json) -> Subnet:
    """A subnet of DescribeSubnets."""
    return Subnet(
        id=text(item, "SubnetId") or "",
        vpc_id=text(item, "VpcId") or "",
        cidr=text(item, "CidrBlock"),
        availability_zone=text(item, "AvailabilityZone") or "",
        available_addresses=number(item, "AvailableIpAddressCount"),
        map_public_ip_on_launch=flag(item, "MapPublicIpOnLaunch") is True,
        owner_id=text(item, "OwnerId"),
        ipv6_native=flag(item, "Ipv6Native") is True,
        tags=tags(item, "Tags"),
        availability_zone_id=text(item, "AvailabilityZoneId"),
        ipv6_cidrs=_ipv6_blocks(item),
        ipv6_private=any(
            text(one, "Ipv6AddressAttribute") == "private" for one in mappings(item, "Ipv6CidrBlockAssociationSet")
        ),
        enable_dns64=flag(item, "EnableDns64") is True,
        internet_gateway_block_mode=_block_mode(item),
    )


def route_table_from(item: Json) -> RouteTable:
    """A route table of DescribeRouteTables."""
    associations = [
        one
        for one in mappings(item, "Associations")
        if (text(mapping(one, "AssociationState"), "State") or "associated") == "associated"
    ]
    return RouteTable(
        id=text(item, "RouteTableId") or "",
        routes=tuple(route for one in mappings(item, "Routes") if (route := _route(one)) is not None),
        subnet_ids=tuple(found for one in associations if (found := text(one, "SubnetId")) is not None),
        main=any(flag(one, "Main") for one in associations),
        tags=tags(item, "Tags"),
    )


def _route(item: Json) -> Route | None:
    destination = text(item, "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    if destination is None:
        return None
    # A route to an instance also names its interface, and the instance is what the console shows: order matters little.
    return Route(destination, text(item, *_ROUTE_TARGETS) or "", text(item, "State") or "active")


def network_acl_from(item: Json) -> NetworkAcl:
    """A network ACL of DescribeNetworkAcls."""
    return NetworkAcl(
        id=text(item, "NetworkAclId") or "",
        entries=tuple(_acl_entry(one) for one in mappings(item, "Entries")),
        subnet_ids=tuple(
            found for one in mappings(item, "Associations") if (found := text(one, "SubnetId")) is not None
        ),
        default=flag(item, "IsDefault") is True,
    )


def _acl_entry(item: Json) -> AclEntry:
    protocol = text(item, "Protocol") or "-1"
    ports = mapping(item, "PortRange")
    low, high = number(ports, "From"), number(ports, "To")
    covers_ports = protocol not in {"-1", *_ICMP} and low is not None and high is not None
    return AclEntry(
        number=number(item, "RuleNumber") or 0,
        egress=flag(item, "Egress") is True,
        allow=(text(item, "RuleAction") or "").lower() == "allow",
        protocol=protocol,
        cidr=text(item, "CidrBlock", "Ipv6CidrBlock") or "",
        ports=(low, high) if covers_ports and low is not None and high is not None else None,
    )


def security_group_from(item: Json) -> SecurityGroup:
    """A security group of DescribeSecurityGroups."""
    return SecurityGroup(
        id=text(item, "GroupId") or "",
        name=text(item, "GroupName") or "",
        vpc_id=text(item, "VpcId") or "",
        ingress=tuple(_permission(one) for one in mappings(item, "IpPermissions")),
        egress=tuple(_permission(one) for one in mappings(item, "IpPermissionsEgress")),
        tags=tags(item, "Tags"),
    )


def _permission(item: Json) -> Permission:
    low, high = number(item, "FromPort"), number(item, "ToPort")
    unlimited = low is None or high is None or low < 0 or (low, high) == _ALL_PORTS

    def each(name: str, member: str) -> tuple[str, ...]:
        return tuple(found for one in mappings(item, name) if (found := text(one, member)) is not None)

    return Permission(
        protocol=text(item, "IpProtocol") or "-1",
        ports=None if unlimited or low is None or high is None else (low, high),
        cidrs=each("IpRanges", "CidrIp") + each("Ipv6Ranges", "CidrIpv6"),
        group_ids=each("UserIdGroupPairs", "GroupId"),
        prefix_list_ids=each("PrefixListIds", "PrefixListId"),
    )


def endpoint_from(item: Json) -> Endpoint:
    """An endpoint of DescribeVpcEndpoints."""
    return Endpoint(
        id=text(item, "VpcEndpointId") or "",
        service_name=text(item, "ServiceName") or "",
        # EC2 leaves the type out only where the creator did: then it is a gateway.
        type=text(item, "VpcEndpointType") or "Gateway",
        state=text(item, "State") or "",
        private_dns_enabled=flag(item, "PrivateDnsEnabled") is True,
        private_dns_only_for_inbound_resolver=(
            flag(mapping(item, "DnsOptions"), "PrivateDnsOnlyForInboundResolverEndpoint") is True
        ),
        subnet_ids=texts(item, "SubnetIds"),
        security_group_ids=tuple(
            found for one in mappings(item, "Groups") if (found := text(one, "GroupId")) is not None
        ),
        route_table_ids=texts(item, "RouteTableIds"),
        interface_ids=texts(item, "NetworkInterfaceIds"),
        policy=_endpoint_policy(item),
        last_error=text(mapping(item, "LastError"), "Message"),
        tags=tags(item, "Tags"),
        ip_address_type=(text(item, "IpAddressType") or "ipv4").lower(),
        dns_record_ip_type=text(mapping(item, "DnsOptions"), "DnsRecordIpType"),
    )


def _endpoint_policy(item: Json) -> dict[str, object] | None:
    raw = item.get("PolicyDocument")
    if raw is None or raw == "":
        return None
    document = document_from(raw)
    # An unreadable policy must not pass for none: an empty document is undecided, never full access.
    return dict(document) if document is not None else {}


def endpoint_interface_from(item: Json) -> EndpointInterface:
    """An endpoint's network interface of DescribeNetworkInterfaces."""
    return EndpointInterface(
        id=text(item, "NetworkInterfaceId") or "",
        subnet_id=text(item, "SubnetId") or "",
        private_ip=text(item, "PrivateIpAddress"),
        ipv6_addresses=_ipv6_addresses(item),
    )


def _ipv6_addresses(item: Json) -> tuple[str, ...]:
    return tuple(found for one in mappings(item, "Ipv6Addresses") if (found := text(one, "Ipv6Address")) is not None)


def nat_gateway_from(item: Json) -> NatGateway:
    """A NAT gateway of DescribeNatGateways."""
    addresses = mappings(item, "NatGatewayAddresses")
    return NatGateway(
        id=text(item, "NatGatewayId") or "",
        state=text(item, "State") or "",
        subnet_id=text(item, "SubnetId") or "",
        private_ip=text(addresses[0], "PrivateIp") if addresses else None,
        public=(text(item, "ConnectivityType") or "public") == "public",
        regional=text(item, "AvailabilityMode") == "regional",
        route_table_id=text(item, "RouteTableId"),
    )


def dns_servers_from(item: Json) -> tuple[str, tuple[str, ...]]:
    """Id and name servers of one set of DHCP options of DescribeDhcpOptions."""
    servers = [
        value
        for option in mappings(item, "DhcpConfigurations")
        if text(option, "Key") == "domain-name-servers"
        for one in mappings(option, "Values")
        if (value := text(one, "Value")) is not None
    ]
    return text(item, "DhcpOptionsId") or "", tuple(servers)


def hosted_zones_from(answer: Fact[Json]) -> Fact[tuple[str, ...]]:
    """The names of the private hosted zones in an answer of route53:ListHostedZonesByVPC."""
    if isinstance(answer, Known) and answer.value.get("NextToken"):
        return Unknown(answer.source, "there are more private hosted zones than one answer holds")
    return items_of(answer, "HostedZoneSummaries", lambda item: (text(item, "Name") or "").rstrip(".").lower())


def prefix_list_from(item: Json) -> tuple[str, str, tuple[str, ...]]:
    """Id, name and CIDR blocks of an AWS-managed prefix list of DescribePrefixLists."""
    return text(item, "PrefixListId") or "", text(item, "PrefixListName") or "", texts(item, "Cidrs")


def interface_from(item: Json) -> Interface:
    """A network interface of DescribeNetworkInterfaces, or one of an instance of DescribeInstances."""
    source = "ec2:DescribeNetworkInterfaces"
    address = text(mapping(item, "Association"), "PublicIp")
    return Interface(
        subnet_id=text(item, "SubnetId") or "",
        vpc_id=text(item, "VpcId") or "",
        id=text(item, "NetworkInterfaceId"),
        private_ip=text(item, "PrivateIpAddress"),
        public_ip=Absent(source, "no public address") if address is None else Known(address, source),
        security_group_ids=Known(
            tuple(found for one in mappings(item, "Groups") if (found := text(one, "GroupId")) is not None), source
        ),
        ipv6_addresses=Known(_ipv6_addresses(item), source),
    )
