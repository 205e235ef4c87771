"""The honest verdict: nothing that was read explains this failure."""

import shlex
from collections.abc import Iterable

from ecs_medic.catalogue.lookup import candidates, row
from ecs_medic.finding import Confidence, Evidence, Finding, Fix, NotChecked, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.vocabulary import Id

_MOST_CANDIDATES = 6


def unknown_finding(
    incident: Incident, not_checked: Iterable[NotChecked] = (), ruled_out: Iterable[RuledOut] = ()
) -> Finding:
    """The finding `unknown`: it says what was not found, what is left to look at, and which reads would help."""
    gaps = tuple(not_checked)
    permissions = sorted({gap.missing_permission for gap in gaps if gap.missing_permission})
    excluded = {out.cause for out in ruled_out}
    left = [cause for cause in candidates(incident.symptom) if cause not in excluded][:_MOST_CANDIDATES]
    return Finding(
        cause=Id.UNKNOWN,
        confidence=Confidence.UNKNOWN,
        summary=_summary(gaps),
        subject=incident.subject,
        phase=Phase.SERVICE,
        fix=Fix(
            summary=_advice(permissions),
            steps=tuple(f"It may be: {row(cause).title}" for cause in left),
            cli=_commands(incident),
        ),
        params={"symptom": incident.symptom.value, "candidates": [cause.value for cause in left]},
        evidence=_evidence(incident),
    )


def _summary(gaps: tuple[NotChecked, ...]) -> str:
    if not gaps:
        return "Nothing that was read explains this failure"
    what = "one check" if len(gaps) == 1 else f"{len(gaps)} checks"
    return f"Nothing that could be read explains this failure, and {what} could not be made"


def _advice(permissions: list[str]) -> str:
    if permissions:
        return f"Allow the missing reads ({', '.join(permissions)}) and diagnose again"
    return "Read AWS's own words and look at what they name"


def _evidence(incident: Incident) -> tuple[Evidence, ...]:
    said = incident.message.container_reason or incident.message.stopped_reason
    if not said:
        return ()
    return (Evidence("event", incident.subject, said),)


def _commands(incident: Incident) -> tuple[str, ...]:
    where = f"--region {shlex.quote(incident.region)} --cluster {shlex.quote(incident.cluster)}"
    if incident.task_arn:
        return (f"aws ecs describe-tasks {where} --tasks {shlex.quote(incident.task_arn)} --include TAGS",)
    if incident.service:
        return (f"aws ecs describe-services {where} --services {shlex.quote(incident.service)}",)
    return ()
