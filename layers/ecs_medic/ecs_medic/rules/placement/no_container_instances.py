"""The service's tasks need container instances, and its cluster or capacity provider has none."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import ContainerInstance
from ecs_medic.facts.fact import NOT_READ, Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.fit import eligible
from ecs_medic.rules.placement.instance_never_registered import may_run_unregistered, never_registered
from ecs_medic.rules.placement.unread import unread
from ecs_medic.rules.reported import subject_of, surroundings
from ecs_medic.vocabulary import Id


def no_container_instances(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Fires where no instance is there at all, or none that ECS may use: draining, or another provider's.

    Where instances do run and have not joined the cluster, that is the cause, and this only what comes of it. Where
    nobody knows whether any do, this is no more than likely.
    """
    known = facts.placement.container_instances
    if known is NOT_READ:
        return
    if not isinstance(known, Known):
        yield unread(Id.NO_CONTAINER_INSTANCES, known)
        return
    usable = eligible(facts, known.value)
    if usable:
        observed = f"{len(usable)} of {len(known.value)} container instances can be used"
        yield RuledOut(Id.NO_CONTAINER_INSTANCES, (Evidence(known.source, incident.cluster, observed),))
        return
    if never_registered(facts):
        return
    params: dict[str, JsonValue] = {
        **surroundings(incident),
        "capacity_providers": list[JsonValue](_providers(facts)),
        "instances": len(known.value),
    }
    observed = _observed(known.value)
    yield Finding(
        cause=Id.NO_CONTAINER_INSTANCES,
        confidence=Confidence.LIKELY if may_run_unregistered(facts) else Confidence.CONFIRMED,
        summary=f"Tasks of {subject_of(incident)} need container instances, and {incident.cluster} has {observed}.",
        subject=incident.cluster,
        phase=Phase.PLACEMENT,
        fix=fix_for(Id.NO_CONTAINER_INSTANCES, params),
        params=params,
        evidence=(Evidence(known.source, incident.cluster, observed), *_groups(facts)),
    )


def _observed(instances: tuple[ContainerInstance, ...]) -> str:
    if not instances:
        return "no container instance"
    states = sorted({(one.status or "unknown").upper() for one in instances})
    providers = sorted({one.capacity_provider or "none" for one in instances})
    return (
        f"{len(instances)} container instances and none that this service may use "
        f"(status {', '.join(states)}; capacity provider {', '.join(providers)})"
    )


def _groups(facts: Facts) -> tuple[Evidence, ...]:
    """What the Auto Scaling groups behind the capacity providers have, and which of them are not there."""
    groups, providers = facts.placement.scaling_groups, facts.placement.capacity_providers
    if not isinstance(groups, Known):
        return ()
    named = [one.scaling_group_arn for one in providers.value] if isinstance(providers, Known) else []
    there = {one.name for one in groups.value}
    gone = [name for arn in named if arn and (name := arn.rpartition("/")[2]) not in there]
    return tuple(Evidence(groups.source, name, "no such Auto Scaling group") for name in gone) + tuple(
        Evidence(
            groups.source,
            one.name,
            f"{len(one.instance_ids)} instances in service, desired {one.desired_capacity}, at most {one.maximum}",
        )
        for one in groups.value
    )


def _providers(facts: Facts) -> tuple[str, ...]:
    return facts.service.value.capacity_providers if isinstance(facts.service, Known) else ()
