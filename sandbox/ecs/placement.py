"""Where a task is to run, and whether that place exists."""

from typing import Any

from sandbox.ecs import errors, managed_instances
from sandbox.ecs.operation import Request
from sandbox.ecs.world import World

FARGATE_PROVIDERS = {"FARGATE", "FARGATE_SPOT"}


def on_fargate(request: Request, cluster: Any) -> bool:
    """Whether launch type or capacity provider strategy (the request's, else the cluster's) mean Fargate."""
    if request.get("launchType"):
        return bool(request["launchType"] == "FARGATE")
    strategy = request.get("capacityProviderStrategy") or cluster.default_capacity_provider_strategy or []
    return any(item["capacityProvider"] in FARGATE_PROVIDERS for item in strategy)


def kind(world: World, request: Request, cluster: Any) -> str:
    """FARGATE, EC2, or MANAGED_INSTANCES: by launch type, else by the capacity providers' kind."""
    if on_fargate(request, cluster):
        return "FARGATE"
    managed = not request.get("launchType") and managed_instances.of_strategy(world, providers(request, cluster))
    return "MANAGED_INSTANCES" if managed else str(request.get("launchType") or "EC2")


def providers(request: Request, cluster: Any) -> list[str]:
    """The names of the capacity providers that the task may use; none where a launch type is given."""
    if request.get("launchType"):
        return []
    strategy = request.get("capacityProviderStrategy") or cluster.default_capacity_provider_strategy or []
    return [item["capacityProvider"] for item in strategy]


def network(world: World, request: Request, definition: Any, launch_type: str) -> dict[str, Any] | None:
    """The awsvpcConfiguration of a task with an interface of its own, None for one that uses its host's."""
    if definition.network_mode != "awsvpc":
        if (request.get("networkConfiguration") or {}).get("awsvpcConfiguration"):
            raise errors.invalid(
                "Network Configuration is not valid for the given networkMode of this task definition."
            )
        return None
    wanted = awsvpc(world, request)
    if launch_type != "FARGATE" and wanted["assignPublicIp"] == "ENABLED":
        raise errors.invalid("Assign public IP is not supported for this launch type.")
    return wanted


def awsvpc(world: World, request: Request) -> dict[str, Any]:
    """The request's awsvpcConfiguration with its defaults; InvalidParameterException for what does not exist."""
    wanted = (request.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if not wanted:
        raise errors.invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    if not wanted.get("subnets"):
        raise errors.invalid("subnets can not be empty.")
    known = {subnet.id for subnet in world.ec2.describe_subnets()}
    for subnet_id in wanted["subnets"]:
        if subnet_id not in known:
            raise errors.invalid(
                f"Error retrieving subnet information for [{subnet_id}]: The subnet ID '{subnet_id}' does not exist "
                "(ErrorCode: InvalidSubnetID.NotFound)"
            )
    for group_id in wanted.get("securityGroups") or []:
        if world.ec2.get_security_group_from_id(group_id) is None:
            raise errors.invalid(
                f"Error retrieving security group information for [{group_id}]: The security group '{group_id}' does "
                "not exist (ErrorCode: InvalidGroup.NotFound)"
            )
    return {"assignPublicIp": "DISABLED", "securityGroups": [], **wanted}
