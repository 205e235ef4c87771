"""What gathers services into one alert: the same cause on the same guilty resource."""

import re

from ecs_medic.finding import Confidence
from ecs_medic.ledger.roots import Root
from ecs_medic.report.model import Finding, Report

_SHOWN = frozenset({Confidence.CONFIRMED, Confidence.LIKELY})
_OTHER_THAN_ECS = re.compile(r"arn:aws[a-z-]*:(?!ecs:)[a-z0-9-]+:")
_RESOURCE_ID = re.compile(r"(vpc|subnet|sg|rtb|acl|vpce|nat|igw|eni|eigw|pl|fs|fsap|i|vol|dopt)-[0-9a-f]{6,}")


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
    if verdict.subject in own or not _is_shared(verdict.subject):
        return None
    return f"{verdict.subject} {_first_service(verdict)}".strip()


def _is_shared(subject: str) -> bool:
    """ARNs of other services than ECS, ids of networks and file systems, paths of log groups, image references."""
    if subject.startswith("arn:"):
        return bool(_OTHER_THAN_ECS.match(subject))
    return bool(_RESOURCE_ID.fullmatch(subject)) or "/" in subject


def _first_service(verdict: Finding) -> str:
    """Of missing endpoints, the first: a task that lacks three and one that lacks two of them fail by the same one."""
    services = verdict.params.get("services")
    return min(map(str, services)) if isinstance(services, list | tuple) and services else ""
