"""Finding the container instance under a task that is about to start."""

from collections.abc import Sequence
from dataclasses import replace

from sandbox.ecs import container_instances, managed_instances
from sandbox.ecs.lifecycle import Order
from sandbox.ecs.world import World


def placed(world: World, order: Order, providers: Sequence[str]) -> Order:
    """The order with its host; a task on Fargate needs none, and managed instances are started when they are needed.

    Raises:
        NoPlaceError: no instance has room for it.
    """
    if order.launch_type == "FARGATE":
        return order
    managed = managed_instances.of_strategy(world, providers)
    if managed is not None:
        managed_instances.ensure_instance(world, order.cluster, managed)
    subnets = list(order.awsvpc["subnets"]) if order.awsvpc else []
    registration = container_instances.choose(world, order.cluster, order.definition, subnets, providers)
    provider = registration.capacity_provider_name or order.capacity_provider_name
    return replace(
        order,
        host=container_instances.host(world, registration),
        capacity_provider_name=provider,
        platform_version=None,
    )
