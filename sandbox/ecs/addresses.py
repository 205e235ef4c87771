"""Host names of AWS services, and the addresses that the public internet has for them."""

import hashlib
import ipaddress
from typing import Any

PUBLIC_AWS_BLOCK = ipaddress.IPv4Network("54.76.0.0/15")
OTHER_PUBLIC_BLOCK = ipaddress.IPv4Network("34.192.0.0/12")
PUBLIC_IPV6_BLOCK = ipaddress.IPv6Network("2600:1f00::/24")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
DUAL_STACK = (".on.aws", ".api.aws")


def suffix(region: str) -> str:
    """The domain of AWS's services in this region's partition."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def service_host(service: str, region: str) -> str:
    """The host of a regional service: `logs` in eu-west-1 is logs.eu-west-1.amazonaws.com."""
    return f"{service}.{region}.{suffix(region)}"


def ecr_api_host(region: str) -> str:
    """Where GetAuthorizationToken is asked."""
    return service_host("api.ecr", region)


def layer_bucket(region: str) -> str:
    """The bucket from which ECR serves image layers in this region."""
    return f"prod-{region}-starport-layer-bucket"


def bucket_host(bucket: str, region: str) -> str:
    """Virtual-hosted address of an S3 bucket."""
    return f"{bucket}.{service_host('s3', region)}"


def is_s3(host: str, region: str) -> bool:
    """Whether the host is S3 of this region, in any of its forms."""
    return host == service_host("s3", region) or host.endswith("." + service_host("s3", region))


def public_address(ec2: Any, host: str) -> str:
    """A stable public IPv4 address for a host; S3's lies in the region's S3 prefix list, as gateway endpoints need."""
    if is_s3(host, ec2.region_name):
        for prefix_list in ec2.managed_prefix_lists.values():
            if prefix_list.prefix_list_name == f"com.amazonaws.{ec2.region_name}.s3":
                entries = prefix_list.entries[max(prefix_list.entries, key=lambda version: version or 0)]
                return _pick(ipaddress.IPv4Network(entries[0]["Cidr"]), host)
    return _pick(PUBLIC_AWS_BLOCK if host.endswith(suffix(ec2.region_name)) else OTHER_PUBLIC_BLOCK, host)


def public_ipv6_address(host: str) -> str | None:
    """A stable public IPv6 address; None for a name of AWS's that is not a dual-stack one."""
    usual = ".amazonaws.com" in host and "dualstack" not in host and not host.startswith("secretsmanager.")
    return None if usual and not host.endswith(DUAL_STACK) else _pick(PUBLIC_IPV6_BLOCK, host)


def behind_nat64(address: str) -> str | None:
    """The IPv4 address that a NAT64 address stands for; None of any other."""
    found = ipaddress.ip_address(address)
    return str(ipaddress.IPv4Address(int(found) - int(NAT64[0]))) if found in NAT64 else None


def as_nat64(address: str) -> str:
    """The IPv4 address as DNS64 shows it to IPv6 clients."""
    return str(NAT64[int(ipaddress.IPv4Address(address))])


def _pick(block: ipaddress.IPv4Network | ipaddress.IPv6Network, host: str) -> str:
    offset = int.from_bytes(hashlib.sha256(host.encode()).digest()[:4]) % (block.num_addresses - 2)
    return str(block.network_address + 1 + offset)
