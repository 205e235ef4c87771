"""The task has no task role, so the ECS Exec agent has no credentials.

On EC2 the agent then falls back to the instance's own role, which may or may not do.
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import EC2, EXTERNAL, launch_type
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.needs.exec import CHANNEL_ACTIONS
from ecs_medic.rules.exec.target import evidence, exec_params, not_checked, subject_of
from ecs_medic.rules.exec.task_role import task_role
from ecs_medic.rules.roles.ruling import least_policy
from ecs_medic.vocabulary import Id


def exec_task_role_missing(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where the instance's role cannot stand in."""
    if not is_about_exec(incident):
        return
    role = task_role(facts)
    if not isinstance(role, Known):
        yield from not_checked(Id.EXEC_TASK_ROLE_MISSING, "the task definition's taskRoleArn", role)
        return
    if role.value:
        seen = evidence(role, subject_of(incident, facts), f"task role {role.value}")
        yield RuledOut(Id.EXEC_TASK_ROLE_MISSING, seen)
        return
    params = exec_params(incident, facts)
    if isinstance(facts.task_definition, Known):
        params["task_definition"] = facts.task_definition.value.name
    falls_back = launch_type(facts) in {EC2, EXTERNAL}
    yield Finding(
        cause=Id.EXEC_TASK_ROLE_MISSING,
        confidence=Confidence.LIKELY if falls_back else Confidence.CONFIRMED,
        summary="The task has no task role, so its ECS Exec agent has no credentials of its own.",
        subject=subject_of(incident, facts),
        phase=Phase.EXEC,
        fix=fix_for(
            Id.EXEC_TASK_ROLE_MISSING, params, policy=least_policy((action, "*") for action in CHANNEL_ACTIONS)
        ),
        params=params,
        evidence=evidence(role, str(params.get("task_definition", subject_of(incident, facts))), "no taskRoleArn"),
    )
