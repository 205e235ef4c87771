"""Every rule, area by area: an explicit list, so that a rule that runs can be found by reading."""

from ecs_medic.rules import (
    caller,
    health,
    image,
    logs,
    network,
    placement,
    push,
    roles,
    run,
    secrets,
    service,
    storage,
)
from ecs_medic.rules import exec as exec_rules
from ecs_medic.rules.rule import Rule

ALL_RULES: tuple[Rule, ...] = (
    *service.RULES,
    *placement.RULES,
    *roles.RULES,
    *secrets.RULES,
    *image.RULES,
    *network.RULES,
    *storage.RULES,
    *logs.RULES,
    *run.RULES,
    *health.RULES,
    *exec_rules.RULES,
    *push.RULES,
    *caller.RULES,
)

BEFOREHAND: tuple[Rule, ...] = (
    *service.RULES,
    *placement.RULES,
    *roles.RULES,
    *secrets.RULES,
    *image.RULES,
    *network.RULES,
    *storage.RULES,
    *logs.RULES,
)
"""Those that can tell before a task fails; the others are about one that has run, or about a call that was made."""

OF_SESSIONS: tuple[Rule, ...] = (*network.RULES, *exec_rules.RULES)
"""Those that can tell why ECS Exec would not work."""
