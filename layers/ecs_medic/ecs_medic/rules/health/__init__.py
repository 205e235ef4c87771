"""Rules on what health checks say of a task, and on whoever asks."""

from ecs_medic.rules.health.container_health_check_failed import container_health_check_failed
from ecs_medic.rules.health.elb_health_check_failed import elb_health_check_failed
from ecs_medic.rules.health.elb_zone_not_enabled import elb_zone_not_enabled
from ecs_medic.rules.health.target_group_missing import target_group_missing
from ecs_medic.rules.health.target_not_registered import target_not_registered
from ecs_medic.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    target_group_missing,
    target_not_registered,
    elb_zone_not_enabled,
    container_health_check_failed,
    elb_health_check_failed,
)
