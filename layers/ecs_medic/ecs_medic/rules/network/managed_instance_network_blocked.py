"""On Managed Instances, pulls, secrets and logs leave by the instance's primary interface, and that has no way out."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Finding, JsonValue, Outcome
from ecs_medic.incident import Incident
from ecs_medic.reachability.path import Hop, Path
from ecs_medic.rules.network.broken import WAY_OUT_KINDS, broken, evidence, first_phase, hosts, quiet, surest
from ecs_medic.rules.network.paths import NeedPath, paths_of
from ecs_medic.rules.network.ways_out import (
    by_managed_instance,
    endpoint_would_help,
    nat_leads_nowhere,
    no_endpoint_can_help,
    no_way_at_all,
    without_public_address,
)
from ecs_medic.vocabulary import Id


def managed_instance_network_blocked(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """One finding for the subnet of the instance's primary interface: the capacity provider's, not the task's."""
    needed = [one for one in paths_of(incident, facts).blocking if by_managed_instance(one, facts)]

    def test(one: NeedPath, way: Path) -> Hop | None:
        if not (endpoint_would_help(way) or no_endpoint_can_help(way)):
            return None
        return no_way_at_all(way) or without_public_address(way) or nat_leads_nowhere(one, way, facts)

    found = broken(needed, test)
    if not found:
        if needed:
            yield from quiet(Id.MANAGED_INSTANCE_NETWORK_BLOCKED, facts, needed, WAY_OUT_KINDS)
        return
    interface = found[0].needed.interface
    subnet = interface.subnet_id if interface else ""
    missing = sorted({service for one in found if (service := one.needed.need.destination.service)})
    params: dict[str, JsonValue] = {
        "subnet_id": subnet,
        "capacity_provider": facts.task.value.capacity_provider if isinstance(facts.task, Known) else None,
        "network_interface_id": interface.id if interface else None,
        "destinations": list(hosts(found)),
        "services": list(missing),
        "region": facts.region,
    }
    yield Finding(
        cause=Id.MANAGED_INSTANCE_NETWORK_BLOCKED,
        confidence=surest(found),
        summary=(
            f"The managed instance's primary interface in {subnet}, which carries pulls, secrets and logs, "
            f"has no way to {', '.join(hosts(found))}."
        ),
        subject=subnet,
        phase=first_phase(found),
        fix=fix_for(Id.MANAGED_INSTANCE_NETWORK_BLOCKED, params),
        params=params,
        evidence=evidence(found),
    )
