"""Findings on secrets whose only witness is ECS's own message."""

from collections.abc import Iterator, Sequence

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.catalogue.lookup import row
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Phase
from ecs_medic.incident import Incident, SymptomConfidence
from ecs_medic.rules.secrets.stored import Asked
from ecs_medic.vocabulary import Id


def said(incident: Incident) -> Evidence:
    """The words that the event carries."""
    message = incident.message
    words = " · ".join(part for part in (message.container_reason, message.stopped_reason) if part)
    return Evidence("event", incident.task_arn or incident.service or incident.cluster, words or "no message")


def one_of(cause: Id, asked: Sequence[Asked], incident: Incident) -> Iterator[Finding]:
    """One finding for all the secrets that the message can be about; nothing where there is none."""
    if not asked:
        return
    certain = incident.symptom_confidence is SymptomConfidence.CERTAIN
    secrets = list(dict.fromkeys(one.to.arn for one in asked))
    single = len(secrets) == 1
    params: dict[str, JsonValue] = asked[0].params() if single else {"secrets": list[JsonValue](secrets)}
    which = secrets[0] if single else f"one of {', '.join(secrets)}"
    yield Finding(
        cause=cause,
        confidence=Confidence.LIKELY if certain else Confidence.POSSIBLE,
        summary=f"{row(cause).title}, as ECS says: {which}. Values of secrets are never read here.",
        subject=secrets[0] if single else incident.task_arn or incident.cluster,
        phase=Phase.SECRETS,
        fix=fix_for(cause, params),
        params=params,
        evidence=(said(incident),),
    )
