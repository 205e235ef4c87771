"""The role exists, but its trust policy does not let ECS assume it: for its tasks, or for itself.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Known, Unknown
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.policies.evaluate import Decision
from ecs_medic.rules.roles.task_roles import INFRASTRUCTURE_ROLE, roles_of
from ecs_medic.rules.roles.trust import trusts
from ecs_medic.vocabulary import Id

_ECS, _ECS_TASKS = "ecs.amazonaws.com", "ecs-tasks.amazonaws.com"
"""The same in every partition."""


def role_trust_policy_wrong(_incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where the trust policy was read and no condition in it is open."""
    for kind, arn in roles_of(facts):
        role = facts.role(arn)
        if not isinstance(role, Known):
            continue
        trust = role.value.trust
        if isinstance(trust, Unknown) and trust is not NOT_READ:
            yield NotChecked(f"role_trust_policy_wrong: the {kind} {arn}", trust.reason, trust.missing_permission)
        if not isinstance(trust, Known):
            continue
        service = _ECS if kind == INFRASTRUCTURE_ROLE else _ECS_TASKS
        decision = trusts(trust.value, service, facts)
        if decision is Decision.ALLOWED:
            seen = Evidence(trust.source, arn, f"trusts {service}")
            yield RuledOut(Id.ROLE_TRUST_POLICY_WRONG, (seen,))
        elif decision is Decision.UNDECIDED:
            yield NotChecked(f"role_trust_policy_wrong: the {kind} {arn}", "a condition of its trust policy is open")
        else:
            yield _finding((kind, arn, service), trust.source, decision)


def _finding(whom: tuple[str, str, str], source: str, decision: Decision) -> Finding:
    kind, arn, service = whom
    params: dict[str, JsonValue] = {"role_arn": arn, "role_name": arn.rsplit("/", 1)[-1], "role": kind}
    verb = "denies" if decision is Decision.EXPLICIT_DENY else "does not allow"
    statement: JsonValue = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return Finding(
        cause=Id.ROLE_TRUST_POLICY_WRONG,
        confidence=Confidence.CONFIRMED,
        summary=f"The trust policy of the {kind} {params['role_name']} does not let {service} assume it.",
        subject=arn,
        phase=Phase.ROLE,
        fix=fix_for(Id.ROLE_TRUST_POLICY_WRONG, params, policy={"Version": "2012-10-17", "Statement": [statement]}),
        params=params,
        evidence=(Evidence(source, arn, f"the trust policy {verb} sts:AssumeRole to {service}"),),
    )
