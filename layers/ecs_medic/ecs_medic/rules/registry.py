"""Every rule, area by area: an explicit list, so that a rule that runs can be found by reading."""

from ecs_medic.rules import exec as exec_rules
from ecs_medic.rules import health, image, logs, network, placement, roles, run, secrets, service, storage
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
)
