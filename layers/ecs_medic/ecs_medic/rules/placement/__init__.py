"""Where no place, no capacity and no interface is found for a task."""

from ecs_medic.rules.placement.api_throttled import api_throttled
from ecs_medic.rules.placement.aws_internal_error import aws_internal_error
from ecs_medic.rules.placement.cluster_not_found import cluster_not_found
from ecs_medic.rules.placement.ecs_agent_disconnected import ecs_agent_disconnected
from ecs_medic.rules.placement.eni_provisioning_timeout import eni_provisioning_timeout
from ecs_medic.rules.placement.eni_setup_failed import eni_setup_failed
from ecs_medic.rules.placement.fargate_capacity_unavailable import fargate_capacity_unavailable
from ecs_medic.rules.placement.host_port_in_use import host_port_in_use
from ecs_medic.rules.placement.instance_never_registered import instance_never_registered
from ecs_medic.rules.placement.insufficient_cpu import insufficient_cpu
from ecs_medic.rules.placement.insufficient_eni import insufficient_eni
from ecs_medic.rules.placement.insufficient_memory import insufficient_memory
from ecs_medic.rules.placement.launch_type_incompatible import launch_type_incompatible
from ecs_medic.rules.placement.managed_instance_role_misconfigured import managed_instance_role_misconfigured
from ecs_medic.rules.placement.managed_instance_vpc_mismatch import managed_instance_vpc_mismatch
from ecs_medic.rules.placement.missing_attribute import missing_attribute
from ecs_medic.rules.placement.no_container_instances import no_container_instances
from ecs_medic.rules.placement.provisioning_limit_exceeded import provisioning_limit_exceeded
from ecs_medic.rules.placement.quota_exceeded import quota_exceeded
from ecs_medic.rules.placement.subnet_in_unsupported_az import subnet_in_unsupported_az
from ecs_medic.rules.placement.wrong_region import wrong_region
from ecs_medic.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    cluster_not_found,
    wrong_region,
    no_container_instances,
    instance_never_registered,
    managed_instance_role_misconfigured,
    managed_instance_vpc_mismatch,
    ecs_agent_disconnected,
    insufficient_cpu,
    insufficient_memory,
    insufficient_eni,
    host_port_in_use,
    missing_attribute,
    launch_type_incompatible,
    fargate_capacity_unavailable,
    quota_exceeded,
    provisioning_limit_exceeded,
    api_throttled,
    subnet_in_unsupported_az,
    eni_provisioning_timeout,
    eni_setup_failed,
    aws_internal_error,
)
