"""Turns an incident green, where verification says that it is over; else says when to look again."""

from datetime import UTC, datetime, timedelta

from ecs_medic.incident import Incident, Message, SymptomConfidence
from ecs_medic.ledger import diagnoses, leases, proofs, verifications
from ecs_medic.ledger.errors import LeaseLost
from ecs_medic.ledger.incidents import IncidentRecord
from ecs_medic.ledger.resolve import resolve
from ecs_medic.ledger.rhythm import SECOND, epoch_ms
from ecs_medic.redaction import redact
from ecs_medic.report.model import Report
from ecs_medic.response.announce import announce
from ecs_medic.response.meter import Metric
from ecs_medic.response.stored import Remembered
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.response.told import Told
from ecs_medic.response.verify import Past, Verification, verify


def end_if_over(incident_id: str, around: Surroundings) -> Told:
    """Verify an open incident on fresh facts, and tell what came of it. Nothing, where another run attends to it.

    Raises:
        AwsUnavailable: AWS cannot be asked.
        LedgerError: the ledger cannot be used.
    """
    now = epoch_ms(around.now())
    record = leases.claim(
        around.table, incident_id, owner=around.owner, now=now, only_if_due=False, rhythm=around.rhythm
    )
    if record is None or not record.is_open:
        return Told()
    told = Told()
    try:
        told = _ended(record, around)
    finally:
        _given_back(record, told, around)
    return told


def _ended(record: IncidentRecord, around: Surroundings) -> Told:
    kept = diagnoses.report_of(around.table, record.id)
    if kept is None or record.alert_id is None:
        return Told()
    now = around.now()
    again = incident_again(record, Remembered.from_json(kept.document).report)
    verification = verify(again, _past(record), around.reader(record.subject.region), now)
    around.log.info("verified", extra={"incident_id": record.id, "over": verification.over, "why": verification.words})
    words = redact(verification.words)
    proofs.say(around.table, record.id, record.alert_id, words, now=epoch_ms(now), rhythm=around.rhythm)
    if not verification.over:
        return _looked_at(record, record.alert_id, verification, around)
    resolved = resolve(
        around.table,
        record,
        owner=around.owner,
        read_at=epoch_ms(now),
        now=epoch_ms(around.now()),
        rhythm=around.rhythm,
    )
    if resolved is None:
        return Told()
    around.meter(Metric.RESOLVED)
    return announce(record.alert_id, around, hurry=True)


def _looked_at(record: IncidentRecord, alert_id: str, verification: Verification, around: Surroundings) -> Told:
    verifications.verified(around.table, record, now=epoch_ms(around.now()))
    if verification.again_at is None:
        verifications.cancel(around.table, record.id)
    else:
        at = epoch_ms(verification.again_at)
        verifications.schedule(around.table, record.id, at=at, rhythm=around.rhythm)
    return announce(alert_id, around)


def _given_back(record: IncidentRecord, told: Told, around: Surroundings) -> None:
    try:
        leases.settle(
            around.table,
            record.id,
            owner=around.owner,
            now=epoch_ms(around.now()),
            shown_count=told.shown.get(record.id),
            again_at=told.again_at,
            rhythm=around.rhythm,
        )
    except LeaseLost:
        around.log.warning("another run attends to it by now", extra={"incident_id": record.id})


def _past(record: IncidentRecord) -> Past:
    return Past(
        cause=record.cause,
        last_failure=datetime.fromtimestamp(record.last_seen / SECOND, UTC),
        longest_gap=timedelta(milliseconds=record.longest_gap),
    )


def incident_again(record: IncidentRecord, report: Report) -> Incident:
    """The incident as far as it is remembered: its task is long gone, its words are those of the report."""
    subject = record.subject
    account = f"arn:{subject.partition}:ecs:{subject.region}:{subject.account}"
    definition = report.incident.task_definition or subject.task_definition
    return Incident(
        kind=subject.kind,
        account=subject.account,
        region=subject.region,
        partition=subject.partition,
        cluster=subject.cluster,
        symptom=subject.symptom,
        symptom_confidence=report.incident.symptom_confidence or SymptomConfidence.LIKELY,
        message=Message(kind=subject.kind, stopped_reason=report.incident.message),
        occurred_at=report.incident.occurred_at,
        service=subject.service,
        task_definition_arn=f"{account}:task-definition/{definition}" if definition else None,
        launch_type=report.incident.launch_type or subject.launch_type,
    )
