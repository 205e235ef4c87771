"""Host networking: the task has no interface of its own, and goes out by its instance's.

That an instance's public address serves its tasks in host mode has been observed; AWS's documentation does not promise
it. In host mode every port of a container is a port of the instance, so that two tasks of one kind exclude each other.
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-host-mode.html and
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html.
"""

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import ContainerInstance, TaskDefinition
from ecs_medic.facts.fact import Known
from ecs_medic.needs.carriers import EC2, launch_type
from ecs_medic.reachability.routes import table_of
from ecs_medic.rules.ways_out.plight import FIXED_ADDRESS_TAG, Plight
from ecs_medic.way_out import Density, Way, WayOut, WayPrices

_SUBNET = "ecs.subnet-id"
"""An attribute of every container instance."""


def host_mode(plight: Plight, facts: Facts, prices: WayPrices) -> WayOut:
    """Ruled out by what is known; depends on what nobody here can know."""
    definition = facts.task_definition.value if isinstance(facts.task_definition, Known) else None
    ports = _ports(definition)
    against, depends = _for_ports(ports, plight, facts)
    if plight.shut:
        against.insert(0, plight.shut.rstrip("."))
    if definition and (definition.operating_system or "").upper().startswith("WINDOWS"):
        against.append("Windows containers have no host mode")
    if plight.needs_fixed_address:
        against.append("its tag asks for a fixed address, and this one changes with the instance")
    elif plight.needs_fixed_address is None:
        depends.append(f"whether it needs a fixed address is not known (tag {FIXED_ADDRESS_TAG})")
    month = _addresses(plight, facts, prices, bool(ports))
    words = _sentence("; ".join(against)) if against else _words(depends, _steps(plight, facts))
    if month is None and prices.public_address_month is not None and not against:
        each = f"${prices.public_address_month:.2f} a month for each"
        words += f" No extra cost where the instances have public addresses already, else {each}."
    return WayOut(
        way=Way.HOST_MODE,
        applies=False if against else None if depends else True,
        why=words,
        fixed_address=False,
        tasks_per_instance=Density.ONE if ports or definition is None else Density.SEVERAL,
        monthly_cost_usd=month,
        per_gb_usd=0.0,
        not_promised=True,
    )


def _words(depends: list[str], steps: list[str]) -> str:
    takes = f"It takes {'; '.join(steps)}."
    return f"{_sentence('; '.join(depends))} {takes}" if depends else takes


def instance_address(plight: Plight, facts: Facts, prices: WayPrices) -> WayOut:
    """The instance's own public address, for pulls, secrets and logs; the task's own interface gets none by it."""
    words = plight.shut or (
        "It serves what the instance carries (pulls, secrets, logs, environment files): the subnet needs a route to an "
        "internet gateway and has to assign public addresses. The tasks' own interfaces get none by it."
    )
    return WayOut(
        way=Way.INSTANCE_ADDRESS,
        applies=not (plight.shut or plight.needs_fixed_address),
        why="Its tag asks for a fixed address, and this one changes with the instance."
        if plight.needs_fixed_address and not plight.shut
        else words,
        fixed_address=False,
        tasks_per_instance=Density.SEVERAL,
        monthly_cost_usd=_addresses(plight, facts, prices, one_task_each=False),
        per_gb_usd=0.0,
    )


def _ports(definition: TaskDefinition | None) -> tuple[int, ...]:
    if definition is None:
        return ()
    named = (port for one in definition.containers for port in (*one.container_ports, *(p for _, p in one.host_ports)))
    return tuple(dict.fromkeys(named))


def _for_ports(ports: tuple[int, ...], plight: Plight, facts: Facts) -> tuple[list[str], list[str]]:
    """What the ports are against, and what they leave open: one task of a kind for each instance."""
    if not ports:
        return [], []
    named = f"port{'' if len(ports) == 1 else 's'} {', '.join(map(str, ports))}"
    free = _free_instances(ports, facts)
    tasks = plight.desired or 0
    if free == 0 and _instances(facts):
        return [f"{named} of every instance is taken already"], []
    if tasks < 2 or (free is not None and tasks <= free):
        return [], []
    each = f"{tasks} tasks of it need an instance each because of {named}"
    if free is None:
        return [], [f"{each}, and how many there are was not read"]
    words = f"{each}, and there {'is' if free == 1 else 'are'} {free}"
    if launch_type(facts) == EC2 and not _may_grow(facts):
        return [words], []
    return [], [f"{words}: its capacity provider would have to start more"]


def _free_instances(ports: tuple[int, ...], facts: Facts) -> int | None:
    """How many instances have these ports free, as far as ECS knows; None where nobody knows how many there are."""
    instances = _instances(facts)
    if instances is not None:
        return sum(not (one.remaining.ports | one.registered.ports) & set(ports) for one in instances)
    return facts.cluster.value.registered_container_instances if isinstance(facts.cluster, Known) else None


def _instances(facts: Facts) -> tuple[ContainerInstance, ...] | None:
    found = facts.placement.container_instances
    return tuple(one for one in found.value if one.status == "ACTIVE") if isinstance(found, Known) else None


def _may_grow(facts: Facts) -> bool:
    """Whether something starts instances for tasks that find no place."""
    task = facts.task.value if isinstance(facts.task, Known) else None
    service = facts.service.value if isinstance(facts.service, Known) else None
    return bool((task and task.capacity_provider) or (service and service.capacity_providers))


def _steps(plight: Plight, facts: Facts) -> list[str]:
    """What has to be done for it."""
    steps = ["a revision of the task definition with networkMode host, without the service's awsvpc configuration"]
    service = facts.service.value if isinstance(facts.service, Known) else None
    if service and service.target_group_arns:
        steps.append("target groups of type instance instead of ip")
    subnet, assigns = _instance_subnet(plight, facts)
    if assigns is None:
        steps.append(
            "instances in a subnet that assigns public addresses, which theirs may do already: it was not read"
        )
    elif not assigns:
        steps.append(
            f"instances in a subnet that assigns public addresses and leads to an internet gateway, unlike {subnet}"
        )
    return steps


def _instance_subnet(plight: Plight, facts: Facts) -> tuple[str | None, bool | None]:
    """Where the instances are, and whether they get public addresses there; None where nobody knows."""
    instance = facts.container_instance.value if isinstance(facts.container_instance, Known) else None
    host = facts.host_interface.value if isinstance(facts.host_interface, Known) else None
    subnet = host.subnet_id if host else (instance.attributes.get(_SUBNET) if instance else None)
    network = facts.networks.get(host.vpc_id) if host else plight.network
    subnets = network.subnets.value if network and isinstance(network.subnets, Known) else {}
    found = subnets.get(subnet) if subnet else None
    if network is None or found is None or not isinstance(network.route_tables, Known):
        return subnet, None
    table = table_of(found.id, network)
    public = table is not None and any(
        route.destination == "0.0.0.0/0" and route.target.startswith("igw-") and not route.is_blackhole
        for route in table.routes
    )
    return subnet, public and found.map_public_ip_on_launch


def _addresses(plight: Plight, facts: Facts, prices: WayPrices, one_task_each: bool) -> float | None:
    """AWS bills every public IPv4 address; those that the instances have already are no extra cost."""
    _, assigns = _instance_subnet(plight, facts)
    if assigns is None or (not assigns and prices.public_address_month is None):
        return None
    if assigns:
        return 0.0
    instances = _instances(facts)
    count = (plight.desired or 1) if one_task_each or not instances else len(instances)
    return round((prices.public_address_month or 0.0) * count, 2)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
