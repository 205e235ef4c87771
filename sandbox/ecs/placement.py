"""Where a task is to run, and whether that place exists."""

from typing import Any

from sandbox.ecs import errors
from sandbox.ecs.operation import Request
from sandbox.ecs.world import World

FARGATE_PROVIDERS = {"FARGATE", "FARGATE_SPOT"}


def on_fargate(request: Request, cluster: Any) -> bool:
    """Whether launch type or capacity provider strategy (the request's, else the cluster's) mean Fargate."""
    if request.get("launchType"):
        return bool(request["launchType"] == "FARGATE")
    strategy = request.get("capacityProviderStrategy") or cluster.default_capacity_provider_strategy or []
    return any(item["capacityProvider"] in FARGATE_PROVIDERS for item in strategy)


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
