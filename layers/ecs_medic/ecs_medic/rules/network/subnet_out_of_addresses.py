"""A subnet has no free address for another task."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Network, Subnet
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.reachability.unread import missing_permission
from ecs_medic.vocabulary import Id

_SOURCE = "ec2:DescribeSubnets"


def subnet_out_of_addresses(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Fires for each full subnet in which the task, or its service, gets its interfaces."""
    wanted = _subnet_ids(facts)
    free: list[Evidence] = []
    for one in wanted:
        subnet = _subnet(one, facts)
        if subnet is None or subnet.available_addresses is None:
            yield NotChecked(Id.SUBNET_OUT_OF_ADDRESSES, f"{one} was not read", _missing(facts))
        elif subnet.available_addresses > 0:
            free.append(Evidence(_SOURCE, one, f"has {subnet.available_addresses} free addresses"))
        else:
            yield _finding(subnet, incident, facts)
    if wanted and len(free) == len(wanted):
        if incident.symptom is Id.SUBNET_OUT_OF_ADDRESSES:
            # The message was true when it was written: addresses have come free since.
            yield NotChecked(Id.SUBNET_OUT_OF_ADDRESSES, f"{', '.join(wanted)} has free addresses again by now")
        else:
            yield RuledOut(Id.SUBNET_OUT_OF_ADDRESSES, tuple(free))


def _finding(subnet: Subnet, incident: Incident, facts: Facts) -> Finding:
    params: dict[str, JsonValue] = {
        "subnet_id": subnet.id,
        "vpc_id": subnet.vpc_id,
        "available_addresses": 0,
        "region": facts.region,
    }
    got_one = isinstance(facts.task_interface, Known) and facts.task_interface.value.id is not None
    shown = incident.symptom is Id.SUBNET_OUT_OF_ADDRESSES or not got_one
    return Finding(
        cause=Id.SUBNET_OUT_OF_ADDRESSES,
        confidence=Confidence.CONFIRMED if shown else Confidence.POSSIBLE,
        summary=f"{subnet.id} ({subnet.cidr}, {subnet.availability_zone}) has no free address for a task.",
        subject=subnet.id,
        phase=Phase.INTERFACE,
        fix=fix_for(Id.SUBNET_OUT_OF_ADDRESSES, params),
        params=params,
        evidence=(Evidence(_SOURCE, subnet.id, "has 0 free addresses"),),
    )


def _subnet_ids(facts: Facts) -> tuple[str, ...]:
    own = (facts.task_interface.value.subnet_id,) if isinstance(facts.task_interface, Known) else ()
    awsvpc = facts.service.value.awsvpc if isinstance(facts.service, Known) else None
    return own or (awsvpc.subnet_ids if awsvpc else ())


def _subnet(subnet_id: str, facts: Facts) -> Subnet | None:
    found = next((found for one in facts.networks.values() if (found := _in(one, subnet_id)) is not None), None)
    read = facts.placement.subnets.value if isinstance(facts.placement.subnets, Known) else {}
    return found or read.get(subnet_id)


def _in(network: Network, subnet_id: str) -> Subnet | None:
    return network.subnets.value.get(subnet_id) if isinstance(network.subnets, Known) else None


def _missing(facts: Facts) -> str | None:
    read = [one.subnets for one in facts.networks.values()]
    return next((found for one in (*read, facts.placement.subnets) if (found := missing_permission(one))), None)
