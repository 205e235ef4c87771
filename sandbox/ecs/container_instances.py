"""Container instances: the EC2 instances under tasks that do not run on Fargate, and what each has left."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto.autoscaling.models import autoscaling_backends
from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from sandbox.ecs import lookup
from sandbox.ecs.operation import Original, Request
from sandbox.ecs.packet_walk import Interface
from sandbox.ecs.world import World

AGENT_VERSION = "1.98.0"
OFFERED = (
    "com.amazonaws.ecs.capability.docker-remote-api.1.19",
    "com.amazonaws.ecs.capability.ecr-auth",
    "com.amazonaws.ecs.capability.logging-driver.awslogs",
    "com.amazonaws.ecs.capability.task-iam-role",
    "ecs.capability.execution-role-ecr-pull",
    "ecs.capability.task-eni",
)
CONNECTED_TAG = "sandbox:agent-connected"
"""Tagging a container instance with this key, `true` or `false`, connects or disconnects its agent."""
SIZE_TAG = "sandbox:size"
"""An EC2 instance tagged `CPU units,MiB` registers with so much; 2048,3904 otherwise."""


@dataclass(frozen=True, slots=True)
class Host:
    """The instance under a task: its registration, its primary interface, and its role (None without a profile)."""

    registration: Any
    instance_id: str
    interface: Interface
    zone: str
    role: Any


@dataclass(frozen=True, slots=True)
class NoPlaceError(Exception):
    """No instance fits: ECS's code for what lacks ("RESOURCE:CPU"), its words, and the closest instance."""

    code: str
    words: str
    closest: str | None = None


def register(world: World, response: Any, request: Request, original: Original) -> ActionResult:
    """RegisterContainerInstance, as the agent calls it: with the instance's real size and the agent's attributes."""
    answer: Any = original(response)
    instance_id = json.loads(request["instanceIdentityDocument"])["instanceId"]
    _finish(world, answer.result["containerInstance"], instance_id, provider=_provider_of(world, instance_id))
    return ActionResult(answer.result)


def register_managed(world: World, cluster_name: str, instance_id: str, provider: str) -> Any:
    """The registration of an instance that ECS itself has started."""
    registration = world.ecs.register_container_instance(cluster_name, instance_id)
    _finish(world, registration, instance_id, provider=provider)
    return registration


def tag(world: World, request: Request) -> bool:
    """Whether the tagged resource is a container instance; its agent is then as the marker says."""
    arn = request["resourceArn"]
    if ":container-instance/" not in arn:
        return False
    for registrations in world.ecs.container_instances.values():
        for one in registrations.values():
            if one.container_instance_arn == arn:
                state = next((t["value"] for t in request["tags"] if t["key"] == CONNECTED_TAG), None)
                one.agent_connected = one.agent_connected if state is None else state == "true"
    return True


def host(world: World, registration: Any) -> Host:
    """Everything about the instance that decides what a task on it may do."""
    instance = world.ec2.get_instance(registration.ec2_instance_id)
    nic = instance.nics[0]
    interface = Interface(
        nic.subnet.id, nic.private_ip_address, tuple(g.id for g in nic.group_set), getattr(nic, "public_ip", None)
    )
    return Host(registration, instance.id, interface, instance.availability_zone, _role(world, instance.id))


def choose(world: World, cluster: Any, definition: Any, subnets: Sequence[str], providers: Sequence[str]) -> Any:
    """The first instance with room for the task.

    Raises:
        NoPlaceError: there is none; the closest and what it lacks come with it.
    """
    found = [
        one
        for one in world.ecs.container_instances.get(cluster.name, {}).values()
        if one.status == "ACTIVE" and (not providers or one.capacity_provider_name in providers)
    ]
    if not found:
        raise NoPlaceError("RESOURCE:*", "No Container Instances were found in your cluster.")
    wanted = demand(definition)
    zones = {world.ec2.get_subnet(one).availability_zone for one in subnets}
    problems = [(one, list(_lacks(world, one, wanted, zones))) for one in found]
    free = next((one for one, lacks in problems if not lacks), None)
    if free is not None:
        return free
    closest, lacks = min(problems, key=lambda pair: len(pair[1]))
    code, words = lacks[0]
    raise NoPlaceError(code, f"The closest matching (container-instance {closest.id}) {words}", closest.id)


def demand(definition: Any) -> dict[str, Any]:
    """CPU units, MiB, ports of the host and attributes that a task of this definition needs."""
    containers = definition.container_definitions
    own_interface = definition.network_mode == "awsvpc"
    return {
        "CPU": int(definition.cpu or 0) or sum(int(c.get("cpu") or 0) for c in containers),
        "MEMORY": int(definition.memory or 0)
        or sum(int(c.get("memoryReservation") or c.get("memory") or 0) for c in containers),
        "PORTS": [] if own_interface else [str(p) for c in containers for p in _host_ports(definition, c)],
        "attributes": [one["name"] for one in getattr(definition, "requires_attributes", None) or []],
        "own_interface": own_interface,
    }


def take(registration: Any, definition: Any) -> None:
    """Reserves what a task of this definition needs."""
    _change(registration, demand(definition), -1)


def give_back(world: World, arn: str, definition: Any) -> None:
    """Frees what a task of this definition had."""
    for registrations in world.ecs.container_instances.values():
        for one in registrations.values():
            if one.container_instance_arn == arn:
                _change(one, demand(definition), 1)


def described(world: World, cluster_name: str, name: str | None) -> Any:
    """The registration by its ARN, or None."""
    return world.ecs.container_instances.get(cluster_name, {}).get((name or "").rsplit("/", 1)[-1])


def describe(world: World, response: Any, request: Request, original: Original) -> ActionResult:
    """DescribeContainerInstances; a cluster that never had an instance has none, where moto fails."""
    cluster = lookup.cluster(world, request.get("cluster"))
    world.ecs.container_instances.setdefault(cluster.name, {})
    return original(response)


def age(world: World, instance_id: str, minutes: float) -> None:
    """Moves the start of an EC2 instance into the past."""
    world.ec2.get_instance(instance_id).launch_time -= timedelta(minutes=minutes)


def _finish(world: World, registration: Any, instance_id: str, *, provider: str | None) -> None:
    instance = world.ec2.get_instance(instance_id)
    tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
    cpu, memory = (int(part) for part in tags.get(SIZE_TAG, "2048,3904").split(","))
    registration.version_info = {**registration.version_info, "agentVersion": AGENT_VERSION}
    registration.capacity_provider_name = provider
    registration.attributes |= dict.fromkeys(OFFERED)
    for resources in (registration.registered_resources, registration.remaining_resources):
        for one in resources:
            one["integerValue"] = {"CPU": cpu, "MEMORY": memory}.get(one["name"], one["integerValue"])


def _provider_of(world: World, instance_id: str) -> str | None:
    """The capacity provider whose Auto Scaling group the instance is in."""
    groups = autoscaling_backends[world.account][world.region].autoscaling_groups.values()
    arns = {group.arn for group in groups if instance_id in {state.instance.id for state in group.instance_states}}
    for name, provider in world.ecs.capacity_providers.items():
        of_group = getattr(provider, "auto_scaling_group_provider", None) or {}
        if of_group.get("autoScalingGroupArn") in arns:
            return str(name)
    return None


def _role(world: World, instance_id: str) -> Any:
    association = world.ec2.iam_instance_profile_associations.get(instance_id)
    if association is None:
        return None
    backend = iam_backends[world.account][get_partition(world.region)]
    arn = association.iam_instance_profile.arn
    profile = next((one for one in backend.instance_profiles.values() if one.arn == arn), None)
    return next(iter(profile.roles), None) if profile else None


def _host_ports(definition: Any, container: Mapping[str, Any]) -> Iterator[int]:
    for mapping in container.get("portMappings") or []:
        port = mapping.get("hostPort") or (mapping["containerPort"] if definition.network_mode == "host" else 0)
        if port:
            yield int(port)


def _lacks(world: World, registration: Any, wanted: Mapping[str, Any], zones: set[str]) -> Iterator[tuple[str, str]]:
    left = {one["name"]: one for one in registration.remaining_resources}
    if not registration.agent_connected:
        yield "AGENT", "doesn't have the agent connected."
    if left["CPU"]["integerValue"] < wanted["CPU"]:
        yield "RESOURCE:CPU", "has insufficient CPU units available."
    if left["MEMORY"]["integerValue"] < wanted["MEMORY"]:
        yield "RESOURCE:MEMORY", "has insufficient memory available."
    if set(left["PORTS"]["stringSetValue"]) & set(wanted["PORTS"]):
        yield "RESOURCE:PORTS", "is already using a port required by your task."
    instance = world.ec2.get_instance(registration.ec2_instance_id)
    wrong_zone = wanted["own_interface"] and zones and instance.availability_zone not in zones
    if wrong_zone or set(wanted["attributes"]) - set(registration.attributes):
        yield "ATTRIBUTE", "is missing an attribute required by your task."


def _change(registration: Any, wanted: Mapping[str, Any], sign: int) -> None:
    for one in registration.remaining_resources:
        if one["name"] in {"CPU", "MEMORY"}:
            one["integerValue"] += sign * wanted[one["name"]]
        elif one["name"] == "PORTS":
            ports = set(one["stringSetValue"])
            one["stringSetValue"] = sorted(ports - set(wanted["PORTS"]) if sign > 0 else ports | set(wanted["PORTS"]))
    registration.running_tasks_count -= sign
