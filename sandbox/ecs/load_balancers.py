"""What a service's load balancer finds when it asks a new task for its health.

The way is walked from the load balancer's subnets to the task's port; what the application answers, its environment
says (SANDBOX_HTTP_STATUS, 200 unless set).
Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.elbv2.models import elbv2_backends

from sandbox.ecs.network_acls import EPHEMERAL
from sandbox.ecs.packet_walk import Interface, to_interface
from sandbox.ecs.security_groups import Peer
from sandbox.ecs.world import World
from sandbox.moto_patches.target_health import note_health


@dataclass(frozen=True, slots=True)
class Health:
    """What the target group shows of one target; a healthy one has no reason."""

    state: str
    reason: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where load balancers find a task: as which target, on which interface, and on which port for each of its own."""

    target: str
    interface: Interface
    ports: Mapping[int, int]


def unhealthy_in(world: World, service: Any, place: Place, status: str | None) -> str | None:
    """Registers the task with each of the service's target groups; the ARN of the first that finds it ill.

    The target stays as it was last seen: of a real one, the next task's shows the same.
    """
    balancers = elbv2_backends[world.account][world.region]
    failed = None
    for entry in (service.load_balancers if service else None) or []:
        group = balancers.target_groups.get(entry.get("targetGroupArn"))
        if group is None:
            continue
        port = place.ports.get(int(entry["containerPort"]), int(entry["containerPort"]))
        group.register([{"Id": place.target, "Port": port}])
        health = _asked(world, group, place.interface, port, status)
        note_health(group, place.target, (health.state, health.reason, health.description))
        if health.state != "healthy" and failed is None:
            failed = str(group.arn)
    return failed


def service_of(world: World, cluster: str, group: str) -> Any:
    """The service that a task belongs to, if any."""
    kind, _, name = group.partition(":")
    if kind != "service":
        return None
    services = world.ecs.services.values()
    return next((one for one in services if one.name == name and one.cluster_name == cluster), None)


def _asked(world: World, group: Any, interface: Interface, port: int, status: str | None) -> Health:
    balancers = elbv2_backends[world.account][world.region]
    nodes = [node for arn in group.load_balancer_arns for node in _nodes(world, balancers.load_balancers[arn])]
    if not nodes:
        return Health(
            "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
        )
    there = Peer(interface.private_ip, interface.group_ids)
    if any(to_interface(world.ec2, node, (interface.subnet_id, there), port) for node in nodes):
        return Health("unhealthy", "Target.Timeout", "Request timed out")
    if status not in {None, "200"}:
        codes = f"Health checks failed with these codes: [{status}]"
        return Health("unhealthy", "Target.ResponseCodeMismatch", codes)
    return Health("healthy")


def _nodes(world: World, balancer: Any) -> list[Interface]:
    """One node in each subnet; its address is the first that a subnet gives away."""
    subnets = [world.ec2.get_subnet(subnet) for subnet in _subnet_ids(balancer)]
    groups = tuple(balancer.security_groups or ())
    return [Interface(one.id, str(one.cidr.network_address + 4), groups, waits_on=EPHEMERAL) for one in subnets]


def _subnet_ids(balancer: Any) -> list[str]:
    return [
        one["SubnetId"] if isinstance(one, Mapping) else one.id if hasattr(one, "id") else one
        for one in balancer.subnets
    ]
