"""Causes that AWS's own message names and that no read of the account shows better: no more than likely."""

from collections.abc import Iterator, Mapping, Sequence

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.catalogue.lookup import row
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Phase
from ecs_medic.incident import Incident, SymptomConfidence
from ecs_medic.vocabulary import Id


def reported(
    cause: Id,
    incident: Incident,
    *,
    phase: Phase,
    summary: str | None = None,
    params: Mapping[str, JsonValue] | None = None,
    evidence: Sequence[Evidence] = (),
) -> Iterator[Finding]:
    """The finding where the incident's symptom is this very cause; `evidence` is what was seen besides AWS's words."""
    if incident.symptom is not cause:
        return
    given: dict[str, JsonValue] = {**surroundings(incident), **(params or {})}
    sure = incident.symptom_confidence is SymptomConfidence.CERTAIN
    yield Finding(
        cause=cause,
        confidence=Confidence.LIKELY if sure else Confidence.POSSIBLE,
        summary=summary or f"{row(cause).title}: this is what AWS says; the account's state does not show it.",
        subject=subject_of(incident),
        phase=phase,
        fix=fix_for(cause, given),
        params=given,
        evidence=(*words(incident), *evidence),
    )


def surroundings(incident: Incident) -> dict[str, JsonValue]:
    """The params that the commands of most causes need."""
    return {
        "region": incident.region,
        "cluster": incident.cluster,
        "service": incident.service,
        "task_definition": incident.task_definition,
        "task_arn": incident.task_arn,
    }


def subject_of(incident: Incident) -> str:
    """The service, else the task, else the cluster; of a refused call what it was for."""
    return incident.service or incident.subject


def words(incident: Incident) -> tuple[Evidence, ...]:
    """What AWS said, as evidence."""
    message = incident.message
    said = " · ".join(
        part
        for part in (message.stop_code, message.stopped_reason, message.container_reason, message.error_code)
        if part
    )
    return (Evidence("event", subject_of(incident), said),) if said else ()
