"""A task that an event names alone."""

from ecs_medic.ledger import aliases
from ecs_medic.ledger.aliases import Alias
from tests.ledger.occurrences import START

TASK = "arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef0123456789abcdef"


def test_what_a_task_belongs_to_is_remembered(table):
    assert aliases.alias_of(table, TASK) is None
    for alias in (Alias("orders", "arn:td", "FARGATE"), Alias(None, None)):
        aliases.remember(table, TASK, alias, START)
        assert aliases.alias_of(table, TASK) == alias
