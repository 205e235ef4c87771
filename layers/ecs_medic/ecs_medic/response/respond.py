"""One EventBridge event, on one screen: rejected, ignored, counted, diagnosed and told, or looked at as an end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ecs_medic.collect.identify import Identified, identify
from ecs_medic.diagnosis import diagnose
from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.calling_role import calling_role
from ecs_medic.events.parse import parse
from ecs_medic.incident import Incident, Kind
from ecs_medic.ledger import aliases, arrivals, services
from ecs_medic.ledger.aliases import Alias
from ecs_medic.ledger.arrivals import Arrival, Arrived
from ecs_medic.ledger.incidents import Occurrence
from ecs_medic.ledger.rhythm import epoch_ms
from ecs_medic.response.attend import attend
from ecs_medic.response.ending import end_those_over
from ecs_medic.response.kept_event import redacted
from ecs_medic.response.meter import Metric
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.vocabulary import NORMAL_LIFE


@dataclass(frozen=True, slots=True)
class Response:
    """What the function answers for one event; the names are part of the product's contract."""

    status: str
    incident_id: str | None = None
    action: str | None = None
    verdict: Mapping[str, str] | None = None
    posted: bool = False
    remediation: str = "none"


def respond(event: object, around: Surroundings) -> Response:
    """Do the main job for one event. Whatever goes wrong after it was understood is raised: Lambda tries again.

    Raises:
        AwsUnavailable: AWS cannot be asked.
        LedgerError: the ledger cannot be used.
    """
    if calling_role(event) in around.own_roles:
        # What the stack itself is refused is in its own log and in the alert of what it was about.
        return Response(status="ignored")
    try:
        incident = parse(event)
    except BadEventError as error:
        around.reject(event, str(error))
        return Response(status="rejected")
    if incident.can_end:
        return _ended(incident, around)
    if incident.symptom in NORMAL_LIFE:
        return _ignored(incident, around)
    return _failed(event, _identified(incident, around), around)


def _ignored(incident: Incident, around: Surroundings) -> Response:
    report = diagnose(incident, around.reader(incident.region), around.now())
    return Response(
        "ignored", report.incident.id, report.action, _verdict(report.verdict.cause, report.verdict.confidence)
    )


def _failed(event: object, identified: Identified, around: Surroundings) -> Response:
    incident = identified.incident
    around.about(incident.id)
    occurrence = Occurrence.of(incident)
    arrived = arrivals.arrive(
        around.table,
        occurrence,
        now=epoch_ms(around.now()),
        owner=around.owner,
        opener=lambda: redacted(event),
        rhythm=around.rhythm,
    )
    if arrived.record is None:
        return _counted(incident, arrived, around)
    around.get_ready(incident.region)
    if arrived.arrival in {Arrival.OPENED, Arrival.REOPENED}:
        around.meter(Metric.OPENED)
    attended = attend(
        arrived.record,
        identified,
        around,
        event=lambda: redacted(event),
        hurry=arrived.arrival is not Arrival.DUE,
    )
    if attended.report is None:
        record = arrived.record
        counted = _verdict(record.cause, record.confidence)
        return Response("counted", record.id, "alert", counted, attended.told.posted, attended.remediation)
    verdict = attended.report.verdict
    found = _verdict(verdict.cause, verdict.confidence)
    return Response("diagnosed", incident.id, "alert", found, attended.told.posted, attended.remediation)


def _counted(incident: Incident, arrived: Arrived, around: Surroundings) -> Response:
    around.meter(Metric.SUPPRESSED)
    status = "duplicate" if arrived.arrival is Arrival.DUPLICATE else "counted"
    return Response(status, incident.id, "alert")


def _ended(incident: Incident, around: Surroundings) -> Response:
    """A steady state, or a deployment that is complete: each open incident of the service is looked at again."""
    report = diagnose(incident, around.reader(incident.region), around.now())
    verdict = _verdict(report.verdict.cause, report.verdict.confidence)
    named = services.incidents_of(
        around.table, incident.account, incident.region, incident.cluster, incident.service or ""
    )
    told = end_those_over(named, around)
    posted = any(one.posted for one in told)
    return Response("resolved", named[0] if named else incident.id, report.action, verdict, posted)


def _identified(incident: Incident, around: Surroundings) -> Identified:
    """An ECS Exec failure with the service of its task: remembered from an earlier one, else asked of ECS."""
    attempt = incident.exec_attempt
    if incident.kind is not Kind.EXEC_ERROR or incident.service is not None or attempt is None or not attempt.task:
        return Identified(incident)
    task = f"{incident.account}/{incident.region}/{incident.cluster}/{attempt.task.rsplit('/', 1)[-1]}"
    if alias := aliases.alias_of(around.table, task):
        return Identified(
            replace(
                incident,
                service=alias.service,
                task_definition_arn=alias.task_definition_arn,
                launch_type=incident.launch_type or alias.launch_type,
            )
        )
    identified = identify(incident, around.reader(incident.region))
    found = identified.incident
    if found.task_definition_arn:
        alias = Alias(found.service, found.task_definition_arn, found.launch_type)
        aliases.remember(around.table, task, alias, epoch_ms(around.now()))
    return identified


def _verdict(cause: str | None, confidence: str | None) -> dict[str, str] | None:
    return {"cause": str(cause), "confidence": str(confidence)} if cause and confidence else None
