"""What the infrastructure role may do for the task's EBS volumes.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
"""

from collections.abc import Iterator
from dataclasses import replace

from ecs_medic.facts import Facts
from ecs_medic.finding import Finding, Fix, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.volumes import infrastructure_roles, volume_calls
from ecs_medic.rules.roles.ruling import Case, ruling
from ecs_medic.vocabulary import Id

_MANAGED = "AmazonECSInfrastructureRolePolicyForVolumes"


def judged(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """A finding where a call is denied, the evidence where all are allowed, and what could not be told."""
    for arn in infrastructure_roles(facts):
        case = Case(
            cause=Id.EBS_ATTACH_FAILED,
            phase=Phase.STORAGE,
            role_arn=arn,
            calls=volume_calls(facts),
            params={"cluster": incident.cluster, "region": incident.region, **_of(incident)},
            what="create and attach the task's EBS volume",
        )
        for outcome in ruling(facts, case):
            if isinstance(outcome, Finding):
                yield _with_managed_policy(outcome, facts)
            elif isinstance(outcome, NotChecked | RuledOut):
                yield outcome


def _of(incident: Incident) -> dict[str, JsonValue]:
    params = {"task_arn": incident.task_arn, "service": incident.service}
    return {name: value for name, value in params.items() if value is not None}


def _with_managed_policy(finding: Finding, facts: Facts) -> Finding:
    """Where a policy of the role's can help, AWS's own for this purpose does: it covers the clean-up too."""
    if finding.fix.policy is None:
        return finding
    name = finding.params["role_name"]
    managed = f"arn:{facts.partition}:iam::aws:policy/service-role/{_MANAGED}"
    fix = Fix(
        f"Attach {_MANAGED} to {name}: it allows what ECS does to the volumes that it manages, and no others.",
        cli=(f"aws iam attach-role-policy --role-name {name} --policy-arn {managed}",),
    )
    return replace(finding, fix=fix)
