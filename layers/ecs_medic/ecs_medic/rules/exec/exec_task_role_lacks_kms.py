"""The task role may not decrypt with the key that encrypts the cluster's sessions.

The key's own policy may allow it in the role's stead.
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.lookup import candidates
from ecs_medic.facts import Facts
from ecs_medic.finding import Outcome
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.needs.need import Purpose
from ecs_medic.rules.exec.session_key import alias_not_checked
from ecs_medic.rules.exec.target import exec_params
from ecs_medic.rules.roles.by_need import needs_with_role
from ecs_medic.rules.roles.ruling import Case, ruling
from ecs_medic.vocabulary import Id


def exec_task_role_lacks_kms(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Names exactly the actions that are missing, and whether the role, its boundary or an SCP denies them."""
    if not is_about_exec(incident):
        return
    if Id.EXEC_TASK_ROLE_LACKS_KMS in candidates(incident.symptom):
        yield from alias_not_checked(Id.EXEC_TASK_ROLE_LACKS_KMS, facts)
    for need in needs_with_role(incident, facts, Purpose.EXEC_KEY):
        yield from ruling(
            facts,
            Case(
                cause=Id.EXEC_TASK_ROLE_LACKS_KMS,
                phase=need.phase,
                role_arn=need.role_arn or "",
                calls=need.calls,
                params={**exec_params(incident, facts), "kms_key": need.subject, "kms_key_arn": need.resources[0]},
                what="decrypt with the session key",
                shares_decision=True,
            ),
        )
