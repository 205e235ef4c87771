"""The load balancer asked the task for its health and got no answer, or the wrong one.

What stands behind it is told as far as it is seen: the target's reason code, the way from the load balancer's nodes to
the task's port, and how soon after its start the task was given up.
Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html (healthCheckGracePeriodSeconds).
"""

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.health import LoadBalancer, Target, TargetGroup
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.reachability.path import Hop, HopKind, Verdict
from ecs_medic.rules.health.targets import (
    DYNAMIC_PORTS,
    INSTANCE,
    group_params,
    groups_meant,
    groups_not_read,
    interface_of,
    is_dynamic,
    not_read,
    own_target,
    port_of,
    targets_of,
    ways_to_task,
)
from ecs_medic.rules.network.commands import aws
from ecs_medic.rules.run.ended import log_evidence, shown
from ecs_medic.vocabulary import Id

_CAUSE = Id.ELB_HEALTH_CHECK_FAILED
_LEAVING = frozenset({"Target.DeregistrationInProgress", "Target.NotRegistered", "Elb.RegistrationInProgress"})
"""Reasons of a target that comes or goes: they say nothing about its health."""
_IN_EVENT = re.compile(r"\(reason:? ([^()]*+(?:\([^()]*+\)[^()]*+)?)\)")
_SLACK = 60
"""Seconds that registering a target and stopping a task may take on top of the checks themselves."""


@dataclass(frozen=True, slots=True)
class _Blocked:
    """Where the way from the load balancer is closed, and whether it is from all its subnets."""

    balancer: LoadBalancer
    hop: Hop
    everywhere: bool


def elb_health_check_failed(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where a target's reason code or a closed way was read; likely where only the message says it."""
    if not facts.target_groups:
        if incident.symptom is _CAUSE:
            yield from not_read(_CAUSE, facts.service)
        return
    yield from groups_not_read(_CAUSE, facts)
    for arn in groups_meant(incident, facts):
        group = facts.target_groups[arn]
        if isinstance(group, Known):
            yield from not_read(_CAUSE, facts.targets.get(arn, group))
            for load_balancer in group.value.load_balancer_arns:
                yield from not_read(_CAUSE, facts.load_balancers.get(load_balancer, group))
            yield from _host_unknown(group.value, facts)
            yield from _judged(group.value, incident, facts)


def _host_unknown(group: TargetGroup, facts: Facts) -> Iterator[NotChecked]:
    """That the way ends at an instance, or at a port of it, which is not known."""
    if group.target_type != INSTANCE:
        return
    yield from not_read(_CAUSE, facts.container_instance)
    yield from not_read(_CAUSE, facts.host_interface)
    if port_of(group, facts) is None:
        yield NotChecked(_CAUSE, f"nothing tells on which port of its instance {group.name} found the task")


def _judged(group: TargetGroup, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    own = own_target(group, facts)
    source = "elbv2:DescribeTargetHealth"
    if own is not None and own.state == "healthy":
        yield RuledOut(_CAUSE, (Evidence(source, group.name, f"{own.id} is healthy"),))
        return
    sick = _sick(group, facts)
    blocked = _blocked(group, facts)
    if incident.symptom is not _CAUSE and sick is None and blocked is None:
        return
    yield _finding(group, sick, blocked, incident, facts)


def _sick(group: TargetGroup, facts: Facts) -> Target | None:
    """This task's own target where it is still registered and ill, else another ill one: the next task's, mostly."""
    own = own_target(group, facts)
    candidates = [own] if own is not None else []
    candidates += targets_of(group.arn, facts)
    return next((one for one in candidates if one.state == "unhealthy" and one.reason not in _LEAVING), None)


def _blocked(group: TargetGroup, facts: Facts) -> _Blocked | None:
    ways = list(ways_to_task(group, facts))
    closed = [(balancer, way.broken_at) for balancer, way in ways if way.verdict is Verdict.BLOCKED]
    for balancer, hop in closed:
        if hop is not None:
            return _Blocked(balancer, hop, everywhere=len(closed) == len(ways))
    return None


def _finding(
    group: TargetGroup, sick: Target | None, blocked: _Blocked | None, incident: Incident, facts: Facts
) -> Finding:
    port = port_of(group, facts)
    reason = (sick.reason if sick else None) or None
    params: dict[str, JsonValue] = {**group_params(incident, facts, group.arn), "reason": reason, "port": port}
    early = _given_up_early(group, facts)
    if early is not None:
        params["lived_seconds"], params["grace_period_seconds"] = early
    if blocked is not None:
        params["load_balancer_arn"] = blocked.balancer.arn
        if blocked.hop.kind in {HopKind.DESTINATION_SECURITY_GROUP, HopKind.SECURITY_GROUP_EGRESS}:
            params["security_group_ids"] = list(blocked.hop.resource.split(","))
    certain = sick is not None or (blocked is not None and blocked.everywhere)
    return Finding(
        cause=_CAUSE,
        confidence=shown(facts) if certain and isinstance(facts.task, Known) else Confidence.LIKELY,
        summary=_summary(
            group, sick, blocked, port, early, whose="instance" if group.target_type == INSTANCE else "task"
        ),
        subject=group.arn,
        phase=Phase.HEALTH,
        fix=fix_for(_CAUSE, params, cli=_commands(group, blocked, early, params, facts)),
        params=params,
        evidence=tuple(_evidence(group, sick, blocked, facts)),
    )


def _summary(
    group: TargetGroup,
    sick: Target | None,
    blocked: _Blocked | None,
    port: int | None,
    early: tuple[int, int] | None,
    *,
    whose: str,
) -> str:
    where = f"port {port}" if port else "the task's port"
    if blocked is not None:
        reach = "the task" if whose == "task" else "the task's instance"
        return (
            f"Load balancer {blocked.balancer.name} cannot reach {reach} on {where}: {blocked.hop.resource} "
            f"{blocked.hop.evidence.observed}."
        )
    said = "the load balancer's health check failed"
    if sick is not None:
        said = f"the health check of {group.name} on {where} failed: {sick.description or sick.reason} ({sick.reason})"
    if early is not None:
        lived, grace = early
        said += f"; the task was given up {lived} s after its start, with a grace period of {grace} s"
    return f"{said[0].upper()}{said[1:]}."


def _given_up_early(group: TargetGroup, facts: Facts) -> tuple[int, int] | None:
    """Seconds of life and of grace, where the task was stopped by the very first checks that counted."""
    if not isinstance(facts.task, Known) or not isinstance(facts.service, Known):
        return None
    task = facts.task.value
    end = task.stopping_at or task.stopped_at
    if task.started_at is None or end is None:
        return None
    lived = (end - task.started_at).total_seconds()
    grace = facts.service.value.health_check_grace_period or 0
    checks = (group.check_interval or 30) * (group.unhealthy_threshold or 2)
    return (round(lived), grace) if 0 <= lived <= grace + checks + _SLACK else None


def _evidence(group: TargetGroup, sick: Target | None, blocked: _Blocked | None, facts: Facts) -> Iterator[Evidence]:
    if blocked is not None:
        yield blocked.hop.evidence
    if sick is not None:
        observed = f"{sick.id}:{sick.port} is {sick.state}: {sick.reason}" + (
            f", {sick.description}" if sick.description else ""
        )
        yield Evidence("elbv2:DescribeTargetHealth", group.name, observed)
    yield Evidence("elbv2:DescribeTargetGroups", group.name, _check(group))
    if isinstance(facts.task, Known) and facts.task.value.stopped_reason:
        yield Evidence(facts.task.source, facts.task.value.arn, facts.task.value.stopped_reason)
    yield from _from_events(group, facts)
    if isinstance(facts.task, Known):
        for container in facts.task.value.containers:
            yield from log_evidence(facts, container.name)


def _check(group: TargetGroup) -> str:
    path = f" {group.check_path}" if group.check_path else ""
    codes = f", expecting {group.expected_codes}" if group.expected_codes else ""
    return (
        f"asks {group.check_protocol}{path} on {group.check_port} every {group.check_interval} s, waits "
        f"{group.check_timeout} s, gives up after {group.unhealthy_threshold} failures{codes}"
    )


def _from_events(group: TargetGroup, facts: Facts) -> Iterator[Evidence]:
    """The service's newest event on this group, which keeps the reason after the target has gone."""
    if not isinstance(facts.service, Known):
        return
    for event in facts.service.value.events:
        if group.arn in event.message and (found := _IN_EVENT.search(event.message)):
            yield Evidence(facts.service.source, facts.service.value.name, f"is unhealthy due to: {found[1]}")
            return


def _commands(
    group: TargetGroup,
    blocked: _Blocked | None,
    early: tuple[int, int] | None,
    params: dict[str, JsonValue],
    facts: Facts,
) -> list[str]:
    commands: list[str] = []
    if blocked is not None and params.get("port"):
        commands += _opening(group, blocked, int(str(params["port"])), facts)
    commands.append(aws("elbv2 describe-target-health", facts.region, {"target-group-arn": group.arn}))
    if early is not None and blocked is None and "service" in params:
        where = {"cluster": str(params["cluster"]), "service": str(params["service"])}
        longer = {"health-check-grace-period-seconds": str(max(120, 2 * early[1]))}
        commands.append(aws("ecs update-service", facts.region, {**where, **longer}))
    return commands


def _opening(group: TargetGroup, blocked: _Blocked, port: int, facts: Facts) -> list[str]:
    """One rule that lets the load balancer in to the task, or out of its own group; for any port that it may get."""
    dynamic = group.target_type == INSTANCE and is_dynamic(port, facts)
    ports = DYNAMIC_PORTS if dynamic else str(port)
    first, _, last = ports.partition("-")
    group_id = blocked.hop.resource.split(",")[0]
    own = blocked.balancer.security_group_ids
    there = interface_of(group, facts)
    task = there.value.security_group_ids if isinstance(there, Known) else None
    if blocked.hop.kind is HopKind.DESTINATION_SECURITY_GROUP and own:
        options = {"group-id": group_id, "protocol": "tcp", "port": ports, "source-group": own[0]}
        return [aws("ec2 authorize-security-group-ingress", facts.region, options)]
    if blocked.hop.kind is HopKind.SECURITY_GROUP_EGRESS and isinstance(task, Known) and task.value:
        pairs = f"UserIdGroupPairs=[{{GroupId={shlex.quote(task.value[0])}}}]"
        to = f"IpProtocol=tcp,FromPort={first},ToPort={last or first},{pairs}"
        return [aws("ec2 authorize-security-group-egress", facts.region, {"group-id": group_id, "ip-permissions": to})]
    return []
