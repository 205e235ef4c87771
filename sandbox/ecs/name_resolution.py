"""What a name resolves to inside a VPC.

The private name of an interface endpoint belongs to the whole VPC: wherever the client sits, the name leads to the
endpoint, and there is no falling back to the public address when the endpoint cannot be reached.
"""

import fnmatch
import ipaddress
from dataclasses import dataclass
from typing import Any

from sandbox.ecs.addresses import as_nat64, public_address, public_ipv6_address, suffix

AMAZON_RESOLVER = frozenset({"AmazonProvidedDNS", "169.254.169.253"})
RESOLVER_OFFSET = 2
"""Amazon's resolver has this address too, counted from the base of the VPC's first block."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`endpoints` captures the name when there are any; otherwise `address` is public, or None: no answer at all."""

    endpoints: tuple[Any, ...] = ()
    address: str | None = None


def resolve(ec2: Any, vpc: Any, host: str) -> Answer:
    """Resolves a name as an interface in this VPC would."""
    servers = name_servers(vpc)
    if servers:
        return Answer(address=public_address(ec2, host))
    if not enabled(vpc.enable_dns_support):
        return Answer()
    if enabled(vpc.enable_dns_hostnames):
        captured = tuple(e for e in _interface_endpoints(ec2, vpc.id) if _captures(e, host, ec2.region_name))
        if captured:
            return Answer(endpoints=captured)
    return Answer(address=public_address(ec2, host))


def resolve_ipv6(ec2: Any, subnet: Any, host: str) -> str | None:
    """The IPv6 address that an interface in this subnet gets for a name; interface endpoints here have none."""
    vpc = ec2.get_vpc(subnet.vpc_id)
    answer = resolve(ec2, vpc, host)
    if answer.address is None:
        return None
    if (address := public_ipv6_address(host)) is not None:
        return address
    return as_nat64(answer.address) if enabled(subnet.enable_dns64) and not name_servers(vpc) else None


def name_servers(vpc: Any) -> list[str]:
    """The resolvers that the VPC's DHCP options name instead of Amazon's; empty for Amazon's."""
    if vpc.dhcp_options is None:
        return []
    for option in vpc.dhcp_options.dhcp_configurations:
        if option["Key"] == "domain-name-servers":
            amazons = AMAZON_RESOLVER | {str(ipaddress.IPv4Network(vpc.cidr_block)[RESOLVER_OFFSET])}
            return [v["Value"] for v in option["Values"] if v["Value"] not in amazons]
    return []


def enabled(attribute: Any) -> bool:
    """Whether a VPC attribute is on, which moto keeps as a boolean or as the string that was sent."""
    return str(attribute).lower() == "true"


def private_names(service_name: str, region: str) -> tuple[str, ...]:
    """The names that a service's endpoint takes over when its private DNS is on."""
    service = service_name.removeprefix("cn.").removeprefix(f"com.amazonaws.{region}.")
    domain = f"{region}.{suffix(region)}"
    match service:
        case "ecr.api":
            return (f"api.ecr.{domain}",)
        case "ecr.dkr":
            return (f"*.dkr.ecr.{domain}",)
        case "s3":
            return (f"s3.{domain}", f"*.s3.{domain}")
        case _:
            return (f"{service}.{domain}",)


def _interface_endpoints(ec2: Any, vpc_id: str) -> list[Any]:
    return [
        endpoint
        for endpoint in ec2.vpc_end_points.values()
        if endpoint.vpc_id == vpc_id
        and str(endpoint.vpc_endpoint_type).lower() == "interface"
        and str(endpoint.state).lower() == "available"
    ]


def _captures(endpoint: Any, host: str, region: str) -> bool:
    if not enabled(endpoint.private_dns_enabled):
        return False
    if endpoint.service_name.endswith(".s3") and _inbound_resolver_only(endpoint):
        return False
    return any(fnmatch.fnmatchcase(host, name) for name in private_names(endpoint.service_name, region))


def _inbound_resolver_only(endpoint: Any) -> bool:
    """An S3 interface endpoint's private names serve on-premises clients only, unless it was asked otherwise."""
    return bool(endpoint.private_dns_only_for_inbound)
