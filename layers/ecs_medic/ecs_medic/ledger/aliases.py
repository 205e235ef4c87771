"""What a task belongs to, where its event did not say it: a failed ECS Exec names the task alone."""

from dataclasses import dataclass

from ecs_medic.ledger import keys
from ecs_medic.ledger.rhythm import DAY, expires_at
from ecs_medic.ledger.table import Put, Table

KEPT = 3 * DAY


@dataclass(frozen=True, slots=True)
class Alias:
    """The service (None for a task of no service) and the task definition of a task."""

    service: str | None
    task_definition_arn: str | None
    launch_type: str | None = None


def remember(table: Table, task_arn: str, alias: Alias, now: int) -> None:
    """Keep it for three days."""
    item = {
        "service": alias.service,
        "task_definition_arn": alias.task_definition_arn,
        "launch_type": alias.launch_type,
        "expires_at": expires_at(now + KEPT),
    }
    table.put(Put(keys.alias(task_arn), item))


def alias_of(table: Table, task_arn: str) -> Alias | None:
    """What is known of the task, or None."""
    item = table.get(keys.alias(task_arn))
    if item is None:
        return None
    return Alias(
        *(str(item[name]) if name in item else None for name in ("service", "task_definition_arn", "launch_type"))
    )
