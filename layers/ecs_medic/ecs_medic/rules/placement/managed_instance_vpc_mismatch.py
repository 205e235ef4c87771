"""The task's subnets are in another VPC than the managed instances that are to carry its interface.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-awsvpc-mode.html
"""

from collections.abc import Iterable, Iterator, Mapping

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Known
from ecs_medic.facts.network import Subnet
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.unread import unread
from ecs_medic.rules.reported import surroundings
from ecs_medic.vocabulary import Id


def managed_instance_vpc_mismatch(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Fires for each capacity provider whose subnets share no VPC with the service's."""
    providers, subnets = facts.placement.capacity_providers, facts.placement.subnets
    awsvpc = facts.service.value.awsvpc if isinstance(facts.service, Known) else None
    if awsvpc is None or providers is NOT_READ:
        return
    if not isinstance(providers, Known):
        yield unread(Id.MANAGED_INSTANCE_VPC_MISMATCH, providers)
        return
    managed = [one for one in providers.value if one.managed_instances and one.managed_instances.subnet_ids]
    if not managed:
        return
    if not isinstance(subnets, Known):
        yield unread(Id.MANAGED_INSTANCE_VPC_MISMATCH, subnets)
        return
    own = _vpcs(awsvpc.subnet_ids, subnets.value)
    for provider in managed:
        theirs = _vpcs(provider.managed_instances.subnet_ids if provider.managed_instances else (), subnets.value)
        if not own or not theirs:
            continue
        evidence = (
            Evidence(subnets.source, ", ".join(awsvpc.subnet_ids), f"the tasks' subnets are in {_named(own)}"),
            Evidence(subnets.source, provider.name, f"the capacity provider's subnets are in {_named(theirs)}"),
        )
        if own & theirs:
            yield RuledOut(Id.MANAGED_INSTANCE_VPC_MISMATCH, evidence)
            continue
        params: dict[str, JsonValue] = {
            **surroundings(incident),
            "capacity_provider": provider.name,
            "subnet_ids": list[JsonValue](awsvpc.subnet_ids),
            "vpc_id": min(own),
            "capacity_provider_vpc_id": min(theirs),
        }
        yield Finding(
            cause=Id.MANAGED_INSTANCE_VPC_MISMATCH,
            confidence=Confidence.CONFIRMED,
            summary=(
                f"Tasks are to have interfaces in {_named(own)}, and capacity provider {provider.name} starts its "
                f"instances in {_named(theirs)}."
            ),
            subject=provider.name,
            phase=Phase.PLACEMENT,
            fix=fix_for(Id.MANAGED_INSTANCE_VPC_MISMATCH, params),
            params=params,
            evidence=evidence,
        )


def _vpcs(ids: Iterable[str], subnets: Mapping[str, Subnet]) -> frozenset[str]:
    """The VPCs of these subnets; none where any of them was not read."""
    wanted = tuple(ids)
    return frozenset(subnets[one].vpc_id for one in wanted) if all(one in subnets for one in wanted) else frozenset()


def _named(vpcs: Iterable[str]) -> str:
    return ", ".join(sorted(vpcs))
