"""What a plan needs to know and a diagnosis does not: who else is in the VPC, and where endpoints can be had."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Reader
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown
from ecs_medic.facts.network import Interface
from ecs_medic.facts.reading import Json, mapping, mappings, text, texts
from ecs_medic.finding import Finding
from ecs_medic.vocabulary import Id

_CLIENTS, _ZONES = "clients", "offered_zones"
_NO_CLIENTS = frozenset({"vpc_endpoint", "nat_gateway", "gateway_load_balancer_endpoint"})
"""Interfaces that pass on what others send."""


@dataclass(frozen=True, slots=True)
class Survey:
    """`clients` are the interfaces of each VPC, by its id; `offered_zones` those of each endpoint service, by name."""

    clients: Mapping[str, Fact[tuple[Interface, ...]]] = field(default_factory=dict)
    offered_zones: Mapping[str, Fact[frozenset[str]]] = field(default_factory=dict)

    def clients_of(self, vpc_id: str) -> Fact[tuple[Interface, ...]]:
        """The interfaces of that VPC."""
        return self.clients.get(vpc_id, NOT_READ)


type Key = tuple[str, ...]
type Asked = Mapping[Key, Fact[dict[str, object]]]


def survey(findings: Iterable[Finding], facts: Facts, reader: Reader, asked: Asked = MappingProxyType({})) -> Survey:
    """What `questions` ask for, in one wave of calls at most: what has been asked already is not asked again.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    wanted = questions(findings, facts)
    answers = {**asked, **reader.together({key: call for key, call in wanted.items() if key not in asked})}
    return Survey(
        clients={key[1]: _clients(answers[key]) for key in wanted if key[0] == _CLIENTS},
        offered_zones={key[1]: _zones(answers[key]) for key in wanted if key[0] == _ZONES},
    )


def questions(findings: Iterable[Finding], facts: Facts) -> dict[Key, Call]:
    """The interfaces of the VPCs that were read, and the services whose endpoints are missing."""
    services = sorted(
        {
            service
            for one in findings
            if one.cause is Id.VPC_ENDPOINT_MISSING
            for service in texts(one.params, "services")
            if not service.endswith(".s3")
        }
    )
    calls: dict[Key, Call] = {(_CLIENTS, vpc): _clients_call(vpc) for vpc in facts.networks}
    for one in services:
        calls[_ZONES, one] = Call("ec2", "DescribeVpcEndpointServices", {"ServiceNames": [one]})
    return calls


def _clients_call(vpc_id: str) -> Call:
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}]
    return Call("ec2", "DescribeNetworkInterfaces", {"Filters": filters}, items="NetworkInterfaces")


def _clients(answer: Fact[dict[str, object]]) -> Fact[tuple[Interface, ...]]:
    if not isinstance(answer, Known):
        return answer
    found = mappings(answer.value, "NetworkInterfaces")
    return Known(tuple(_client(one) for one in found if _type(one) not in _NO_CLIENTS), answer.source)


def _type(item: Json) -> str:
    # "natGateway" is how EC2 has spelled it as well.
    written = (text(item, "InterfaceType") or "").replace("natGateway", "nat_gateway")
    return written.lower()


def _client(item: Json) -> Interface:
    source = "ec2:DescribeNetworkInterfaces"
    public = text(mapping(item, "Association"), "PublicIp")
    groups = tuple(found for one in mappings(item, "Groups") if (found := text(one, "GroupId")))
    six = tuple(found for one in mappings(item, "Ipv6Addresses") if (found := text(one, "Ipv6Address")))
    return Interface(
        subnet_id=text(item, "SubnetId") or "",
        vpc_id=text(item, "VpcId") or "",
        id=text(item, "NetworkInterfaceId"),
        private_ip=text(item, "PrivateIpAddress"),
        public_ip=Known(public, source) if public else Absent(source, "it has no public address"),
        security_group_ids=Known(groups, source),
        ipv6_addresses=Known(six, source),
    )


def _zones(answer: Fact[dict[str, object]]) -> Fact[frozenset[str]]:
    if not isinstance(answer, Known):
        return answer
    zones = frozenset(
        zone for one in mappings(answer.value, "ServiceDetails") for zone in texts(one, "AvailabilityZones")
    )
    return Known(zones, answer.source) if zones else Unknown(answer.source, "the answer names no zones")
