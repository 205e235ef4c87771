"""A subnet of the service lies in a zone where Fargate is not offered.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html, which names for some
Regions the only zones that have Fargate.
"""

from collections.abc import Iterator, Mapping

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.unread import unread
from ecs_medic.rules.reported import surroundings
from ecs_medic.vocabulary import Id

ONLY_IN: Mapping[str, frozenset[str]] = {
    "us-west-1": frozenset({"usw1-az1", "usw1-az3"}),
    "ap-northeast-1": frozenset({"apne1-az1", "apne1-az2", "apne1-az4"}),
    "cn-north-1": frozenset({"cnn1-az1", "cnn1-az2"}),
}
"""By Region, the ids of the zones with Fargate; in Regions that are not listed every zone has it."""


def subnet_in_unsupported_az(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Fires for each such subnet; AWS's list may be newer than this one, so it is likely at best."""
    service = facts.service.value if isinstance(facts.service, Known) else None
    if service is None or service.awsvpc is None or service.on_fargate is not True:
        return
    supported = ONLY_IN.get(facts.region)
    if supported is None:
        evidence = Evidence("ecs:DescribeServices", service.name, f"every zone of {facts.region} offers Fargate")
        yield RuledOut(Id.SUBNET_IN_UNSUPPORTED_AZ, (evidence,))
        return
    known = facts.placement.subnets
    if known is NOT_READ:
        return
    if not isinstance(known, Known):
        yield unread(Id.SUBNET_IN_UNSUPPORTED_AZ, known)
        return
    fine: list[Evidence] = []
    for identifier in service.awsvpc.subnet_ids:
        subnet = known.value.get(identifier)
        zone = subnet.availability_zone_id if subnet else None
        if zone is None:
            continue
        if zone in supported:
            fine.append(Evidence(known.source, identifier, f"is in zone {zone}, which offers Fargate"))
            continue
        params: dict[str, JsonValue] = {**surroundings(incident), "subnet_id": identifier, "availability_zone_id": zone}
        yield Finding(
            cause=Id.SUBNET_IN_UNSUPPORTED_AZ,
            confidence=Confidence.LIKELY,
            summary=(
                f"{identifier} is in zone {zone}; in {facts.region} Fargate is in {', '.join(sorted(supported))} only."
            ),
            subject=identifier,
            phase=Phase.PLACEMENT,
            fix=fix_for(Id.SUBNET_IN_UNSUPPORTED_AZ, params),
            params=params,
            evidence=(Evidence(known.source, identifier, f"AvailabilityZoneId is {zone}"),),
        )
    if len(fine) == len(service.awsvpc.subnet_ids):
        yield RuledOut(Id.SUBNET_IN_UNSUPPORTED_AZ, tuple(fine))
