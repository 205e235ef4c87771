"""Whether the task finds room on an instance, and what each instance lacks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import ContainerInstance
from ecs_medic.facts.fact import Known
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.demand import Demand
from ecs_medic.vocabulary import Id

_NAMED = re.compile(r"container-instance[\s/]+(?:[\w-]+/)?([0-9a-f]{8}-?[0-9a-f-]{23,27})")
TRUNK = "ecs.awsvpc-trunk-id"
"""Attribute of an instance whose tasks share one network interface."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One instance, and by cause what it lacks in words; `gap` is how much is missing, 0 to 1 of what is needed."""

    instance: ContainerInstance
    lacks: Mapping[Id, str]
    gap: float


def eligible(facts: Facts, instances: Sequence[ContainerInstance]) -> tuple[ContainerInstance, ...]:
    """The instances that ECS may use for the service: active, and of its capacity providers where it names some."""
    service = facts.service.value if isinstance(facts.service, Known) else None
    providers = service.capacity_providers if service else ()
    return tuple(
        one
        for one in instances
        if (one.status or "ACTIVE") == "ACTIVE" and (not providers or one.capacity_provider in {None, *providers})
    )


def fit(demand: Demand, instance: ContainerInstance, facts: Facts) -> Fit:
    """What the instance lacks for one more such task."""
    lacks = dict(_lacks(demand, instance, facts))
    return Fit(instance, lacks, _gap(demand, instance))


def closest(fits: Sequence[Fit], incident: Incident, cause: Id) -> Fit:
    """The instance that AWS's message names, else the one that lacks least; of those that lack `cause` if it is named.

    `fits` holds at least one.
    """
    match = _NAMED.search(incident.message.stopped_reason or "")
    if match:
        for one in fits:
            if one.instance.id.replace("-", "") == match[1].replace("-", ""):
                return one
    lacking = [one for one in fits if cause in one.lacks] if incident.symptom is cause else []
    return min(lacking or fits, key=lambda one: (len(one.lacks), one.gap, one.instance.arn))


def _lacks(demand: Demand, instance: ContainerInstance, facts: Facts) -> Iterator[tuple[Id, str]]:
    left, has = instance.remaining, instance.registered
    if left.cpu is not None and left.cpu < demand.cpu:
        yield Id.INSUFFICIENT_CPU, f"{left.cpu} of {_number(has.cpu)} CPU units left, {demand.cpu} needed"
    if left.memory is not None and left.memory < demand.memory:
        yield Id.INSUFFICIENT_MEMORY, f"{left.memory} of {_number(has.memory)} MiB left, {demand.memory} needed"
    taken = sorted(
        port
        for protocol, port in demand.host_ports
        if port in (left.udp_ports if protocol.lower() == "udp" else left.ports)
    )
    if taken:
        yield Id.HOST_PORT_IN_USE, f"port {', '.join(map(str, taken))} of the host is taken"
    if missing := missing_attributes(demand, instance):
        yield Id.MISSING_ATTRIBUTE, "; ".join(missing)
    if demand.own_interface and (full := _interfaces(instance, facts)):
        yield Id.INSUFFICIENT_ENI, full


def missing_attributes(demand: Demand, instance: ContainerInstance) -> tuple[str, ...]:
    """What the instance does not offer, in words."""
    missing = []
    for name, value in demand.attributes.items():
        offered = instance.attributes.get(name)
        if offered is None:
            missing.append(f"no attribute {name}")
        elif value and offered != value:
            missing.append(f"attribute {name} is {offered}, {value} is needed")
    if instance.remaining.gpus < demand.gpus:
        missing.append(f"{instance.remaining.gpus} GPUs free, {demand.gpus} needed")
    zone = instance.availability_zone
    if demand.zones and zone and zone not in demand.zones:
        missing.append(f"it runs in {zone}, and the service's subnets are in {', '.join(sorted(demand.zones))}")
    return tuple(missing)


def _interfaces(instance: ContainerInstance, facts: Facts) -> str | None:
    """Whether no further interface fits; with trunking, tasks share one, and what remains is told nowhere."""
    placement = facts.placement
    if TRUNK in instance.attributes or not isinstance(placement.instances, Known):
        return None
    ec2 = placement.instances.value.get(instance.ec2_instance_id or "")
    limits = placement.most_interfaces.value if isinstance(placement.most_interfaces, Known) else {}
    most = limits.get(instance.instance_type or "")
    if ec2 is None or most is None or ec2.interfaces < most:
        return None
    return f"{ec2.interfaces} network interfaces, and an instance of type {instance.instance_type} takes {most}"


def _gap(demand: Demand, instance: ContainerInstance) -> float:
    left = instance.remaining
    gaps = [
        (needed - has) / needed
        for needed, has in ((demand.cpu, left.cpu), (demand.memory, left.memory))
        if needed and has is not None and has < needed
    ]
    return sum(gaps)


def _number(value: int | None) -> str:
    return "unknown" if value is None else str(value)
