"""What gathers services into one alert: the same cause on the same guilty resource."""

from ecs_medic.finding import Confidence
from ecs_medic.ledger.roots import Root
from ecs_medic.report.model import Report
from ecs_medic.report.shared_resource import first_service, is_shared

_SHOWN = frozenset({Confidence.CONFIRMED, Confidence.LIKELY})


def root_of(report: Report, channel: str | None) -> Root:
    """What all failures by this cause on this resource have in common, in this channel.

    A failure whose cause is not shown has a root of its own, and one whose cause lies in the service itself shares it
    with that service's other failures alone.
    """
    incident, verdict = report.incident, report.verdict
    if verdict.confidence not in _SHOWN:
        guilty = incident.id
    else:
        guilty = shared_resource(report) or f"{incident.cluster}/{incident.subject}"
    return Root(verdict.cause, guilty, incident.account, incident.region, channel or "")


def shared_resource(report: Report) -> str | None:
    """The guilty resource, where others may depend on it too; None where it is the service's or the task's own."""
    incident, verdict = report.incident, report.verdict
    own = {incident.subject, incident.cluster, incident.service, incident.task_definition}
    if verdict.subject in own or not is_shared(verdict.subject):
        return None
    return f"{verdict.subject} {first_service(verdict.params)}".strip()
