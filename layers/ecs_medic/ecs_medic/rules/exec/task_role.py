"""The role that the ECS Exec agent uses."""

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Fact, Known, map_fact


def task_role(facts: Facts) -> Fact[str | None]:
    """The task's own role: what the run overrides, else what the task definition names, else none."""
    if isinstance(facts.task, Known) and facts.task.value.task_role_override:
        return Known(facts.task.value.task_role_override, facts.task.source)
    return map_fact(facts.task_definition, lambda definition: definition.task_role_arn)
