"""What is normal life, and why nobody is woken for it."""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.catalogue.lookup import row
from ecs_medic.finding import Confidence, Evidence, Finding, Phase
from ecs_medic.incident import Incident
from ecs_medic.vocabulary import Id

_LONGEST_REASON = 200


def normal_life(incident: Incident, *, by: str | None = None, evidence: Iterable[Evidence] = ()) -> Finding:
    """The finding that nothing is wrong, with the reason: AWS's own words, and who did it where that is known.

    `healthy` was seen in the account; everything else is what AWS's event says, and no more than likely.
    """
    subject = incident.task_arn or incident.service or incident.cluster
    message = incident.message
    said = " · ".join(part for part in (message.stop_code, message.stopped_reason, message.error_code) if part)
    entry = row(incident.symptom)
    seen = incident.symptom is Id.HEALTHY
    reasons = [f"{entry.title}: {entry.meaning}"]
    if by:
        reasons.append(f"It was {by}.")
    if message.stopped_reason and not seen:
        reasons.append(f"AWS's reason: {_short(message.stopped_reason)}.")
    return Finding(
        cause=incident.symptom,
        confidence=Confidence.CONFIRMED if seen else Confidence.LIKELY,
        summary=" ".join(reasons),
        subject=subject,
        phase=Phase.RUN,
        fix=fix_for(incident.symptom, {}),
        params={"stopped_by": by} if by else {},
        evidence=(
            Evidence("ecs:DescribeTasks" if seen else "event", subject, said or entry.title),
            *evidence,
        ),
    )


def _short(reason: str) -> str:
    text = " ".join(reason.split()).rstrip(".")
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON].rpartition(" ")[0] + " …"
