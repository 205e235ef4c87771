"""An EC2 instance of the capacity provider's Auto Scaling group runs, and never joined the cluster."""

from collections.abc import Iterator
from datetime import timedelta

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known, Unknown
from ecs_medic.facts.placement import Instance
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.unread import unread
from ecs_medic.rules.reported import surroundings
from ecs_medic.vocabulary import Id

_OF_FARGATE = frozenset({"FARGATE", "FARGATE_SPOT"})
_JOINS_WITHIN = timedelta(minutes=5)
"""An agent registers its instance within a minute or two of the boot; until then nothing is wrong."""


def instance_never_registered(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """One finding for all such instances; nothing where no group is behind the service's capacity."""
    placement = facts.placement
    if isinstance(placement.scaling_groups, Unknown) and placement.scaling_groups is not NOT_READ:
        yield unread(Id.INSTANCE_NEVER_REGISTERED, placement.scaling_groups)
        return
    if not isinstance(placement.scaling_groups, Known):
        return
    if not isinstance(placement.container_instances, Known):
        yield unread(Id.INSTANCE_NEVER_REGISTERED, placement.container_instances)
        return
    if not _outside(facts):
        running = sum(len(group.instance_ids) for group in placement.scaling_groups.value)
        observed = f"all {running} instances in service have joined {incident.cluster}"
        yield RuledOut(
            Id.INSTANCE_NEVER_REGISTERED, (Evidence(placement.scaling_groups.source, incident.cluster, observed),)
        )
        return
    if isinstance(placement.instances, Absent | Unknown):
        yield unread(Id.INSTANCE_NEVER_REGISTERED, placement.instances)
        return
    if late := never_registered(facts):
        yield _finding(incident, facts, late)


def never_registered(facts: Facts) -> list[Instance]:
    """The instances of the Auto Scaling groups that should have joined the cluster by now; none where nobody knows."""
    instances = facts.placement.instances
    if not isinstance(instances, Known):
        return []
    return [
        one
        for identifier in _outside(facts)
        if (one := instances.value.get(identifier)) is not None
        and one.state == "running"
        and one.launched_at is not None
        and facts.read_at - one.launched_at > _JOINS_WITHIN
    ]


def may_run_unregistered(facts: Facts) -> bool:
    """Whether something could not be read that might show instances which run and have not joined the cluster."""
    placement = facts.placement
    asked = (placement.capacity_providers, placement.scaling_groups, placement.instances)
    if any(isinstance(one, Unknown) and one is not NOT_READ for one in asked):
        return True
    wanted = facts.service.value.capacity_providers if isinstance(facts.service, Known) else ()
    described = placement.capacity_providers
    if isinstance(described, Known) and set(wanted) - _OF_FARGATE - {one.name for one in described.value}:
        return True
    # EC2 was asked for each of them by its id: one that it does not speak of is not known to be gone.
    found = placement.instances.value if isinstance(placement.instances, Known) else None
    return found is not None and any(one not in found for one in _outside(facts))


def _outside(facts: Facts) -> list[str]:
    """The instances in service that are not registered with the cluster, as far as both are known."""
    groups, registrations = facts.placement.scaling_groups, facts.placement.container_instances
    if not isinstance(groups, Known) or not isinstance(registrations, Known):
        return []
    registered = {one.ec2_instance_id for one in registrations.value}
    return [one for group in groups.value for one in group.instance_ids if one not in registered]


def _finding(incident: Incident, facts: Facts, late: list[Instance]) -> Finding:
    ids = [one.id for one in late]
    without_profile = [one.id for one in late if one.instance_profile_arn is None]
    params: dict[str, JsonValue] = {
        **surroundings(incident),
        "instance_ids": list[JsonValue](ids),
        "without_instance_profile": list[JsonValue](without_profile),
    }
    hint = f" {', '.join(without_profile)} has no instance profile." if without_profile else ""
    return Finding(
        cause=Id.INSTANCE_NEVER_REGISTERED,
        confidence=Confidence.CONFIRMED,
        summary=f"{', '.join(ids)} runs and is not registered with cluster {incident.cluster}.{hint}",
        subject=ids[0],
        phase=Phase.PLACEMENT,
        fix=fix_for(Id.INSTANCE_NEVER_REGISTERED, params),
        params=params,
        evidence=tuple(Evidence("ec2:DescribeInstances", one.id, _observed(one, facts)) for one in late),
    )


def _observed(instance: Instance, facts: Facts) -> str:
    minutes = int((facts.read_at - instance.launched_at).total_seconds() // 60) if instance.launched_at else 0
    profile = instance.instance_profile_arn or "no instance profile"
    return f"running for {minutes} minutes in {instance.subnet_id}, with {profile}; no container instance has this id"
