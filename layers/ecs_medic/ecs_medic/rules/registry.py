"""Every rule, area by area: an explicit list, so that a rule that runs can be found by reading."""

from ecs_medic.rules import exec as exec_rules
from ecs_medic.rules import logs, network, roles
from ecs_medic.rules.rule import Rule

ALL_RULES: tuple[Rule, ...] = (*roles.RULES, *network.RULES, *logs.RULES, *exec_rules.RULES)
