"""`awslogs-create-group` is on, the log group does not exist, and the execution role may not create it.

The managed policy AmazonECSTaskExecutionRolePolicy does not grant logs:CreateLogGroup.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Known, Unknown
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.need import Need, Purpose
from ecs_medic.rules.roles.by_need import needs_with_role
from ecs_medic.rules.roles.ruling import Case, ruling
from ecs_medic.vocabulary import Id

_ACTION = "logs:CreateLogGroup"


def execution_role_cannot_create_log_group(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Harmless while the group exists; at most likely where nobody could look."""
    for need in needs_with_role(incident, facts, Purpose.LOGS):
        calls = tuple(call for call in need.calls if call[0] == _ACTION)
        if not calls:
            continue
        group = facts.log_group(need.destination.region or facts.region, need.subject)
        if isinstance(group, Known):
            evidence = Evidence(group.source, need.subject, "exists, so that it need not be created")
            yield RuledOut(Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP, (evidence,))
            continue
        outcomes = _judged(incident, facts, need, calls)
        if isinstance(group, Unknown):
            outcomes = (_at_most_likely(outcome, group) for outcome in outcomes)
        yield from outcomes


def _judged(incident: Incident, facts: Facts, need: Need, calls: tuple[tuple[str, str], ...]) -> Iterator[Outcome]:
    return ruling(
        facts,
        Case(
            cause=Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP,
            phase=need.phase,
            role_arn=need.role_arn or "",
            calls=calls,
            params={"log_group": need.subject, "log_region": need.destination.region, "container": need.container},
            what=f"create the log group {need.subject}",
            reported=incident.symptom is Id.EXECUTION_ROLE_CANNOT_CREATE_LOG_GROUP,
        ),
    )


def _at_most_likely(outcome: Outcome, group: Unknown) -> Outcome:
    if not isinstance(outcome, Finding):
        return outcome
    why = Evidence(group.source if group is not NOT_READ else "-", outcome.subject, f"log group: {group.reason}")
    return replace(outcome, confidence=Confidence.LIKELY, evidence=(*outcome.evidence, why))
