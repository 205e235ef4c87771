"""What is known of the subnet where AWS says that a task's interface failed."""

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Subnet
from ecs_medic.finding import Evidence, JsonValue


def subnets_of(facts: Facts) -> tuple[Subnet, ...]:
    """The task's subnet, else those of its service, as far as they were read."""
    known = facts.placement.subnets.value if isinstance(facts.placement.subnets, Known) else {}
    own = (facts.task_interface.value.subnet_id,) if isinstance(facts.task_interface, Known) else ()
    awsvpc = facts.service.value.awsvpc if isinstance(facts.service, Known) else None
    return tuple(known[one] for one in own or (awsvpc.subnet_ids if awsvpc else ()) if one in known)


def evidence_of(subnets: tuple[Subnet, ...]) -> tuple[Evidence, ...]:
    """How many addresses each has left."""
    return tuple(
        Evidence("ec2:DescribeSubnets", one.id, f"{one.available_addresses} free addresses in {one.availability_zone}")
        for one in subnets
        if one.available_addresses is not None
    )


def params_of(subnets: tuple[Subnet, ...]) -> dict[str, JsonValue]:
    """The subnet, where there is one only."""
    return {"subnet_id": subnets[0].id if len(subnets) == 1 else None}
