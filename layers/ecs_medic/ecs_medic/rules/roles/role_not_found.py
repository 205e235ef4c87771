"""A role that the task definition names does not exist (any more)."""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known
from ecs_medic.finding import Confidence, Evidence, Finding, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.roles.task_roles import roles_of
from ecs_medic.vocabulary import Id


def role_not_found(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where IAM says so."""
    for kind, arn in roles_of(facts):
        role = facts.role(arn)
        params = {"role_arn": arn, "role_name": arn.rsplit("/", 1)[-1], "role": kind}
        if arn.split(":")[4:5] != [facts.account]:
            yield _of_another_account(kind, arn, facts)
        elif isinstance(role, Absent):
            yield Finding(
                cause=Id.ROLE_NOT_FOUND,
                confidence=Confidence.CONFIRMED,
                summary=f"The {kind} {params['role_name']} does not exist in account {facts.account}.",
                subject=arn,
                phase=Phase.ROLE,
                fix=fix_for(Id.ROLE_NOT_FOUND, params),
                params=params,
                evidence=(Evidence(role.source, arn, role.detail),),
            )
        elif isinstance(role, Known):
            yield RuledOut(Id.ROLE_NOT_FOUND, (Evidence(role.source, arn, "exists"),))
        elif role is not NOT_READ and incident.symptom is Id.ROLE_CANNOT_BE_ASSUMED:
            yield NotChecked(f"role_not_found: the {kind} {arn}", role.reason, role.missing_permission)


def _of_another_account(kind: str, arn: str, facts: Facts) -> Finding:
    """A task takes the roles of its own account; a namesake there is another role."""
    params = {"role_arn": arn, "role_name": arn.rsplit("/", 1)[-1], "role": kind}
    return Finding(
        cause=Id.ROLE_NOT_FOUND,
        confidence=Confidence.LIKELY,
        summary=f"The {kind} {arn} belongs to another account than the task, {facts.account}.",
        subject=arn,
        phase=Phase.ROLE,
        fix=fix_for(Id.ROLE_NOT_FOUND, params),
        params=params,
        evidence=(Evidence(facts.task_definition.source, arn, f"the {kind} of the task"),),
    )
