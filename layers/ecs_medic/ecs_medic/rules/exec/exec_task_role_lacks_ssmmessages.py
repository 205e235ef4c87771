"""The task role may not open the channel that a session runs through: four actions of ssmmessages.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
"""

from collections.abc import Iterable

from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.needs.need import Purpose
from ecs_medic.rules.exec.target import exec_params
from ecs_medic.rules.roles.by_need import needs_with_role
from ecs_medic.rules.roles.ruling import Case, ruling
from ecs_medic.vocabulary import Id


def exec_task_role_lacks_ssmmessages(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Names exactly the actions that are missing, and whether the role, its boundary or an SCP denies them."""
    if not is_about_exec(incident):
        return
    for need in needs_with_role(incident, facts, Purpose.EXEC_CHANNEL):
        yield from ruling(
            facts,
            Case(
                cause=Id.EXEC_TASK_ROLE_LACKS_SSMMESSAGES,
                phase=need.phase,
                role_arn=need.role_arn or "",
                calls=need.calls,
                params={**exec_params(incident, facts)},
                what="open a session",
            ),
        )
