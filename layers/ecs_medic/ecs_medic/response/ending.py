"""Turns an incident green, where verification says that it is over; else says when to look again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ecs_medic.incident import REFUSED_CALLS, ExecAttempt, Incident, Kind, Message, SymptomConfidence
from ecs_medic.ledger import alerts, diagnoses, leases, proofs, verifications
from ecs_medic.ledger.errors import LeaseLost
from ecs_medic.ledger.incidents import IncidentRecord, State
from ecs_medic.ledger.resolve import resolve
from ecs_medic.ledger.rhythm import HOUR, MINUTE, SECOND, epoch_ms
from ecs_medic.redaction import redact
from ecs_medic.report.model import Report
from ecs_medic.response.announce import announce
from ecs_medic.response.giving_back import give_back
from ecs_medic.response.meter import Metric
from ecs_medic.response.opener import opening_incident
from ecs_medic.response.stored import Remembered
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.response.time_left import ENOUGH_TO_LOOK_SECONDS
from ecs_medic.response.told import Told
from ecs_medic.verification import Past, Verification, lived, verify
from ecs_medic.vocabulary import Id

_PAUSES = (5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE, 80 * MINUTE, 160 * MINUTE, 4 * HOUR)
"""Between two looks in vain: what does not get well is looked at ever more rarely, until an event says otherwise."""
_FIRST_LOOK = 10 * MINUTE
"""After the last diagnosis of what no event ends: a service runs on while a session is refused."""
_SOON = 2 * MINUTE
"""Longer than the function takes that looks by itself."""
_OF_WHAT_RUNS = frozenset({Kind.STOPPED_TASK, Kind.SERVICE_EVENT})
_WHOSE_CALLS = frozenset({Id.EXEC_CALLER_DENIED, Id.EXEC_CALLER_LACKS_KMS})
"""Causes that lie in the caller's own role."""


def look_later(record: IncidentRecord, around: Surroundings) -> None:
    """Have a refused session or call that was just diagnosed verified without any event; what fails to run has some."""
    of_a_service = record.subject.kind is Kind.EXEC_ERROR and record.subject.service is not None
    if not of_a_service and record.subject.kind not in REFUSED_CALLS:
        return
    at = epoch_ms(around.now()) + _FIRST_LOOK
    verifications.schedule(around.table, record.id, at=at, rhythm=around.rhythm)


def verify_soon(incident_id: str, around: Surroundings) -> None:
    """Have the sweep look whether it is over; an open incident's earlier appointment is replaced."""
    at = epoch_ms(around.now()) + _SOON
    verifications.schedule(around.table, incident_id, at=at, rhythm=around.rhythm)


def end_repaired(incident_id: str, words: str, around: Surroundings) -> Told:
    """End an incident whose repair has just been proven: `words`, which must be redacted already, are the proof.

    Nothing, where another run of the function attends to it: then it is verified soon. So are the others that its
    message tells of.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    now = epoch_ms(around.now())
    record = leases.claim(
        around.table, incident_id, owner=around.owner, now=now, only_if_due=False, rhythm=around.rhythm
    )
    if record is None:
        return Told()
    told = Told()
    try:
        if record.is_open and record.alert_id is not None:
            _others_soon(record.alert_id, incident_id, around)
            proofs.say(around.table, incident_id, record.alert_id, words, now=now, rhythm=around.rhythm)
            told = _resolved(record, record.alert_id, now, around) or Told()
    finally:
        _given_back(record, told, around)
    return told


def _others_soon(alert_id: str, incident_id: str, around: Surroundings) -> None:
    for member in alerts.members(around.table, alert_id):
        if member.incident_id != incident_id and member.state is State.OPEN:
            verify_soon(member.incident_id, around)


def end_before_told(record: IncidentRecord, around: Surroundings) -> Told | None:
    """End what was diagnosed long after it failed, and is over by now: nobody is to run for it. None where it is not.

    The caller holds the lease. What is not over is soon looked at again: the events that speak of its end are past.

    Raises:
        AwsUnavailable: AWS cannot be asked.
        LedgerError: the ledger cannot be used.
    """
    now = around.now()
    if epoch_ms(now) - record.last_seen <= around.rhythm.late:
        return None
    verify_soon(record.id, around)
    kept = diagnoses.report_of(around.table, record.id)
    if kept is None or record.alert_id is None or record.subject.kind not in _OF_WHAT_RUNS:
        return None
    verification = _verified(record, Remembered.from_json(kept.document).report, now, around)
    if not verification.over:
        return None
    words = redact(verification.words)
    proofs.say(around.table, record.id, record.alert_id, words, now=epoch_ms(now), rhythm=around.rhythm)
    return _resolved(record, record.alert_id, epoch_ms(now), around)


def end_those_over(incident_ids: Sequence[str], around: Surroundings) -> tuple[Told, ...]:
    """Verify one open incident after the other, as long as there is time, and tell what came of those.

    Raises:
        AwsUnavailable: AWS cannot be asked.
        LedgerError: the ledger cannot be used.
    """
    # All of them before the first is looked at: that may take all the time there is.
    for incident_id in incident_ids:
        _have_it_looked_at(incident_id, around, 0)
    told: list[Told] = []
    for incident_id in incident_ids:
        if around.seconds_left() < ENOUGH_TO_LOOK_SECONDS:
            break
        told.append(_end_if_over(incident_id, around, 0))
    return tuple(told)


def end_if_over(incident_id: str, around: Surroundings, *, attempts: int = 0) -> Told:
    """Verify an open incident on fresh facts, and tell what came of it. Nothing, where another run attends to it.

    `attempts` is how often that was in vain since an event spoke of its end.

    Raises:
        AwsUnavailable: AWS cannot be asked.
        LedgerError: the ledger cannot be used.
    """
    _have_it_looked_at(incident_id, around, attempts)
    return _end_if_over(incident_id, around, attempts)


def _have_it_looked_at(incident_id: str, around: Surroundings, attempts: int) -> None:
    """The sweep looks again where this run is cut off, or another one holds the lease."""
    at = epoch_ms(around.now()) + around.rhythm.lease
    verifications.schedule(around.table, incident_id, at=at, attempts=attempts + 1, rhythm=around.rhythm)


def _end_if_over(incident_id: str, around: Surroundings, attempts: int) -> Told:
    now = epoch_ms(around.now())
    record = leases.claim(
        around.table, incident_id, owner=around.owner, now=now, only_if_due=False, rhythm=around.rhythm
    )
    if record is None:
        return Told()
    if not record.is_open:
        verifications.cancel(around.table, incident_id)
        return Told()
    told = Told()
    try:
        told = _ended(record, around, attempts)
    finally:
        _given_back(record, told, around)
    return told


def _ended(record: IncidentRecord, around: Surroundings, attempts: int) -> Told:
    kept = diagnoses.report_of(around.table, record.id)
    if kept is None or record.alert_id is None:
        return Told()
    now = around.now()
    verification = _verified(record, Remembered.from_json(kept.document).report, now, around)
    words = redact(verification.words)
    proofs.say(around.table, record.id, record.alert_id, words, now=epoch_ms(now), rhythm=around.rhythm)
    if not verification.over:
        return _looked_at(record, record.alert_id, verification, attempts, around)
    return _resolved(record, record.alert_id, epoch_ms(now), around) or Told()


def _verified(record: IncidentRecord, report: Report, now: datetime, around: Surroundings) -> Verification:
    opener = opening_incident(record.id, around)
    again = incident_again(record, report, opener)
    verification = verify(again, _past(record, report, opener), around.reader(record.subject.region), now)
    around.log.info("verified", extra={"incident_id": record.id, "over": verification.over, "why": verification.words})
    return verification


def _resolved(record: IncidentRecord, alert_id: str, read_at: int, around: Surroundings) -> Told | None:
    """What came of telling that it is over; None where it is not as `record` says any more."""
    resolved = resolve(
        around.table,
        record,
        owner=around.owner,
        read_at=read_at,
        now=epoch_ms(around.now()),
        rhythm=around.rhythm,
    )
    if resolved is None:
        return None
    around.meter(Metric.RESOLVED)
    return announce(alert_id, around, hurry=True)


def _looked_at(
    record: IncidentRecord, alert_id: str, verification: Verification, attempts: int, around: Surroundings
) -> Told:
    now = epoch_ms(around.now())
    verifications.verified(around.table, record, now=now)
    if verification.for_good:
        verifications.cancel(around.table, record.id)
    elif verification.again_at is not None:
        at = epoch_ms(verification.again_at)
        verifications.schedule(around.table, record.id, at=at, attempts=attempts, rhythm=around.rhythm)
    else:
        at = now + _PAUSES[min(attempts, len(_PAUSES) - 1)]
        verifications.schedule(around.table, record.id, at=at, attempts=attempts + 1, rhythm=around.rhythm)
    return announce(alert_id, around)


def _given_back(record: IncidentRecord, told: Told, around: Surroundings) -> None:
    try:
        give_back(record, told, around, finished=not record.is_unfinished)
    except LeaseLost:
        around.log.warning("another run attends to it by now", extra={"incident_id": record.id})


def _past(record: IncidentRecord, report: Report, opener: Incident | None) -> Past:
    # Gaps are measured at the events that are attended to: the mean knows of those in between.
    mean = (record.last_seen - record.first_seen) // (record.count - 1) if record.count > 1 else 0
    return Past(
        cause=record.cause,
        last_failure=datetime.fromtimestamp(record.last_seen / SECOND, UTC),
        longest_gap=timedelta(milliseconds=max(record.gap, mean)),
        lived=lived(opener.task if opener else None),
        shown_by=frozenset(one.source for one in report.verdict.evidence),
    )


def incident_again(record: IncidentRecord, report: Report, opener: Incident | None = None) -> Incident:
    """The incident as far as it is remembered: its task is long gone, its words are those of the report.

    Who tried to open a session is known from the event that opened the incident, later from the report.
    """
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
        exec_attempt=opener.exec_attempt if opener and opener.exec_attempt else _attempt(record, report),
        refused_call=opener.refused_call if opener else None,
    )


def _attempt(record: IncidentRecord, report: Report) -> ExecAttempt | None:
    if record.subject.kind is not Kind.EXEC_ERROR:
        return None
    return ExecAttempt(
        caller_arn=report.incident.caller,
        task=None,
        container=report.exec_answer.asked_for if report.exec_answer else None,
        issuer_arn=record.guilty if record.cause in _WHOSE_CALLS else None,
    )
