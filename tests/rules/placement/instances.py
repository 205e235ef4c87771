"""A small cluster on EC2 as plain values: one instance with room, unless a test says otherwise."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import AwsvpcConfiguration, ContainerInstance, Resources
from ecs_medic.facts.fact import NOT_READ, Fact, Known, Unknown
from ecs_medic.facts.network import Subnet
from ecs_medic.facts.placement import CapacityProvider, Instance, ManagedInstances, Placement, ScalingGroup
from ecs_medic.incident import Incident, Kind, Message
from ecs_medic.vocabulary import Id
from tests import builders

ARN = "arn:aws:ecs:eu-west-1:123456789012:container-instance/shop/0123456789abcdef0123456789abcdef"
OTHER_ARN = "arn:aws:ecs:eu-west-1:123456789012:container-instance/shop/ffffffffffffffffffffffffffffffff"
PROFILE = "arn:aws:iam::123456789012:instance-profile/ecsInstanceRole-orders"
INSTANCE_ROLE = "arn:aws:iam::123456789012:role/ecsInstanceRole-orders"
INFRASTRUCTURE = "arn:aws:iam::123456789012:role/orders-infrastructure"
DENIED = Unknown("ecs:ListContainerInstances", "denied: AccessDeniedException", "ecs:ListContainerInstances")
LISTED = "ecs:DescribeContainerInstances"


def instance(arn: str = ARN, *, cpu: int = 2048, memory: int = 3904, **changes: Any) -> ContainerInstance:
    """An active instance with that much left."""
    well = ContainerInstance(
        arn=arn,
        ec2_instance_id="i-0aaa" if arn == ARN else "i-0bbb",
        agent_version="1.98.0",
        agent_connected=True,
        status="ACTIVE",
        registered=Resources(cpu=2048, memory=3904),
        remaining=Resources(cpu=cpu, memory=memory),
        attributes={"ecs.availability-zone": "eu-west-1a", "ecs.instance-type": "m5.large"},
    )
    return replace(well, **changes)


def cluster(*instances: ContainerInstance, **placement: Any) -> Facts:
    """Facts of the service `orders` on EC2, with these instances; further facts of the placement by name."""
    listed: Fact[tuple[ContainerInstance, ...]] = Known(instances, LISTED)
    given = {"container_instances": listed, **placement}
    return facts(placement=Placement(**given))


def facts(
    *, service: Mapping[str, Any] | None = None, definition: Mapping[str, Any] | None = None, **more: Any
) -> Facts:
    """Facts about a service that no task of is known."""
    of_service = {"launch_type": "EC2", "running_count": 0, "awsvpc": None, **(service or {})}
    of_definition = {
        "network_mode": "bridge",
        "cpu": "1024",
        "memory": "2048",
        "compatibilities": ("EC2",),
        **(definition or {}),
    }
    return builders.facts(
        task=NOT_READ,
        service=builders.service(**of_service),
        task_definition=builders.definition(**of_definition),
        **more,
    )


def with_definition(read: Facts, **changes: Any) -> Facts:
    """The same with a changed task definition."""
    assert isinstance(read.task_definition, Known)
    return replace(
        read, task_definition=Known(replace(read.task_definition.value, **changes), read.task_definition.source)
    )


def with_service(read: Facts, **changes: Any) -> Facts:
    """The same with a changed service."""
    assert isinstance(read.service, Known)
    return replace(read, service=Known(replace(read.service.value, **changes), read.service.source))


def event(symptom: Id, reason: str = "RESOURCE:CPU", **changes: Any) -> Incident:
    """A service's event that a task found no place."""
    given = {
        "kind": Kind.SERVICE_EVENT,
        "task_arn": None,
        "task_definition_arn": None,
        "launch_type": None,
        "message": Message(Kind.SERVICE_EVENT, stopped_reason=reason),
        **changes,
    }
    return builders.incident(symptom, **given)


def subnet(
    identifier: str, *, zone: str = "eu-west-1a", vpc: str = "vpc-1", zone_id: str | None = "euw1-az1"
) -> Subnet:
    """A subnet with free addresses."""
    return Subnet(identifier, vpc, "10.0.0.0/24", zone, 100, availability_zone_id=zone_id)


def subnets(*given: Subnet) -> Known[dict[str, Subnet]]:
    """These subnets, as read."""
    return Known({one.id: one for one in given}, "ec2:DescribeSubnets")


def awsvpc(*ids: str) -> AwsvpcConfiguration:
    """Where the service puts its tasks' interfaces."""
    return AwsvpcConfiguration(ids, ("sg-1",))


def managed(**changes: Any) -> Known[tuple[CapacityProvider, ...]]:
    """One capacity provider of managed instances."""
    how = replace(ManagedInstances(INFRASTRUCTURE, PROFILE, ("subnet-9",), ("sg-9",)), **changes)
    return Known((CapacityProvider("managed", "ACTIVE", managed_instances=how),), "ecs:DescribeCapacityProviders")


def group(*ids: str) -> Known[tuple[ScalingGroup, ...]]:
    """One Auto Scaling group with these instances in service."""
    return Known((ScalingGroup("orders", ids, len(ids), 4),), "autoscaling:DescribeAutoScalingGroups")


def ec2(*given: Instance) -> Known[dict[str, Instance]]:
    """These EC2 instances, as read."""
    return Known({one.id: one for one in given}, "ec2:DescribeInstances")
