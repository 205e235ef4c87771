"""Which network interface carries the traffic: the task's own, the container instance's, or what is left to know.

A stopped task's interface is gone within seconds. Its subnet survives in the task's attachment; its security groups and
whether it had a public address are then those that its deployment gives all its tasks. Every change of a service's
network configuration is a new deployment, so a task whose deployment is gone may have had another one.
"""

from collections.abc import Sequence
from dataclasses import replace

from ecs_medic.aws.call import Call
from ecs_medic.collect.network import interface_from, items_of, only_item, subnet_from
from ecs_medic.collect.question import Answers, Key, Questions, answer_to
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import AwsvpcConfiguration, Service, Task
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown
from ecs_medic.facts.network import Interface, Subnet
from ecs_medic.facts.reading import Json, mapping, mappings, number
from ecs_medic.needs.carriers import FARGATE, launch_type

_GONE = {"DELETED", "DETACHED"}
_DEPLOYMENT = "ecs-svc/"
HOST_MODES = {"host", "bridge", "none"}


def questions(facts: Facts, answers: Answers, *, host: bool) -> Questions:
    """What can be asked about the interfaces now: a living one tells its own subnet.

    With `host`, also about the container instance's.
    """
    asked: Questions = {}
    interface = _living_interface(facts)
    subnets = _subnet_ids(facts)
    if subnets and _subnets_key(subnets, answers) is None and (interface is None or _did_not_tell(interface, answers)):
        asked |= subnet_questions(subnets)
    if interface:
        asked["interface", interface] = Call("ec2", "DescribeNetworkInterfaces", {"NetworkInterfaceIds": [interface]})
    if host and (instance := _instance(facts)):
        asked["instance", instance] = Call("ec2", "DescribeInstances", {"InstanceIds": [instance]})
    return asked


def subnet_questions(ids: Sequence[str]) -> Questions:
    """The subnets of these ids in one call."""
    return {("subnets", *ids): Call("ec2", "DescribeSubnets", {"SubnetIds": list(ids)})} if ids else {}


def with_interfaces(facts: Facts, answers: Answers) -> Facts:
    """The facts with both interfaces, as far as they can be told."""
    return replace(facts, task_interface=_task_interface(facts, answers), host_interface=_host(facts, answers))


def possible_interfaces(facts: Facts, answers: Answers) -> tuple[Interface, ...]:
    """The interface that a new task of the service would be given, in each of the subnets that it may be put in."""
    service = _service(facts)
    wanted = service.awsvpc.subnet_ids if service and service.awsvpc else ()
    key = _subnets_key(wanted, answers)
    found = items_of(answers[key] if key else NOT_READ, "Subnets", subnet_from)
    subnets = {one.id: one for one in found.value} if isinstance(found, Known) else {}
    return tuple(
        Interface(
            subnet_id=subnet.id,
            vpc_id=subnet.vpc_id,
            public_ip=_public_ip_without_interface(facts, NOT_READ),
            security_group_ids=_groups_without_interface(facts, NOT_READ),
        )
        for subnet in (subnets.get(one) for one in wanted)
        if subnet is not None
    )


def _subnets_key(wanted: Sequence[str], answers: Answers) -> Key | None:
    """Under which question all these subnets have been asked for, among others perhaps."""
    return next((key for key in answers if key[0] == "subnets" and set(wanted) <= set(key[1:])), None)


def _did_not_tell(interface: str, answers: Answers) -> bool:
    return ("interface", interface) in answers and not isinstance(answers["interface", interface], Known)


def _task(facts: Facts) -> Task | None:
    return facts.task.value if isinstance(facts.task, Known) else None


def _service(facts: Facts) -> Service | None:
    return facts.service.value if isinstance(facts.service, Known) else None


def configuration_of(task: Task | None, service: Service | None) -> AwsvpcConfiguration | None:
    """The network configuration that the task was started with; None where nothing that is left tells.

    The service's present one speaks for a task of which no deployment is known, unless the task was elsewhere.
    """
    if service is None:
        return None
    started_by = task.started_by if task else None
    own = next((one for one in service.deployments if one.id == started_by), None)
    if own is None and (started_by or "").startswith(_DEPLOYMENT):
        return None
    configuration = (own.awsvpc if own else None) or service.awsvpc
    attachment = task.interface_attachment if task else None
    subnet = attachment.details.get("subnetId") if attachment else None
    elsewhere = configuration is not None and subnet is not None and subnet not in configuration.subnet_ids
    return None if elsewhere else configuration


def _subnet_ids(facts: Facts) -> tuple[str, ...]:
    task = _task(facts)
    attachment = task.interface_attachment if task else None
    if attachment and (subnet := attachment.details.get("subnetId")):
        return (subnet,)
    configuration = configuration_of(task, _service(facts))
    return configuration.subnet_ids if configuration else ()


def _living_interface(facts: Facts) -> str | None:
    task = _task(facts)
    attachment = task.interface_attachment if task else None
    if attachment is None or (attachment.status or "").upper() in _GONE:
        return None
    return attachment.details.get("networkInterfaceId")


def _instance(facts: Facts) -> str | None:
    return facts.container_instance.value.ec2_instance_id if isinstance(facts.container_instance, Known) else None


def _task_interface(facts: Facts, answers: Answers) -> Fact[Interface]:
    definition = facts.task_definition.value if isinstance(facts.task_definition, Known) else None
    if definition and definition.network_mode in HOST_MODES:
        return Absent("ecs:DescribeTaskDefinition", f"network mode {definition.network_mode}: no interface of its own")
    wanted = _subnet_ids(facts)
    subnet = _subnet(facts, answers)
    described = _described(facts, answers)
    if isinstance(described, Known):
        return described
    if not isinstance(subnet, Known):
        return Unknown(subnet.source, _why(subnet, wanted), getattr(subnet, "missing_permission", None))
    task = _task(facts)
    attachment = task.interface_attachment if task else None
    details = attachment.details if attachment else {}
    return Known(
        Interface(
            subnet_id=subnet.value.id,
            vpc_id=subnet.value.vpc_id,
            id=details.get("networkInterfaceId"),
            private_ip=details.get("privateIPv4Address"),
            public_ip=_public_ip_without_interface(facts, described),
            security_group_ids=_groups_without_interface(facts, described),
        ),
        facts.task.source,
    )


def _described(facts: Facts, answers: Answers) -> Fact[Interface]:
    interface = _living_interface(facts)
    if interface is None:
        return NOT_READ
    return only_item(
        answer_to(answers, "interface", interface), "NetworkInterfaces", f"interface {interface}", interface_from
    )


def _subnet(facts: Facts, answers: Answers) -> Fact[Subnet]:
    """The task's subnet: the one that it names, else the one of the service's that can be meant."""
    wanted = _subnet_ids(facts)
    if not wanted:
        return Unknown(facts.task.source, "nothing that was read names a subnet")
    key = _subnets_key(wanted, answers)
    found = items_of(answers[key] if key else NOT_READ, "Subnets", subnet_from)
    if not isinstance(found, Known):
        return found
    task = _task(facts)
    zone = task.availability_zone if task else None
    named = [one for one in found.value if one.id in wanted]
    possible = [one for one in named if len(wanted) == 1 or one.availability_zone == zone]
    if len(possible) == 1:
        return Known(possible[0], found.source)
    if not possible:
        return Absent(found.source, f"no subnet {', '.join(wanted)}")
    return Unknown(found.source, f"the service has several subnets ({', '.join(wanted)}), and nothing names the task's")


def _why(subnet: Absent | Unknown, wanted: tuple[str, ...]) -> str:
    if isinstance(subnet, Absent):
        return f"the task's subnet ({', '.join(wanted)}) no longer exists"
    return subnet.reason


def _public_ip_without_interface(facts: Facts, described: Fact[Interface]) -> Fact[str]:
    launch = launch_type(facts)
    if launch is not None and launch != FARGATE:
        return Absent("ecs:DescribeTasks", f"{launch}: ECS gives a task's own interface no public address there")
    service = _service(facts)
    configuration = configuration_of(_task(facts), service)
    if configuration is None:
        return _gone(facts, described)
    if configuration.assign_public_ip:
        return Known("assigned", "ecs:DescribeServices")
    return Absent("ecs:DescribeServices", "assignPublicIp is DISABLED")


def _groups_without_interface(facts: Facts, described: Fact[Interface]) -> Fact[tuple[str, ...]]:
    configuration = configuration_of(_task(facts), _service(facts))
    if configuration is None:
        return _gone(facts, described)
    return Known(configuration.security_group_ids, "ecs:DescribeServices")


def _gone(facts: Facts, described: Fact[Interface]) -> Unknown:
    """Why neither the interface nor the service tells."""
    for fact in (described, facts.service):
        if isinstance(fact, Unknown) and fact is not NOT_READ:
            return fact
    if isinstance(facts.service, Known):
        return Unknown(facts.service.source, "the task's deployment is gone, and with it how its interface was set up")
    return Unknown("ec2:DescribeNetworkInterfaces", "the task's interface is gone, and no service tells how it was")


def _host(facts: Facts, answers: Answers) -> Fact[Interface]:
    if launch_type(facts) == FARGATE:
        return Absent("ecs:DescribeTasks", "Fargate: the task's own interface carries everything")
    if not isinstance(facts.container_instance, Known):
        return facts.container_instance
    instance = _instance(facts)
    if instance is None:
        return Unknown(facts.container_instance.source, "the container instance is no EC2 instance")
    answer = answer_to(answers, "instance", instance)
    if not isinstance(answer, Known):
        return answer
    interfaces = [
        (one, found)
        for reservation in mappings(answer.value, "Reservations")
        for found in mappings(reservation, "Instances")
        for one in mappings(found, "NetworkInterfaces")
        if number(mapping(one, "Attachment"), "DeviceIndex") == 0
    ]
    if not interfaces:
        return Unknown(answer.source, f"{instance} shows no primary network interface")
    return Known(_primary(*interfaces[0]), answer.source)


def _primary(item: Json, instance: Json) -> Interface:
    interface = interface_from({"VpcId": instance.get("VpcId"), **item})
    return replace(interface, belongs_to="container instance")
