"""A Fargate task in a public subnet, without a public address."""

from collections.abc import Iterator, Sequence

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Finding, JsonValue, Outcome
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import FARGATE, launch_type
from ecs_medic.reachability.path import HopKind
from ecs_medic.rules.network.broken import WAY_OUT_KINDS, Broken, broken, evidence, first_phase, hosts, quiet, surest
from ecs_medic.rules.network.commands import aws
from ecs_medic.rules.network.paths import paths_of
from ecs_medic.rules.network.ways_out import without_public_address
from ecs_medic.vocabulary import Id


def public_subnet_without_public_ip(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Fires on Fargate alone: no other launch type gives a task's own interface a public address."""
    if launch_type(facts) not in {FARGATE, None}:
        return
    needed = paths_of(incident, facts).blocking
    found = broken(needed, lambda _, way: without_public_address(way))
    if not found:
        yield from quiet(Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP, facts, needed, WAY_OUT_KINDS)
        return
    interface = found[0].needed.interface
    subnet = interface.subnet_id if interface else ""
    params: dict[str, JsonValue] = {
        "subnet_id": subnet,
        "cluster": incident.cluster,
        "service": incident.service,
        "region": facts.region,
        "destinations": list(hosts(found)),
    }
    yield Finding(
        cause=Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP,
        confidence=surest(found),
        summary=(
            f"{subnet} leads to the internet by {_gateway(found)}, and the task has no public address "
            f"(assignPublicIp is off); out of reach: {', '.join(hosts(found))}."
        ),
        subject=incident.service or subnet,
        phase=first_phase(found),
        fix=fix_for(Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP, params, cli=_commands(incident, facts)),
        params=params,
        evidence=evidence(found),
    )


def _gateway(found: Sequence[Broken]) -> str:
    return next(hop.resource for hop in found[0].way.hops if hop.kind is HopKind.INTERNET_GATEWAY)


def _commands(incident: Incident, facts: Facts) -> list[str] | None:
    """The service's own configuration with the one change; None where there is no service to change."""
    awsvpc = facts.service.value.awsvpc if isinstance(facts.service, Known) else None
    if incident.service is None or awsvpc is None:
        return None
    network = (
        f"awsvpcConfiguration={{subnets=[{','.join(awsvpc.subnet_ids)}],"
        f"securityGroups=[{','.join(awsvpc.security_group_ids)}],assignPublicIp=ENABLED}}"
    )
    options = {"cluster": incident.cluster, "service": incident.service, "network-configuration": network}
    return [aws("ecs update-service", facts.region, options)]
