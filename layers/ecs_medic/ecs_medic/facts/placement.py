"""Where ECS could put tasks: the cluster's instances, and what provides them.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html and API_CapacityProvider
of the same reference; https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ecs_medic.facts.ecs import ContainerInstance
from ecs_medic.facts.fact import NOT_READ, Fact
from ecs_medic.facts.network import Subnet


@dataclass(frozen=True, slots=True)
class ManagedInstances:
    """How a capacity provider of ECS Managed Instances starts its instances."""

    infrastructure_role_arn: str | None = None
    instance_profile_arn: str | None = None
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CapacityProvider:
    """A capacity provider; exactly one of the two kinds that are not Fargate is there."""

    name: str
    status: str | None = None
    scaling_group_arn: str | None = None
    managed_instances: ManagedInstances | None = None


@dataclass(frozen=True, slots=True)
class ScalingGroup:
    """An EC2 Auto Scaling group behind a capacity provider; `instance_ids` are those in service."""

    name: str
    instance_ids: tuple[str, ...] = ()
    desired_capacity: int = 0
    maximum: int = 0


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance; `interfaces` is how many network interfaces it has."""

    id: str
    state: str | None = None
    type: str | None = None
    subnet_id: str | None = None
    launched_at: datetime | None = None
    instance_profile_arn: str | None = None
    interfaces: int = 0


@dataclass(frozen=True, slots=True)
class Placement:
    """Everything that decides whether a place is found, as far as it was read.

    `subnets` are those of the service and of its capacity providers, by id; `most_interfaces` how many network
    interfaces an instance type takes; `instance_roles` the role of an instance profile, by the profile's ARN.
    """

    container_instances: Fact[tuple[ContainerInstance, ...]] = NOT_READ
    capacity_providers: Fact[tuple[CapacityProvider, ...]] = NOT_READ
    scaling_groups: Fact[tuple[ScalingGroup, ...]] = NOT_READ
    instances: Fact[Mapping[str, Instance]] = NOT_READ
    most_interfaces: Fact[Mapping[str, int]] = NOT_READ
    subnets: Fact[Mapping[str, Subnet]] = NOT_READ
    instance_roles: Mapping[str, Fact[str]] = field(default_factory=dict)
    protected_tasks: Fact[tuple[str, ...]] = NOT_READ
