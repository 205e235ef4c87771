"""A task with an interface of its own in a public subnet, where ECS gives it no public address."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Finding, JsonValue, Outcome
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import EC2, MANAGED_INSTANCES, launch_type
from ecs_medic.needs.need import Carrier
from ecs_medic.rules.network.broken import WAY_OUT_KINDS, broken, evidence, first_phase, hosts, quiet, surest
from ecs_medic.rules.network.paths import paths_of
from ecs_medic.rules.network.ways_out import without_public_address
from ecs_medic.vocabulary import Id


def awsvpc_task_cannot_have_public_ip(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Fires for what the task's own interface carries on EC2 and on Managed Instances."""
    launch = launch_type(facts)
    if launch not in {EC2, MANAGED_INSTANCES}:
        return
    needed = [one for one in paths_of(incident, facts).blocking if one.need.carrier is Carrier.TASK]
    found = broken(needed, lambda _, way: without_public_address(way))
    if not found:
        yield from quiet(Id.AWSVPC_TASK_CANNOT_HAVE_PUBLIC_IP, facts, needed, WAY_OUT_KINDS)
        return
    interface = found[0].needed.interface
    subnet = interface.subnet_id if interface else ""
    params: dict[str, JsonValue] = {
        "subnet_id": subnet,
        "launch_type": launch,
        "destinations": list(hosts(found)),
        "region": facts.region,
    }
    yield Finding(
        cause=Id.AWSVPC_TASK_CANNOT_HAVE_PUBLIC_IP,
        confidence=surest(found),
        summary=(
            f"{subnet} is a public subnet, and {launch} gives a task's own interface no public address; "
            f"out of reach: {', '.join(hosts(found))}."
        ),
        subject=subnet,
        phase=first_phase(found),
        fix=fix_for(Id.AWSVPC_TASK_CANNOT_HAVE_PUBLIC_IP, params),
        params=params,
        evidence=evidence(found),
    )
