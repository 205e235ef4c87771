"""The execution role may not read the secret that the task definition asks of Secrets Manager.

A secret's own policy may allow the read in the role's stead.

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


def execution_role_cannot_read_secret(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each secret by itself."""
    for need in needs_with_role(incident, facts, Purpose.SECRET):
        yield from ruling(
            facts,
            Case(
                cause=Id.EXECUTION_ROLE_CANNOT_READ_SECRET,
                phase=need.phase,
                role_arn=need.role_arn or "",
                calls=need.calls,
                params={"secret": need.subject, "container": need.container},
                what=f"read the secret {need.subject}",
                shares_decision=True,
                reported=incident.symptom is Id.EXECUTION_ROLE_CANNOT_READ_SECRET,
            ),
        )
