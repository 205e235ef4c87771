"""The service's target groups, and the way from a load balancer's nodes to the task: what rules on health share."""

from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Fact, Known, Unknown
from ecs_medic.facts.health import LoadBalancer, Target, TargetGroup
from ecs_medic.facts.network import Interface
from ecs_medic.finding import JsonValue, NotChecked
from ecs_medic.incident import Incident
from ecs_medic.needs.need import Destination, Inside
from ecs_medic.reachability.path import HopKind, Path
from ecs_medic.reachability.walk import path
from ecs_medic.vocabulary import Id

INSTANCE = "instance"
DYNAMIC_PORTS = "32768-65535"
"""Where Docker takes a host's port from that nobody asked for: of old from 49153 on, else as the kernel's range begins.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
"""


def groups_meant(incident: Incident, facts: Facts) -> tuple[str, ...]:
    """The target groups that the message names; all of the service's where it names none."""
    words = " ".join(filter(None, (incident.message.stopped_reason, incident.message.container_reason)))
    named = tuple(arn for arn in facts.target_groups if arn in words)
    return named or tuple(facts.target_groups)


def own_address(facts: Facts) -> str | None:
    """The task's private address, by which a target group of type `ip` knows it."""
    if isinstance(facts.task_interface, Known) and facts.task_interface.value.private_ip:
        return facts.task_interface.value.private_ip
    attachment = facts.task.value.interface_attachment if isinstance(facts.task, Known) else None
    return attachment.details.get("privateIPv4Address") if attachment else None


def interface_of(group: TargetGroup, facts: Facts) -> Fact[Interface]:
    """Where the load balancer finds the task: its own interface, or its container instance's."""
    return facts.host_interface if group.target_type == INSTANCE else facts.task_interface


def own_target(group: TargetGroup, facts: Facts) -> Target | None:
    """What the group says of this very task, as long as it is registered.

    An instance is registered once for each task on it, under different ports.
    """
    here = [one for one in targets_of(group.arn, facts) if one.id == own_id(group, facts)]
    if group.target_type == INSTANCE:
        port = host_port(group, facts)
        here = [one for one in here if one.port == port]
    return here[0] if here else None


def own_id(group: TargetGroup, facts: Facts) -> str | None:
    """What the group calls the task: its address, or its container instance."""
    if group.target_type != INSTANCE:
        return own_address(facts)
    host = facts.container_instance
    return host.value.ec2_instance_id if isinstance(host, Known) else None


def host_port(group: TargetGroup, facts: Facts) -> int | None:
    """The host's port that leads to the one which the service registers; None where nothing tells, or many do."""
    if not isinstance(facts.service, Known) or not isinstance(facts.task, Known):
        return None
    wanted = facts.service.value.target_ports.get(group.arn)
    found = {port for one in facts.task.value.containers for inside, port in one.host_ports if inside == wanted}
    return found.pop() if len(found) == 1 else None


def is_dynamic(port: int, facts: Facts) -> bool:
    """Whether the next task will get another port of the host."""
    definition = facts.task_definition.value if isinstance(facts.task_definition, Known) else None
    if definition is None or definition.network_mode != "bridge":
        return False
    return all(port != fixed for one in definition.containers for _, fixed in one.host_ports)


def targets_of(arn: str, facts: Facts) -> tuple[Target, ...]:
    """The group's targets, as far as they were read."""
    targets = facts.targets.get(arn, NOT_READ)
    return targets.value if isinstance(targets, Known) else ()


def port_of(group: TargetGroup, facts: Facts) -> int | None:
    """The port on which the health check comes: a fixed one, else the one on which the task is registered."""
    if group.check_port and group.check_port.isdecimal():
        return int(group.check_port)
    if group.target_type == INSTANCE:
        # Another task's port of the host says nothing of this one's.
        return host_port(group, facts)
    registered = own_target(group, facts) or next(iter(targets_of(group.arn, facts)), None)
    if registered is not None and registered.port is not None:
        return registered.port
    return facts.service.value.target_ports.get(group.arn) if isinstance(facts.service, Known) else None


def balancers_of(group: TargetGroup, facts: Facts) -> tuple[LoadBalancer, ...]:
    """The group's load balancers, as far as they were read."""
    found = (facts.load_balancers.get(arn, NOT_READ) for arn in group.load_balancer_arns)
    return tuple(one.value for one in found if isinstance(one, Known))


def ways_to_task(group: TargetGroup, facts: Facts) -> Iterator[tuple[LoadBalancer, Path]]:
    """The way from each subnet of each load balancer to the task, or to the port of the instance that leads to it.

    A network load balancer without security groups lets everything out; then only the far side is judged.
    """
    port, task = port_of(group, facts), interface_of(group, facts)
    if group.target_type not in {"ip", INSTANCE} or port is None or not isinstance(task, Known):
        return
    resource = "the task" if group.target_type == "ip" else f"container instance {own_id(group, facts)}"
    groups = task.value.security_group_ids
    there = Inside(
        resource=resource,
        address=own_address(facts) if group.target_type == "ip" else task.value.private_ip,
        subnet_id=task.value.subnet_id,
        security_group_ids=groups.value if isinstance(groups, Known) else None,
    )
    destination = Destination(resource, facts.region, port=port, inside=there)
    for balancer in balancers_of(group, facts):
        for subnet in balancer.subnets.values():
            node = _node(balancer, subnet, task.value.vpc_id)
            way = path(node, destination, facts.network_of(node), account=facts.account)
            if not balancer.security_group_ids:
                hops = tuple(hop for hop in way.hops if hop.kind is not HopKind.SECURITY_GROUP_EGRESS)
                way = Path(way.destination, way.via, hops, route_table_id=way.route_table_id)
            yield balancer, way


def _node(balancer: LoadBalancer, subnet: str, vpc_id: str) -> Interface:
    """A load balancer's own interface in one subnet; its address is one of the subnet's."""
    groups: Fact[tuple[str, ...]] = Known(balancer.security_group_ids, "elbv2:DescribeLoadBalancers")
    if not balancer.security_group_ids:
        groups = Unknown("elbv2:DescribeLoadBalancers", f"{balancer.name} has no security group")
    return Interface(subnet, balancer.vpc_id or vpc_id, security_group_ids=groups, belongs_to="load balancer")


def group_params(incident: Incident, facts: Facts, arn: str) -> dict[str, JsonValue]:
    """Which group of which service: the params of every finding on targets."""
    task = facts.task.value if isinstance(facts.task, Known) else None
    params: dict[str, JsonValue] = {
        "target_group_arn": arn,
        "cluster": incident.cluster,
        "service": incident.service or (task.service_name if task else None),
        "task_arn": (task.arn if task else None) or incident.task_arn,
        "region": incident.region,
    }
    return {name: value for name, value in params.items() if value is not None}


def not_read(cause: Id, fact: Fact[object]) -> Iterator[NotChecked]:
    """That something which was asked for was not answered."""
    if isinstance(fact, Unknown) and fact is not NOT_READ:
        yield NotChecked(cause, fact.reason, fact.missing_permission)


def groups_not_read(cause: Id, facts: Facts) -> Iterator[NotChecked]:
    """That the service, which names the groups, or a group itself could not be read."""
    yield from not_read(cause, facts.service)
    for group in facts.target_groups.values():
        yield from not_read(cause, group)
