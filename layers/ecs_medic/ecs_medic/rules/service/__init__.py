"""What keeps a service from doing what it should, whatever its tasks do."""

from ecs_medic.rules.rule import Rule
from ecs_medic.rules.service.deployment_circuit_breaker import deployment_circuit_breaker
from ecs_medic.rules.service.deployment_limits_deadlock import deployment_limits_deadlock
from ecs_medic.rules.service.service_discovery_unhealthy import service_discovery_unhealthy
from ecs_medic.rules.service.service_role_broken import service_role_broken
from ecs_medic.rules.service.service_silently_at_zero import service_silently_at_zero
from ecs_medic.rules.service.tasks_protected import tasks_protected

RULES: tuple[Rule, ...] = (
    service_role_broken,
    deployment_limits_deadlock,
    tasks_protected,
    service_silently_at_zero,
    service_discovery_unhealthy,
    deployment_circuit_breaker,
)
