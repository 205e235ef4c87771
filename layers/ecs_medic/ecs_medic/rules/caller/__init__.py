"""Rules on those who call ECS."""

from ecs_medic.rules.caller.caller_denied import caller_denied
from ecs_medic.rules.rule import Rule

RULES: tuple[Rule, ...] = (caller_denied,)
