"""The task definition names no execution role, and something in it needs one.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Known, Unknown
from ecs_medic.finding import Confidence, Evidence, Finding, NotChecked, Outcome, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import EC2, EXTERNAL, launch_type
from ecs_medic.needs.derive import is_about_exec, needs_of
from ecs_medic.needs.need import Need, Purpose
from ecs_medic.vocabulary import Id

_ALWAYS = frozenset({Purpose.SECRET, Purpose.PARAMETER, Purpose.ENVIRONMENT_FILE})
_UNLESS_THE_HOST_DOES_IT = frozenset({Purpose.REGISTRY_AUTH, Purpose.LOGS})


def execution_role_missing(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain as soon as the task definition was read."""
    if is_about_exec(incident):
        return
    if not isinstance(facts.task_definition, Known):
        unread = facts.task_definition
        if isinstance(unread, Unknown) and unread is not NOT_READ:
            yield NotChecked("execution_role_missing: the task definition", unread.reason, unread.missing_permission)
        return
    definition = facts.task_definition.value
    source = facts.task_definition.source
    role = (
        facts.task.value.execution_role_override if isinstance(facts.task, Known) else None
    ) or definition.execution_role_arn
    if role:
        yield RuledOut(Id.EXECUTION_ROLE_MISSING, (Evidence(source, definition.arn, f"executionRoleArn is {role}"),))
        return
    wanting = [need for need in needs_of(facts) if _needs_role(need, facts)]
    if not wanting:
        return
    first = wanting[0]
    params = {"task_definition": definition.name, "needed_for": first.subject, "container": first.container}
    yield Finding(
        cause=Id.EXECUTION_ROLE_MISSING,
        confidence=Confidence.CONFIRMED,
        summary=f"{definition.name} names no execution role, and {first.subject} needs one.",
        subject=definition.arn,
        phase=first.phase,
        fix=fix_for(Id.EXECUTION_ROLE_MISSING, params),
        params=params,
        evidence=(Evidence(source, definition.arn, "no executionRoleArn"),),
    )


def _needs_role(need: Need, facts: Facts) -> bool:
    if need.purpose in _ALWAYS:
        return True
    on_a_host = launch_type(facts) in {EC2, EXTERNAL}
    return need.purpose in _UNLESS_THE_HOST_DOES_IT and bool(need.actions) and not on_a_host
