"""What would make the creation of an endpoint fail, found out before anything is made.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html (requirements) and
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html (quotas).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.facts.reading import Json, mappings, number, tags, text, texts
from ecs_medic.remedies.destinations import private_names
from ecs_medic.remedies.endpoints import GATEWAY, INTERFACE, endpoints_for, has_private_dns, living
from ecs_medic.remedies.looking import listed, one_attribute
from ecs_medic.remedies.params import Params
from ecs_medic.remedies.params import text as text_of
from ecs_medic.remedies.params import texts as texts_of
from ecs_medic.remedies.remedy import Obstacle
from ecs_medic.remedies.run import Run, made_by

_QUOTAS = {INTERFACE: ("L-29B6F2EB", 50), GATEWAY: ("L-1B52E74A", 20)}
"""Quota code, and what AWS grants by default: interface endpoints of a VPC, gateway endpoints of a Region."""


def endpoint_obstacles(
    params: Params, tried: Mapping[str, tuple[str, Mapping[str, Any]]], run: Run
) -> tuple[Obstacle, ...]:
    """Everything in the way; what cannot be read is in the way too, but for the quota, which AWS itself keeps.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    kind, vpc_id = text_of(params, "endpoint_type"), text_of(params, "vpc_id")
    present = endpoints_for(run.reader, vpc_id, text_of(params, "service_name"), kind)
    if isinstance(present, Unknown):
        return (_unread("the VPC's endpoints", present),)
    if any(made_by(tags(one, "Tags")) == run.id for one in present):
        return ()
    found = [*_there(present), *_quota(kind, vpc_id, run)]
    if kind == INTERFACE:
        found += [*_names(params, run), *_subnets(params, run)]
    found += _not_allowed(tried, run)
    return tuple(found)


def _there(present: tuple[Json, ...]) -> Iterator[Obstacle]:
    for one in present:
        yield Obstacle("endpoint", f"{text(one, 'VpcEndpointId')} is there by now")


def _not_allowed(tried: Mapping[str, tuple[str, Mapping[str, Any]]], run: Run) -> Iterator[Obstacle]:
    for operation, request in tried.values():
        refused = run.writer.try_out(operation, request)
        if refused is not None:
            yield Obstacle(f"dry run of {refused.source}", refused.words, refused.missing_permission)


def _quota(kind: str, vpc_id: str, run: Run) -> Iterator[Obstacle]:
    filters = [] if kind == GATEWAY else [{"Name": "vpc-id", "Values": [vpc_id]}]
    found = listed(run.reader, "ec2", "DescribeVpcEndpoints", {"Filters": filters} if filters else {}, "VpcEndpoints")
    if isinstance(found, Unknown):
        return
    used = sum(1 for one in living(found) if text(one, "VpcEndpointType") == kind)
    code, default = _QUOTAS[kind]
    if used < default:
        return
    answer = run.reader.read("service-quotas", "GetServiceQuota", {"ServiceCode": "vpc", "QuotaCode": code})
    granted = answer.value.get("Quota", {}).get("Value") if isinstance(answer, Known) else None
    if isinstance(granted, int | float) and used >= granted:
        yield Obstacle("quota", f"{used} of {int(granted)} {kind.lower()} endpoints are used ({code})")


def _names(params: Params, run: Run) -> Iterator[Obstacle]:
    """Private names need both of the VPC's attributes, and that nobody else has them."""
    vpc_id, service = text_of(params, "vpc_id"), text_of(params, "service_name")
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        value = one_attribute(run.reader, vpc_id, attribute)
        if isinstance(value, Unknown):
            yield _unread(attribute, value)
        elif not value and not params.get("after_vpc_dns"):
            yield Obstacle("private DNS", f"{attribute} of {vpc_id} is off")
    names = private_names(service, run.region)
    zones = run.reader.read("route53", "ListHostedZonesByVPC", {"VPCId": vpc_id, "VPCRegion": run.region})
    if isinstance(zones, Unknown):
        yield _unread("the VPC's private hosted zones", zones)
    elif isinstance(zones, Known):
        for zone in mappings(zones.value, "HostedZoneSummaries"):
            name = (text(zone, "Name") or "").removesuffix(".").lower()
            owner = text(zone.get("Owner") if isinstance(zone.get("Owner"), Mapping) else {}, "OwningService")  # type: ignore[arg-type]
            if name in names and owner is None:
                yield Obstacle("private DNS", f"the private hosted zone {name} has the name already")
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}]
    others = listed(run.reader, "ec2", "DescribeVpcEndpoints", {"Filters": filters}, "VpcEndpoints")
    for one in () if isinstance(others, Unknown) else living(others):
        other = text(one, "ServiceName") or ""
        if has_private_dns(one) and names & private_names(other, run.region) and other != service:
            yield Obstacle("private DNS", f"{text(one, 'VpcEndpointId')} has the name already")


def _subnets(params: Params, run: Run) -> Iterator[Obstacle]:
    """One subnet of a zone, in zones that the service offers, each with an address left."""
    wanted, service = texts_of(params, "subnet_ids"), text_of(params, "service_name")
    found = listed(run.reader, "ec2", "DescribeSubnets", {"SubnetIds": list(wanted)}, "Subnets")
    if isinstance(found, Unknown):
        yield _unread("the subnets", found)
        return
    offered = offered_zones(service, run)
    zones: set[str] = set()
    for one in found:
        subnet, zone = text(one, "SubnetId"), text(one, "AvailabilityZone") or ""
        if zone in zones:
            yield Obstacle("subnets", f"{subnet} is a second one in {zone}")
        zones.add(zone)
        if isinstance(offered, frozenset) and zone not in offered:
            yield Obstacle("subnets", f"{service} is not offered in {zone}, the zone of {subnet}")
        if number(one, "AvailableIpAddressCount") == 0:
            yield Obstacle("subnets", f"{subnet} has no free address")
    if len(found) < len(wanted):
        yield Obstacle("subnets", "not all of them exist any more")


def offered_zones(service: str, run: Run) -> frozenset[str] | None:
    """The zones in which the service has endpoints; None where AWS does not say."""
    answer = run.reader.read("ec2", "DescribeVpcEndpointServices", {"ServiceNames": [service]})
    if not isinstance(answer, Known):
        return None
    details = mappings(answer.value, "ServiceDetails")
    zones = frozenset(zone for one in details for zone in texts(one, "AvailabilityZones"))
    return zones or None


def _unread(what: str, fact: Unknown) -> Obstacle:
    return Obstacle(what, f"could not be read: {fact.reason}", fact.missing_permission)
