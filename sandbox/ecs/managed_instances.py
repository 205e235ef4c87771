"""Capacity providers of ECS Managed Instances, and the EC2 instances that ECS starts for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moto.core.responses import ActionResult

from sandbox.ecs import container_instances, errors
from sandbox.ecs.operation import Original, Request
from sandbox.ecs.world import World

IMAGE = "ami-0e5c2a5b7d1f4c3a9"


@dataclass(slots=True)
class Provider:
    """A capacity provider of managed instances, named after the members of the API's CapacityProvider."""

    name: str
    capacity_provider_arn: str
    managed_instances_provider: Mapping[str, Any]
    cluster: str | None
    type: str = "MANAGED_INSTANCES"
    status: str = "ACTIVE"
    update_status: str = "CREATE_COMPLETE"
    tags: list[dict[str, str]] = field(default_factory=list)


def create_capacity_provider(world: World, response: Any, request: Request, original: Original) -> ActionResult:
    """CreateCapacityProvider; one of managed instances is kept as it was given."""
    managed = request.get("managedInstancesProvider")
    if managed is None:
        return original(response)
    if not request.get("cluster"):
        raise errors.invalid("A cluster is required for a capacity provider of Amazon ECS Managed Instances.")
    provider = Provider(
        name=request["name"],
        capacity_provider_arn=world.arn("ecs", f"capacity-provider/{request['name']}"),
        managed_instances_provider=managed,
        cluster=request["cluster"],
        tags=list(request.get("tags") or []),
    )
    world.ecs.capacity_providers[provider.name] = provider
    return ActionResult({"capacityProvider": provider})


def of_strategy(world: World, names: Sequence[str]) -> Provider | None:
    """The first of these capacity providers that is one of managed instances."""
    found = (world.ecs.capacity_providers.get(name) for name in names)
    return next((one for one in found if isinstance(one, Provider)), None)


def ensure_instance(world: World, cluster: Any, provider: Provider) -> None:
    """Starts an instance for the provider where it has none, and registers it."""
    registered = world.ecs.container_instances.get(cluster.name, {}).values()
    if any(one.capacity_provider_name == provider.name for one in registered):
        return
    template = provider.managed_instances_provider["instanceLaunchTemplate"]
    network = template["networkConfiguration"]
    profile = template.get("ec2InstanceProfileArn")
    reservation = world.ec2.run_instances(
        image_id=IMAGE,
        count=1,
        user_data=None,
        security_group_names=[],
        instance_type="m7i.large",
        is_instance_type_default=False,
        subnet_id=network["subnets"][0],
        security_group_ids=network.get("securityGroups") or [],
    )
    [instance] = reservation.instances
    if profile:
        world.ec2.associate_iam_instance_profile(instance.id, iam_instance_profile_arn=profile)
    container_instances.register_managed(world, cluster.name, instance.id, provider.name)
