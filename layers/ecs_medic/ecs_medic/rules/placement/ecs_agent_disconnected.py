"""The ECS agent of an instance is not connected.

The connection is interrupted several times an hour in normal operation, so a lost one is a cause only where AWS's own
message speaks of it, or where the task would fit nowhere else.
"""

from collections.abc import Iterator, Sequence

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import ContainerInstance
from ecs_medic.facts.fact import NOT_READ, Fact, Known, map_fact
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.demand import demand_of
from ecs_medic.rules.placement.fit import eligible, fit
from ecs_medic.rules.placement.unread import unread
from ecs_medic.rules.reported import surroundings
from ecs_medic.vocabulary import Id

_SOURCE = "ecs:DescribeContainerInstances"


def ecs_agent_disconnected(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Fires for the message's own symptom, or where only disconnected instances have room."""
    known = _instances(facts)
    if known is NOT_READ:
        return
    if not isinstance(known, Known):
        yield unread(Id.ECS_AGENT_DISCONNECTED, known)
        return
    usable = eligible(facts, known.value)
    lost = [one for one in usable if one.agent_connected is False]
    if not lost:
        if incident.symptom is Id.ECS_AGENT_DISCONNECTED and usable:
            yield NotChecked(Id.ECS_AGENT_DISCONNECTED, "every agent is connected again by now")
        elif usable:
            evidence = Evidence(_SOURCE, incident.cluster, f"the agents of all {len(usable)} instances are connected")
            yield RuledOut(Id.ECS_AGENT_DISCONNECTED, (evidence,))
        return
    if incident.symptom is Id.ECS_AGENT_DISCONNECTED:
        yield _finding(incident, lost, Confidence.CONFIRMED)
    elif _only_room_is_there(facts, usable):
        yield _finding(incident, lost, Confidence.LIKELY)


def _instances(facts: Facts) -> Fact[tuple[ContainerInstance, ...]]:
    """The cluster's, else the one that the task was placed on."""
    if facts.placement.container_instances is NOT_READ:
        return map_fact(facts.container_instance, lambda one: (one,))
    return facts.placement.container_instances


def _only_room_is_there(facts: Facts, usable: Sequence[ContainerInstance]) -> bool:
    if not isinstance(facts.task_definition, Known):
        return False
    demand = demand_of(facts, facts.task_definition.value)
    roomy = [one for one in usable if not fit(demand, one, facts).lacks]
    return bool(roomy) and all(one.agent_connected is False for one in roomy)


def _finding(incident: Incident, lost: Sequence[ContainerInstance], confidence: Confidence) -> Finding:
    first = lost[0]
    params: dict[str, JsonValue] = {
        **surroundings(incident),
        "container_instance": first.arn,
        "instance_id": first.ec2_instance_id,
        "instance_ids": [one.ec2_instance_id for one in lost],
    }
    names = ", ".join(one.ec2_instance_id or one.id for one in lost)
    return Finding(
        cause=Id.ECS_AGENT_DISCONNECTED,
        confidence=confidence,
        summary=f"The ECS agent of {names} is not connected, so ECS gives it no task.",
        subject=first.ec2_instance_id or first.arn,
        phase=Phase.PLACEMENT,
        fix=fix_for(Id.ECS_AGENT_DISCONNECTED, params),
        params=params,
        evidence=tuple(
            Evidence(_SOURCE, one.arn, f"agentConnected is false, status {one.status}, agent {one.agent_version}")
            for one in lost
        ),
    )
