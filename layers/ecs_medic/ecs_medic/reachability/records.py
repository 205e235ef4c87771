"""Which kinds of addresses a name has, as far as AWS documents it.

Sources: https://docs.aws.amazon.com/general/latest/gr/rande.html#dual-stack-endpoints,
https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/dual-stack-endpoints.html,
https://docs.aws.amazon.com/secretsmanager/latest/userguide/ip-access.html, and for endpoints
https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html (DNS record IP type).
"""

from ecs_medic.facts.network import Endpoint
from ecs_medic.needs.endpoints import DNS_SUFFIXES
from ecs_medic.reachability.addresses import Family

_DUAL_STACK_SUFFIXES = (".api.aws", ".on.aws", ".api.amazonwebservices.com.cn", ".on.amazonwebservices.com.cn")
_AWS_SUFFIXES = tuple(f".{suffix}" for suffix in DNS_SUFFIXES.values())
_IPV4_ALONE = frozenset({"ecr", "s3", "logs", "ssm", "ssmmessages", "ec2messages", "kms"})
"""Services whose usual name has IPv4 addresses alone, because another one of theirs is the dual-stack one."""
_BOTH = frozenset({"secretsmanager"})
"""Services whose usual name is itself a dual-stack one."""


def has_ipv6(host: str) -> bool | None:
    """Whether the public name has IPv6 addresses; None where AWS, or whoever owns it, does not say."""
    name = host.lower()
    labels = set(name.split("."))
    if name.endswith(_DUAL_STACK_SUFFIXES) or "dualstack" in labels:
        return True
    if not name.endswith(_AWS_SUFFIXES):
        return None
    if labels & _BOTH:
        return True
    return False if labels & _IPV4_ALONE else None


def may_have_a_dual_stack_twin(host: str) -> bool:
    """Whether an agent with IPv6 alone may ask another name of the same service: not for an image's own registry."""
    name = host.lower()
    return name.endswith(_AWS_SUFFIXES) and ".dkr." not in name


def private_name_has(family: Family, endpoint: Endpoint) -> bool | None:
    """Whether the endpoint's private names have addresses of the family; None where EC2 does not say."""
    records = endpoint.dns_record_ip_type
    if endpoint.ip_address_type != "dualstack":
        return endpoint.ip_address_type == ("ipv6" if family is Family.IPV6 else "ipv4")
    if records == "dualstack":
        return True
    # What AWS leaves to the service has A records alone for private names.
    only = {"ipv4": Family.IPV4, "service-defined": Family.IPV4, "ipv6": Family.IPV6}
    return only[records] is family if records in only else None
