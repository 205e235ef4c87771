"""What the rules on resources and attributes share: no instance fits, and the closest lacks this."""

from collections.abc import Iterator, Mapping, Sequence

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import ContainerInstance, TaskDefinition
from ecs_medic.facts.fact import NOT_READ, Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.demand import Demand, demand_of
from ecs_medic.rules.placement.fit import TRUNK, Fit, closest, eligible, fit
from ecs_medic.rules.placement.unread import unread
from ecs_medic.rules.reported import subject_of, surroundings
from ecs_medic.vocabulary import Id

_SOURCE = "ecs:DescribeContainerInstances"
_SHOWN = 3
"""Instances beside the closest whose shortage is told."""


def lacking(cause: Id, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Fires where no instance has room for the task and the closest one lacks what `cause` says.

    Nothing where nobody asked about instances, or where there are none: that is another cause.
    """
    known = facts.placement.container_instances
    if known is NOT_READ:
        return
    if not isinstance(known, Known):
        yield unread(cause, known)
        return
    if not isinstance(facts.task_definition, Known):
        yield unread(cause, facts.task_definition)
        return
    able = [one for one in eligible(facts, known.value) if one.agent_connected is not False]
    if not able:
        return
    definition = facts.task_definition.value
    demand = demand_of(facts, definition)
    fits = [fit(demand, one, facts) for one in able]
    roomy = next((one for one in fits if not one.lacks), None)
    near = closest(fits, incident, cause)
    if roomy is None and cause in near.lacks:
        yield _finding(cause, incident, definition, demand, near, fits)
    elif gap := _not_known(cause, demand, able, facts):
        yield gap
    elif roomy is not None and incident.symptom is cause:
        # The message was true when it was written: room has come free since.
        yield NotChecked(cause, f"container instance {roomy.instance.id} has room for the task by now")
    else:
        one = roomy or near
        yield RuledOut(cause, (Evidence(_SOURCE, one.instance.arn, _has(one.instance)),))


def _finding(  # noqa: PLR0917 - one row of a table
    cause: Id, incident: Incident, definition: TaskDefinition, demand: Demand, near: Fit, fits: Sequence[Fit]
) -> Finding:
    instance = near.instance
    others = [one for one in fits if one is not near]
    params: dict[str, JsonValue] = {
        **surroundings(incident),
        "task_definition": definition.name,
        "container_instance": instance.arn,
        "instance_id": instance.ec2_instance_id,
        "instances": len(fits),
        **_amounts(cause, demand, instance),
    }
    return Finding(
        cause=cause,
        confidence=Confidence.CONFIRMED,
        summary=(
            f"No container instance of {incident.cluster} has room for {definition.name}; the closest of "
            f"{len(fits)}, {instance.id}: {near.lacks[cause]}."
        ),
        subject=subject_of(incident),
        phase=Phase.PLACEMENT,
        fix=fix_for(cause, params),
        params=params,
        evidence=(
            Evidence("ecs:DescribeTaskDefinition", definition.name, _needs(demand)),
            Evidence(_SOURCE, instance.arn, "; ".join(near.lacks.values())),
            *(Evidence(_SOURCE, one.instance.arn, "; ".join(one.lacks.values())) for one in others[:_SHOWN]),
        ),
    )


def _amounts(cause: Id, demand: Demand, instance: ContainerInstance) -> Mapping[str, JsonValue]:
    match cause:
        case Id.INSUFFICIENT_CPU:
            return {"needed": demand.cpu, "remaining": instance.remaining.cpu, "registered": instance.registered.cpu}
        case Id.INSUFFICIENT_MEMORY:
            return {
                "needed": demand.memory,
                "remaining": instance.remaining.memory,
                "registered": instance.registered.memory,
            }
        case Id.HOST_PORT_IN_USE:
            return {"host_ports": list[JsonValue](sorted(port for _, port in demand.host_ports))}
        case _:
            return {}


def _not_known(cause: Id, demand: Demand, able: Sequence[ContainerInstance], facts: Facts) -> NotChecked | None:
    """Network interfaces are counted in answers of EC2, which may be missing; with trunking nobody can count them."""
    if cause is not Id.INSUFFICIENT_ENI or not demand.own_interface:
        return None
    trunking = next((one for one in able if TRUNK in one.attributes), None)
    if trunking is not None:
        return NotChecked(
            cause, f"{trunking.id} uses ENI trunking: AWS tells nowhere how many interfaces it still takes"
        )
    for fact in (facts.placement.instances, facts.placement.most_interfaces):
        if not isinstance(fact, Known):
            return unread(cause, fact)
    return None


def _needs(demand: Demand) -> str:
    parts = [f"needs {demand.cpu} CPU units", f"{demand.memory} MiB"]
    if demand.host_ports:
        parts.append(f"port {', '.join(str(port) for _, port in sorted(demand.host_ports))} of the host")
    if demand.own_interface:
        parts.append("a network interface of its own")
    return ", ".join(parts)


def _has(instance: ContainerInstance) -> str:
    left = instance.remaining
    return f"has {left.cpu} CPU units and {left.memory} MiB left"
