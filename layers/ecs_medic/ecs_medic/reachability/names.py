"""Where a service's name leads: to an endpoint in this VPC, to the internet, or nowhere.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html (private DNS) and
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html (the VPC's two attributes).
"""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum

from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.facts.network import AMAZON_DNS, Endpoint, Network, RouteTable
from ecs_medic.finding import Evidence
from ecs_medic.needs.endpoints import same_service
from ecs_medic.needs.need import Destination
from ecs_medic.reachability.addresses import Family, span
from ecs_medic.reachability.path import Hop, HopKind, NoEndpointBecause, Verdict

_AMAZON_ADDRESSES = frozenset({AMAZON_DNS, "169.254.169.253", "fd00:ec2::253"})
_GONE = frozenset({"deleted"})


class Leads(StrEnum):
    """Where the name leads."""

    ENDPOINT = "endpoint"
    UNSEEN_ENDPOINT = "unseen_endpoint"
    """To an endpoint that may exist: the VPC's endpoints were not read."""
    INTERNET = "internet"
    ELSEWHERE = "elsewhere"
    """To an address of which nobody here knows anything."""
    NOWHERE = "nowhere"


class Resolver(StrEnum):
    """Who answers the VPC's name queries."""

    AMAZON = "amazon"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Resolution:
    """One thing that the name may lead to."""

    leads: Leads
    hop: Hop
    endpoint: Endpoint | None = None


def resolutions(destination: Destination, network: Network) -> tuple[Resolution, ...]:
    """Everything that the name may lead to; one only, where the facts leave no doubt."""
    support, hostnames = _possible(network.dns_support), _possible(network.dns_hostnames)
    resolvers = possible_resolvers(network)
    capturing = [one for one in serving(destination, network) if _captures(one)]
    unseen = destination.service is not None and not isinstance(network.endpoints, Known)
    private = True in support and True in hostnames
    found: list[Resolution] = []
    if private:
        found.extend(_at_endpoint(destination, one) for one in capturing)
        if unseen:
            found.append(_unseen(destination, network))
    certainly_private = bool(capturing) and hostnames == {True}
    if Resolver.CUSTOM in resolvers or (True in support and not certainly_private):
        zone = _zone_of(destination, network) if private else None
        if zone is None or Resolver.CUSTOM in resolvers:
            found.append(_public(destination, network))
        if zone is not None:
            found.append(_in_zone(zone, destination, network))
        elif destination.may_be_private:
            found.append(_elsewhere(destination, network))
    if False in support and Resolver.AMAZON in resolvers:
        found.append(_nowhere(network))
    return tuple(found)


def doubt(destination: Destination, network: Network) -> Hop:
    """Why it cannot be told where the name leads."""
    facts: list[Fact[bool] | Fact[tuple[str, ...]] | Fact[tuple[Endpoint, ...]]] = [network.dns_support]
    if destination.service is not None:
        facts += [network.dns_hostnames, network.endpoints]
    facts.append(network.dns_servers)
    for fact in facts:
        if not isinstance(fact, Known):
            reason = fact.reason if isinstance(fact, Unknown) else "there is none"
            missing = fact.missing_permission if isinstance(fact, Unknown) else None
            observed = f"where {destination.host} leads cannot be told: {fact.source} gave no answer ({reason})"
            return _hop(network.vpc_id, Verdict.UNKNOWN, fact.source, observed, missing)
    if destination.may_be_private:
        return _elsewhere(destination, network).hop
    servers = ", ".join(network.dns_servers.value) if isinstance(network.dns_servers, Known) else ""
    observed = (
        f"the DHCP options name {servers or 'no resolver'}, which may or may not know the endpoints' private names"
    )
    return _hop(network.vpc_id, Verdict.UNKNOWN, "ec2:DescribeDhcpOptions", observed)


def private_name(destination: Destination, network: Network) -> Hop:
    """Whether a name that only Amazon's resolver knows, and only inside the VPC, leads to its private address.

    Source: https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html
    """
    resolvers = possible_resolvers(network)
    attributes = {"enableDnsSupport": network.dns_support, "enableDnsHostnames": network.dns_hostnames}
    off = [name for name, fact in attributes.items() if _possible(fact) == {False}]
    if off and resolvers == {Resolver.AMAZON}:
        observed = f"{destination.host} does not resolve: {' and '.join(off)} {'is' if len(off) == 1 else 'are'} false"
        return _hop(network.vpc_id, Verdict.BLOCKED, "ec2:DescribeVpcAttribute", observed)
    if resolvers == {Resolver.AMAZON} and all(_possible(fact) == {True} for fact in attributes.values()):
        observed = f"{destination.host} resolves inside the VPC"
        return _hop(network.vpc_id, Verdict.OPEN, "ec2:DescribeVpcAttribute", observed)
    for fact in (*attributes.values(), network.dns_servers):
        if isinstance(fact, Unknown):
            observed = (
                f"whether {destination.host} resolves cannot be told: {fact.source} gave no answer ({fact.reason})"
            )
            return _hop(network.vpc_id, Verdict.UNKNOWN, fact.source, observed, fact.missing_permission)
    servers = ", ".join(network.dns_servers.value) if isinstance(network.dns_servers, Known) else ""
    observed = f"the DHCP options name {servers or 'no resolver'}, which may or may not know {destination.host}"
    return _hop(network.vpc_id, Verdict.UNKNOWN, "ec2:DescribeDhcpOptions", observed)


def serving(destination: Destination, network: Network) -> tuple[Endpoint, ...]:
    """All endpoints of the VPC for this very service that still exist, gateways included."""
    if destination.service is None or not isinstance(network.endpoints, Known):
        return ()
    wanted = destination.service
    return tuple(
        one
        for one in network.endpoints.value
        if same_service(one.service_name, wanted) and one.state.lower() not in _GONE
    )


def why_no_endpoint(
    destination: Destination, network: Network, table: RouteTable | None, family: Family = Family.IPV4
) -> tuple[NoEndpointBecause | None, str | None]:
    """Why no endpoint takes the connection, and which one could have; (None, None) where nobody can say.

    That an endpoint would serve an IPv6 client is documented for few services, and denied for Amazon ECR:
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
    """
    if destination.service is None or family is Family.IPV6:
        return NoEndpointBecause.NOT_SERVED, None
    if not isinstance(network.endpoints, Known):
        return None, None
    there = serving(destination, network)
    gateways = sorted((one for one in there if one.type == "Gateway"), key=lambda one: not one.available)
    # What only an inbound resolver's clients are sent to is no endpoint for anything in this VPC.
    interfaces = [one for one in there if one.type == "Interface" and not _for_others_only(one)]
    if gateways:
        best = gateways[0]
        reason = NoEndpointBecause.NOT_ON_ROUTE_TABLE if table else None
    elif interfaces:
        best = min(interfaces, key=lambda one: (not one.available, not one.private_dns_enabled))
        reason = _why_name_misses(best, network)
    else:
        return NoEndpointBecause.MISSING, None
    return (reason if best.available else NoEndpointBecause.NOT_AVAILABLE), best.id


def _why_name_misses(endpoint: Endpoint, network: Network) -> NoEndpointBecause | None:
    if not endpoint.private_dns_enabled:
        return NoEndpointBecause.PRIVATE_DNS_OFF
    if _possible(network.dns_support) == {False} or _possible(network.dns_hostnames) == {False}:
        return NoEndpointBecause.VPC_DNS_ATTRIBUTES
    return NoEndpointBecause.CUSTOM_RESOLVER if possible_resolvers(network) == {Resolver.CUSTOM} else None


def possible_resolvers(network: Network) -> set[Resolver]:
    """Who may be answering; both where DHCP options were not read or name nobody."""
    servers = network.dns_servers
    if not isinstance(servers, Known) or not servers.value:
        return {Resolver.AMAZON, Resolver.CUSTOM}
    amazons = _AMAZON_ADDRESSES | _base_plus_two(network)
    return {Resolver.AMAZON} if amazons.issuperset(servers.value) else {Resolver.CUSTOM}


def _base_plus_two(network: Network) -> set[str]:
    """Amazon's resolver also answers two addresses above the base of the VPC's first block."""
    cidrs = network.vpc.value.cidrs if isinstance(network.vpc, Known) else ()
    found = span(cidrs[0]) if cidrs else None
    return {str(ipaddress.IPv4Address(found[0] + 2))} if found else set()


def _possible(fact: Fact[bool]) -> set[bool]:
    return {fact.value} if isinstance(fact, Known) else {True, False}


def _captures(endpoint: Endpoint) -> bool:
    """Whether its private names answer in the VPC, given that the VPC allows private names."""
    return (
        endpoint.type == "Interface"
        and endpoint.available
        and endpoint.private_dns_enabled
        and not _for_others_only(endpoint)
    )


def _for_others_only(endpoint: Endpoint) -> bool:
    return endpoint.private_dns_enabled and endpoint.private_dns_only_for_inbound_resolver


def _at_endpoint(destination: Destination, endpoint: Endpoint) -> Resolution:
    observed = f"{destination.host} resolves to the private addresses of {endpoint.id}, in the whole VPC"
    hop = _hop(endpoint.id, Verdict.OPEN, "ec2:DescribeVpcEndpoints", observed)
    return Resolution(Leads.ENDPOINT, hop, endpoint)


def _unseen(destination: Destination, network: Network) -> Resolution:
    return Resolution(Leads.UNSEEN_ENDPOINT, doubt(destination, network))


def _public(destination: Destination, network: Network) -> Resolution:
    if destination.service is None:
        observed = f"{destination.host} is a public name, which no VPC endpoint answers"
    else:
        observed = f"no endpoint of the VPC answers {destination.host}: it resolves to public addresses"
    return Resolution(Leads.INTERNET, _hop(network.vpc_id, Verdict.OPEN, "ec2:DescribeVpcEndpoints", observed))


def _elsewhere(destination: Destination, network: Network) -> Resolution:
    observed = f"{destination.host} may be a private name: what it resolves to cannot be seen"
    return Resolution(Leads.ELSEWHERE, _hop(network.vpc_id, Verdict.UNKNOWN, "ecs:DescribeTaskDefinition", observed))


def _zone_of(destination: Destination, network: Network) -> str | None:
    """The private hosted zone of the VPC that the name lies in, where those were read."""
    zones = network.hosted_zones.value if isinstance(network.hosted_zones, Known) else ()
    host = destination.host.lower()
    return max((one for one in zones if one and f".{host}".endswith(f".{one}")), key=len, default=None)


def _in_zone(zone: str, destination: Destination, network: Network) -> Resolution:
    observed = f"the private hosted zone {zone} answers {destination.host}: where it leads was not read"
    hop = _hop(network.vpc_id, Verdict.UNKNOWN, "route53:ListHostedZonesByVPC", observed)
    return Resolution(Leads.ELSEWHERE, hop)


def _nowhere(network: Network) -> Resolution:
    observed = "enableDnsSupport is off: Amazon's resolver answers no name at all"
    return Resolution(Leads.NOWHERE, _hop(network.vpc_id, Verdict.BLOCKED, "ec2:DescribeVpcAttribute", observed))


def _hop(resource: str, verdict: Verdict, source: str, observed: str, missing: str | None = None) -> Hop:
    evidence = Evidence(source, resource, observed)
    return Hop(HopKind.NAME_RESOLUTION, resource, verdict, evidence, missing_permission=missing)
