"""Commands of the AWS CLI with this account's real ids, ready to paste."""

import shlex
from collections.abc import Iterable, Mapping, Sequence

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Network

_UNREAD_CIDR = "<VPC_CIDR>"


def one_subnet_a_zone(network: Network, facts: Facts, first: Sequence[str]) -> list[str]:
    """Subnets for an endpoint: AWS takes one of each zone. The tasks' own, so that no traffic crosses zones."""
    service = facts.service.value if isinstance(facts.service, Known) else None
    wanted = [*first, *(service.awsvpc.subnet_ids if service and service.awsvpc else ())]
    if not isinstance(network.subnets, Known):
        return list(first[:1])
    known = network.subnets.value
    by_zone: dict[str, str] = {}
    for one in wanted:
        if one in known:
            by_zone.setdefault(known[one].availability_zone, one)
    return list(by_zone.values()) or list(first[:1])


def vpc_cidrs(network: Network) -> list[str]:
    """The VPC's blocks: once private DNS is on, every client of the VPC comes to a new endpoint."""
    return list(network.vpc.value.cidrs) if isinstance(network.vpc, Known) else [_UNREAD_CIDR]


def create_endpoints(
    network: Network,
    region: str,
    endpoint_types: Mapping[str, str],
    subnet_ids: Sequence[str],
    route_table_ids: Sequence[str],
) -> list[str]:
    """Create the endpoints, and first what they need: the VPC's DNS attributes and a security group for clients."""
    lines: list[str] = []
    interfaces = [service for service, kind in endpoint_types.items() if kind == "Interface"]
    if interfaces:
        lines += switch_vpc_dns_on(network, region)
        lines.append(
            "SG=$("
            + aws(
                "ec2 create-security-group",
                region,
                {
                    "vpc-id": network.vpc_id,
                    "group-name": "vpc-endpoints-https",
                    "description": "HTTPS from the VPC to its endpoints",
                    "query": "GroupId",
                    "output": "text",
                },
            )
            + ")"
        )
        for cidr in vpc_cidrs(network):
            options = {"protocol": "tcp", "port": "443", "cidr": cidr}
            lines.append(aws('ec2 authorize-security-group-ingress --group-id "$SG"', region, options))
    for service, kind in endpoint_types.items():
        options = {"vpc-id": network.vpc_id, "vpc-endpoint-type": kind, "service-name": service}
        if kind == "Interface":
            command = aws("ec2 create-vpc-endpoint", region, options, {"subnet-ids": subnet_ids})
            lines.append(command + ' --security-group-ids "$SG" --private-dns-enabled')
        else:
            lines.append(aws("ec2 create-vpc-endpoint", region, options, {"route-table-ids": route_table_ids}))
    return lines


def switch_vpc_dns_on(network: Network, region: str) -> list[str]:
    """Set the attributes that private DNS needs and that are known to be off."""
    attributes = (("enable-dns-support", network.dns_support), ("enable-dns-hostnames", network.dns_hostnames))
    return [
        aws(f"ec2 modify-vpc-attribute --{name}", region, {"vpc-id": network.vpc_id})
        for name, fact in attributes
        if isinstance(fact, Known) and not fact.value
    ]


def aws(
    command: str,
    region: str,
    options: Mapping[str, str],
    lists: Mapping[str, Iterable[str]] | None = None,
) -> str:
    """One line: `aws COMMAND --option value …`, everything quoted that a shell would take apart."""
    words = [f"aws {command}"]
    words += [f"--{name} {_quoted(value)}" for name, value in options.items()]
    words += [f"--{name} {' '.join(_quoted(value) for value in values)}" for name, values in (lists or {}).items()]
    return " ".join([*words, f"--region {_quoted(region)}"])


def _quoted(value: str) -> str:
    # A placeholder is left bare: the shell then fails on it, visibly.
    return value if value.startswith("<") else shlex.quote(value)
