"""The execution role may not read the parameter that the task definition asks of Parameter Store.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome
from ecs_medic.incident import Incident
from ecs_medic.needs.need import Purpose
from ecs_medic.rules.roles.by_need import needs_with_role
from ecs_medic.rules.roles.ruling import Case, ruling
from ecs_medic.vocabulary import Id


def execution_role_cannot_read_parameter(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each parameter by itself."""
    for need in needs_with_role(incident, facts, Purpose.PARAMETER):
        yield from ruling(
            facts,
            Case(
                cause=Id.EXECUTION_ROLE_CANNOT_READ_PARAMETER,
                phase=need.phase,
                role_arn=need.role_arn or "",
                calls=need.calls,
                params={"parameter": need.subject, "container": need.container},
                what=f"read the parameter {need.subject}",
                shares_decision=False,
                reported=incident.symptom is Id.EXECUTION_ROLE_CANNOT_READ_PARAMETER,
            ),
        )
