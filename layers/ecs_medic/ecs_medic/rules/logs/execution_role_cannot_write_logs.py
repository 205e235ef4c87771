"""The execution role may not create log streams or write to them."""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome
from ecs_medic.incident import Incident
from ecs_medic.needs.need import Purpose
from ecs_medic.needs.told import words_of
from ecs_medic.policies.refusal import refusal_in
from ecs_medic.rules.roles.by_need import needs_with_role
from ecs_medic.rules.roles.ruling import Case, ruling
from ecs_medic.vocabulary import Id

_WRITES = frozenset({"logs:CreateLogStream", "logs:PutLogEvents"})


def execution_role_cannot_write_logs(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each container's log group by itself; a group is written to with the role's own permissions alone."""
    refusal = refusal_in(words_of(incident, facts))
    for need in needs_with_role(incident, facts, Purpose.LOGS):
        calls = tuple(call for call in need.calls if call[0] in _WRITES)
        if not calls:
            continue
        yield from ruling(
            facts,
            Case(
                cause=Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS,
                phase=need.phase,
                role_arn=need.role_arn or "",
                calls=calls,
                params={"log_group": need.subject, "log_region": need.destination.region, "container": need.container},
                what=f"write to the log group {need.subject}",
                reported=incident.symptom is Id.EXECUTION_ROLE_CANNOT_WRITE_LOGS,
                refused=refusal.action if refusal else None,
            ),
        )
