"""What a task asks of the instance that it is to run on.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import TaskDefinition
from ecs_medic.facts.fact import Known

_AMOUNT = re.compile(r"\s*+(\d{1,12}(?:\.\d{1,6})?|\.\d{1,6})\s*+([a-zA-Z]*+)\s*+")
_UNITS = {"": 1, "vcpu": 1024, "mb": 1, "mib": 1, "gb": 1024, "gib": 1024}
_OWN_ADDRESS = "awsvpc"


@dataclass(frozen=True, slots=True)
class Demand:
    """CPU units, MiB, GPUs, ports of the host by (protocol, port), attributes by name (an empty value: any).

    `zones`: those in which the task can have its interface; none where it needs none of its own, or nobody knows.
    """

    cpu: int = 0
    memory: int = 0
    gpus: int = 0
    host_ports: frozenset[tuple[str, int]] = frozenset()
    attributes: Mapping[str, str] = field(default_factory=dict)
    zones: frozenset[str] = frozenset()
    own_interface: bool = False


def demand_of(facts: Facts, definition: TaskDefinition) -> Demand:
    """The task's own size where it has one, else that of its containers together."""
    containers = definition.containers
    own_interface = definition.network_mode == _OWN_ADDRESS
    return Demand(
        cpu=amount(definition.cpu) or sum(one.cpu or 0 for one in containers),
        memory=amount(definition.memory) or sum(one.memory_reservation or one.memory or 0 for one in containers),
        gpus=sum(one.gpus for one in containers),
        # With an interface of its own, a task uses its own ports.
        host_ports=frozenset() if own_interface else frozenset(port for one in containers for port in one.host_ports),
        attributes=definition.requires_attributes,
        zones=_zones(facts) if own_interface else frozenset(),
        own_interface=own_interface,
    )


def amount(value: str | None) -> int:
    """CPU units or MiB: "512", ".5 vCPU", "2 GB"; 0 where there is nothing that reads as one."""
    match = _AMOUNT.fullmatch(value or "")
    factor = _UNITS.get(match[2].lower()) if match else None
    return int(float(match[1]) * factor) if match and factor else 0


def _zones(facts: Facts) -> frozenset[str]:
    awsvpc = facts.service.value.awsvpc if isinstance(facts.service, Known) else None
    subnets = facts.placement.subnets.value if isinstance(facts.placement.subnets, Known) else {}
    wanted = awsvpc.subnet_ids if awsvpc else ()
    if not wanted or any(one not in subnets for one in wanted):
        return frozenset()
    return frozenset(subnets[one].availability_zone for one in wanted)
