"""The words that all forms of a report share: for ids, confidences, changes, and what stands at the top."""

from ecs_medic.catalogue.lookup import row
from ecs_medic.finding import Confidence
from ecs_medic.report.model import Changed, Evidence, Report
from ecs_medic.report.text import one_line
from ecs_medic.vocabulary import Id

CONFIDENCE = {
    Confidence.CONFIRMED: ("Confirmed", "the account's state was read and shows it"),
    Confidence.LIKELY: ("Likely", "the evidence points here, but part of it is approximate or could not be read"),
    Confidence.POSSIBLE: ("Possible", "wrong in itself, but not shown to be why this failed"),
    Confidence.UNKNOWN: ("Unknown", "the evidence does not name a cause"),
}
"""Of each confidence: the word, and what it promises."""

PARTIAL = "Time ran out before everything was read: this report is partial."
"""Said where a diagnosis had to end before it had come to its end."""

LAUNCH_TYPES = {
    "FARGATE": "Fargate",
    "EC2": "EC2",
    "EXTERNAL": "ECS Anywhere",
    "MANAGED_INSTANCES": "Managed Instances",
}


def launch_type(name: str) -> str:
    """A launch type as AWS's documentation writes it."""
    return LAUNCH_TYPES.get(name, name)


def title(identifier: Id) -> str:
    """What the id means, in one line."""
    return row(identifier).title


def documentation(identifier: Id) -> tuple[str, ...]:
    """Where AWS documents it."""
    return row(identifier).documentation


def headline(report: Report) -> str:
    """What is wrong in one line; where the cause is unknown, what was seen of it."""
    verdict, symptom = report.verdict, report.incident.symptom
    if verdict.cause is Id.UNKNOWN and symptom is not Id.UNKNOWN:
        return f"{one_line(title(symptom))} (cause unknown)"
    return one_line(title(verdict.cause))


def new_evidence(report: Report) -> tuple[Evidence, ...]:
    """The verdict's evidence without what only repeats AWS's message, which every form shows by itself."""
    said = one_line(report.incident.message or "")
    return tuple(one for one in report.verdict.evidence if one.source != "event" or one_line(one.observed) not in said)


def changed_by(changed: Changed) -> str:
    """When and by whom, as far as it is known."""
    by = f"by {changed.by}" if changed.by else ""
    at = changed.at.strftime("%Y-%m-%d %H:%M:%S UTC") if changed.at else ""
    return ", ".join(part for part in (by, at) if part)
