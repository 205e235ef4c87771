"""What the rules on images share: the parameters of a finding, and causes that the registry's own words show."""

from collections.abc import Iterable, Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.catalogue.lookup import row
from ecs_medic.facts import Facts
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, Phase
from ecs_medic.incident import Incident, SymptomConfidence
from ecs_medic.needs.pulls import Pull, pulls
from ecs_medic.vocabulary import Id


def params_of(pull: Pull, incident: Incident, **more: JsonValue) -> dict[str, JsonValue]:
    """Image and container, and what a command on the image needs to be told."""
    found: dict[str, JsonValue] = {
        "image": pull.container.image,
        "container": pull.container.name,
        "cluster": incident.cluster,
        "service": incident.service,
        "region": incident.region,
    }
    if pull.repository is not None:
        found |= {
            "repository": pull.repository.name,
            "registry_id": pull.repository.account,
            "region": pull.repository.region,
        }
    return found | more


def said(incident: Incident) -> Evidence:
    """The words that the event carries."""
    message = incident.message
    words = " · ".join(part for part in (message.container_reason, message.stopped_reason) if part)
    return Evidence("event", incident.task_arn or incident.service or incident.cluster, words or "no message")


def meant(incident: Incident, facts: Facts) -> tuple[Pull, ...]:
    """The image that the message is about, where that can be told; else nothing."""
    found = pulls(incident, facts)
    return found if len(found) == 1 else ()


def shown_by_message(
    cause: Id, incident: Incident, facts: Facts, *, also: Iterable[Evidence] = (), summary: str | None = None
) -> Iterator[Finding]:
    """The finding that the registry's words amount to, where they are the symptom: nothing here can look behind them.

    At most likely, and only possible where the reading of the message is itself uncertain.
    """
    if incident.symptom is not cause:
        return
    certain = incident.symptom_confidence is SymptomConfidence.CERTAIN
    found = meant(incident, facts)
    params = params_of(found[0], incident) if found else {}
    about = f" ({found[0].container.image}, container {found[0].container.name})" if found else ""
    yield Finding(
        cause=cause,
        confidence=Confidence.LIKELY if certain else Confidence.POSSIBLE,
        summary=summary or f"{row(cause).title}{about}: the registry says so, and nothing here can look behind it.",
        subject=found[0].container.image if found else incident.task_arn or incident.cluster,
        phase=Phase.IMAGE,
        fix=fix_for(cause, params),
        params=params,
        evidence=(said(incident), *also),
    )
