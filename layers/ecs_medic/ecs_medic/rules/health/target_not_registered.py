"""The task is not among the targets of its service's target group, or nobody asks that group for any.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html
"""

from collections.abc import Iterable, Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.health import TargetGroup
from ecs_medic.finding import Confidence, Evidence, Finding, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.health.targets import (
    INSTANCE,
    group_params,
    groups_meant,
    groups_not_read,
    host_port,
    not_read,
    own_id,
    own_target,
)
from ecs_medic.vocabulary import Id

_CAUSE = Id.TARGET_NOT_REGISTERED


def target_not_registered(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where the group itself shows it; a task that has stopped is rightly gone from its group."""
    if facts.target_groups or incident.symptom is _CAUSE:
        yield from groups_not_read(_CAUSE, facts)
    for arn in groups_meant(incident, facts):
        group = facts.target_groups[arn]
        if isinstance(group, Known):
            yield from _judged(group.value, incident, facts)


def _judged(group: TargetGroup, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    wrong = _wrong_in_itself(group, facts)
    if wrong is not None:
        yield _finding(group, wrong, "elbv2:DescribeTargetGroups", incident, facts)
        return
    targets = facts.targets.get(group.arn)
    name = own_id(group, facts)
    running = isinstance(facts.task, Known) and facts.task.value.last_status == "RUNNING"
    if targets is None or name is None or not running or group.target_type not in {"ip", INSTANCE}:
        return
    port = host_port(group, facts) if group.target_type == INSTANCE else None
    if group.target_type == INSTANCE and port is None:
        yield NotChecked(_CAUSE, f"nothing tells which port of {name} leads to the task")
        return
    own = f"{name}:{port}" if port else name
    if not isinstance(targets, Known):
        yield from not_read(_CAUSE, targets)
    elif own_target(group, facts) is not None:
        yield RuledOut(_CAUSE, (Evidence(targets.source, group.name, f"{own} is registered"),))
    else:
        registered = ", ".join(f"{one.id}:{one.port}" if port else one.id for one in targets.value) or "nobody"
        wrong = f"the running task's {own} is not registered with it; registered: {registered}"
        yield _finding(group, wrong, targets.source, incident, facts)


def _wrong_in_itself(group: TargetGroup, facts: Facts) -> str | None:
    """What keeps any task of this service from being served through the group."""
    if not group.load_balancer_arns:
        return "no load balancer forwards to it"
    mode = facts.task_definition.value.network_mode if isinstance(facts.task_definition, Known) else None
    if mode == "awsvpc" and group.target_type == "instance":
        return "its targets are instances, and a task in awsvpc mode can only be registered by its address"
    return None


def _finding(group: TargetGroup, wrong: str, source: str, incident: Incident, facts: Facts) -> Finding:
    params = group_params(incident, facts, group.arn)
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"Target group {group.name} sends the task nothing: {wrong}.",
        subject=group.arn,
        phase=Phase.SERVICE,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(Evidence(source, group.name, wrong),),
    )
