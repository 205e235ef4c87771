"""What is normal life, and why nobody is woken for it."""

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.catalogue.lookup import row
from ecs_medic.finding import Confidence, Evidence, Finding, Phase
from ecs_medic.incident import Incident
from ecs_medic.vocabulary import Id


def normal_life(incident: Incident) -> Finding:
    """The finding that nothing is wrong, with the reason.

    `healthy` was seen in the account; everything else is what AWS's event says, and no more than likely.
    """
    subject = incident.task_arn or incident.service or incident.cluster
    message = incident.message
    said = " · ".join(part for part in (message.stop_code, message.stopped_reason, message.error_code) if part)
    entry = row(incident.symptom)
    seen = incident.symptom is Id.HEALTHY
    return Finding(
        cause=incident.symptom,
        confidence=Confidence.CONFIRMED if seen else Confidence.LIKELY,
        summary=f"{entry.title}: {entry.meaning}",
        subject=subject,
        phase=Phase.RUN,
        fix=fix_for(incident.symptom, {}),
        evidence=(Evidence("ecs:DescribeTasks" if seen else "event", subject, said or entry.title),),
    )
