"""Rules on where a task's containers write their logs."""

from ecs_medic.rules.logs.execution_role_cannot_create_log_group import execution_role_cannot_create_log_group
from ecs_medic.rules.logs.execution_role_cannot_write_logs import execution_role_cannot_write_logs
from ecs_medic.rules.logs.log_group_missing import log_group_missing
from ecs_medic.rules.logs.log_region_wrong import log_region_wrong
from ecs_medic.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    log_group_missing,
    log_region_wrong,
    execution_role_cannot_create_log_group,
    execution_role_cannot_write_logs,
)
