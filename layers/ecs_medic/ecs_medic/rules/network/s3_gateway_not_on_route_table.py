"""The gateway endpoint of Amazon S3 exists, and the subnet's route table does not lead to it."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Finding, JsonValue, Outcome
from ecs_medic.incident import Incident
from ecs_medic.reachability.path import NoEndpointBecause
from ecs_medic.rules.network.broken import WAY_OUT_KINDS, blocked_way_out, broken, evidence, first_phase, quiet, surest
from ecs_medic.rules.network.commands import aws
from ecs_medic.rules.network.paths import paths_of
from ecs_medic.vocabulary import Id


def s3_gateway_not_on_route_table(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """One finding for each route table that would have to be associated."""
    needed = [one for one in paths_of(incident, facts).blocking if one.need.destination.is_s3]
    found = broken(
        needed,
        lambda _, way: blocked_way_out(way) if way.no_endpoint is NoEndpointBecause.NOT_ON_ROUTE_TABLE else None,
    )
    for endpoint, table in dict.fromkeys((one.way.endpoint_id or "", one.way.route_table_id or "") for one in found):
        here = [one for one in found if one.way.route_table_id == table]
        params: dict[str, JsonValue] = {
            "vpc_endpoint_id": endpoint,
            "route_table_id": table,
            "service": here[0].needed.need.destination.service,
            "region": facts.region,
        }
        options = {"vpc-endpoint-id": endpoint, "add-route-table-ids": table}
        yield Finding(
            cause=Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE,
            confidence=surest(here),
            summary=f"The S3 gateway endpoint {endpoint} exists, but {table}, the task's route table, is not "
            "associated with it, and there is no other way to S3.",
            subject=table,
            phase=first_phase(here),
            fix=fix_for(
                Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE,
                params,
                cli=[aws("ec2 modify-vpc-endpoint", facts.region, options)],
            ),
            params=params,
            evidence=evidence(here),
        )
    if not found:
        yield from quiet(Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE, facts, needed, WAY_OUT_KINDS)
