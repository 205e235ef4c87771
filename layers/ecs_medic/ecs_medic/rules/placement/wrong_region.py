"""The call went to another Region than that of the resource whose ARN it named."""

import re
from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.finding import Evidence, JsonValue, Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.rules.reported import reported
from ecs_medic.vocabulary import Id

_REGION_OF_ECS_ARN = re.compile(r"arn:[a-z-]+:ecs:([a-z]{2}(?:-[a-z]+)+-\d):")


def wrong_region(incident: Incident, _facts: Facts) -> Iterator[Outcome]:
    """AWS's word, with the Region that the ARN in it, or the ARN that the caller named, belongs to."""
    named = " ".join(
        part
        for part in (incident.message.stopped_reason, incident.exec_attempt.task if incident.exec_attempt else None)
        if part
    )
    other = next((region for region in _REGION_OF_ECS_ARN.findall(named) if region != incident.region), None)
    evidence = (
        (Evidence("event", other, f"the ARN is of {other}, the call went to {incident.region}"),) if other else ()
    )
    params: dict[str, JsonValue] = {"resource_region": other}
    where = f" It belongs to {other}." if other else ""
    yield from reported(
        Id.WRONG_REGION,
        incident,
        phase=Phase.SERVICE,
        summary=f"The call to {incident.region} named a resource of another Region.{where}",
        params=params,
        evidence=evidence,
    )
