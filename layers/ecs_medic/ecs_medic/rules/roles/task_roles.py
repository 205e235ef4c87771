"""The roles that ECS assumes for a task."""

from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Known
from ecs_medic.needs.volumes import infrastructure_roles

INFRASTRUCTURE_ROLE = "infrastructure role"
"""With which ECS creates the task's EBS volumes: it trusts ECS itself, not its tasks."""


def roles_of(facts: Facts) -> Iterator[tuple[str, str]]:
    """(what ECS calls it, ARN) of each role that the task or its definition names."""
    definition = facts.task_definition.value if isinstance(facts.task_definition, Known) else None
    task = facts.task.value if isinstance(facts.task, Known) else None
    execution = (task.execution_role_override if task else None) or (
        definition.execution_role_arn if definition else None
    )
    own = (task.task_role_override if task else None) or (definition.task_role_arn if definition else None)
    if execution:
        yield "execution role", execution
    if own and own != execution:
        yield "task role", own
    for arn in infrastructure_roles(facts):
        if facts.role(arn) is not NOT_READ:
            yield INFRASTRUCTURE_ROLE, arn
