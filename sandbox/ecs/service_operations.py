"""CreateService, UpdateService, DeleteService."""

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import ECSException

from sandbox.ecs import errors, identity, lifecycle, lookup, scheduler, wording
from sandbox.ecs.operation import Original, Request
from sandbox.ecs.placement import awsvpc, kind, network
from sandbox.ecs.world import World

DEFAULT_DEPLOYMENT_CONFIGURATION: Mapping[str, Any] = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
}


def create_service(world: World, response: Any, request: Request, original: Original) -> ActionResult:
    """CreateService: the service gets its first deployment, and its tasks start at once."""
    cluster = lookup.cluster(world, request.get("cluster"))
    launch_type = kind(world, request, cluster)
    if launch_type == "EXTERNAL":
        return original(response)
    existing = lookup.service(world, cluster.name, request["serviceName"])
    if existing is not None and existing.status == "ACTIVE":
        raise errors.invalid("Creation of service was not idempotent.")
    enable = bool(request.get("enableExecuteCommand"))
    definition = world.ecs.describe_task_definition(request["taskDefinition"])
    if enable and lifecycle.task_role_arn(definition, {}) is None:
        raise errors.invalid(wording.EXEC_NO_TASK_ROLE_SERVICE.format(done="created"))
    own = network(world, request, definition, launch_type)
    service = world.ecs.create_service(
        cluster.name,
        request["serviceName"],
        int(request.get("desiredCount") or 0),
        definition.arn,
        load_balancers=request.get("loadBalancers"),
        scheduling_strategy=request.get("schedulingStrategy"),
        tags=request.get("tags"),
        launch_type="FARGATE" if launch_type == "FARGATE" else "EC2",  # moto knows no other
        network_configuration={"awsvpcConfiguration": own} if own else None,
        service_registries=request.get("serviceRegistries"),
        platform_version=(request.get("platformVersion") or "LATEST") if launch_type == "FARGATE" else None,
        propagate_tags=request.get("propagateTags") or "NONE",
        role_arn=request.get("role"),
    )
    service.created_at = world.clock()
    service.created_by = identity.of_request(world, response.headers)["arn"]
    service.enable_execute_command = enable
    service.platform_family = "Linux" if launch_type == "FARGATE" else None
    service.health_check_grace_period_seconds = request.get("healthCheckGracePeriodSeconds") or 0
    service.enable_ecs_managed_tags = bool(request.get("enableECSManagedTags"))
    service.deployment_configuration = _deployment_configuration(request)
    service.events = []
    service.deployments = []
    # What its tasks run on, whatever DescribeServices then shows: a strategy hides the launch type.
    service.kind_of_capacity = launch_type
    if strategy := request.get("capacityProviderStrategy"):
        service.launch_type, service.capacity_provider_strategy = None, strategy
    scheduler.open_deployment(world, service)
    return ActionResult({"service": service})


def update_service(world: World, response: Any, request: Request, original: Original) -> ActionResult:
    """UpdateService: only a new definition, network or an explicit wish starts a new deployment."""
    cluster = lookup.cluster(world, request.get("cluster"))
    service = lookup.service(world, cluster.name, request["service"])
    if service is None:
        raise ECSException("ServiceNotFoundException", "Service not found.")
    if service.status != "ACTIVE":
        raise ECSException("ServiceNotActiveException", "Service was not ACTIVE.")
    if not hasattr(service, "deployment_configuration"):
        return original(response)
    definition = world.ecs.describe_task_definition(request.get("taskDefinition") or service.task_definition)
    if "enableExecuteCommand" in request:
        if request["enableExecuteCommand"] and lifecycle.task_role_arn(definition, {}) is None:
            raise errors.invalid(wording.EXEC_NO_TASK_ROLE_SERVICE.format(done="updated"))
        service.enable_execute_command = bool(request["enableExecuteCommand"])
    changed = {"awsvpcConfiguration": awsvpc(world, request)} if request.get("networkConfiguration") else None
    redeploy = (
        bool(request.get("forceNewDeployment"))
        or definition.arn != service.task_definition
        or (changed is not None and changed != service.network_configuration)
    )
    service.task_definition = definition.arn
    service.network_configuration = changed or service.network_configuration
    if "deploymentConfiguration" in request:
        service.deployment_configuration = _deployment_configuration(request)
    if request.get("healthCheckGracePeriodSeconds") is not None:
        service.health_check_grace_period_seconds = request["healthCheckGracePeriodSeconds"]
    rescaled = request.get("desiredCount") is not None and int(request["desiredCount"]) != service.desired_count
    if rescaled:
        service.desired_count = int(request["desiredCount"])
    if redeploy:
        scheduler.open_deployment(world, service)
    elif rescaled:
        scheduler.scale(world, service)
    return ActionResult({"service": service})


def delete_service(world: World, response: Any, request: Request, original: Original) -> ActionResult:
    """DeleteService: the tasks stop, the service stays describable as INACTIVE."""
    cluster = lookup.cluster(world, request.get("cluster"))
    service = lookup.service(world, cluster.name, request["service"])
    answer = original(response)
    if service is not None and hasattr(service, "deployment_configuration"):
        service.desired_count = 0
        scheduler.drain(world, service)
    return answer


def _deployment_configuration(request: Request) -> dict[str, Any]:
    given = request.get("deploymentConfiguration") or {}
    breaker = {**DEFAULT_DEPLOYMENT_CONFIGURATION["deploymentCircuitBreaker"]}
    breaker |= given.get("deploymentCircuitBreaker") or {}
    return {**DEFAULT_DEPLOYMENT_CONFIGURATION, **given, "deploymentCircuitBreaker": breaker}
