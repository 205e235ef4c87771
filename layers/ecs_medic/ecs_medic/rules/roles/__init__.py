"""Rules on the roles that ECS assumes for a task, and what they may do."""

from ecs_medic.rules.roles.execution_role_cannot_pull import execution_role_cannot_pull
from ecs_medic.rules.roles.execution_role_cannot_read_parameter import execution_role_cannot_read_parameter
from ecs_medic.rules.roles.execution_role_cannot_read_secret import execution_role_cannot_read_secret
from ecs_medic.rules.roles.execution_role_missing import execution_role_missing
from ecs_medic.rules.roles.role_not_found import role_not_found
from ecs_medic.rules.roles.role_trust_policy_wrong import role_trust_policy_wrong
from ecs_medic.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    role_not_found,
    role_trust_policy_wrong,
    execution_role_missing,
    execution_role_cannot_pull,
    execution_role_cannot_read_secret,
    execution_role_cannot_read_parameter,
)
