"""What the holder of an incident's lease does: diagnose it if that is due, gather it with its like, tell Slack."""

from dataclasses import dataclass, replace

from ecs_medic.collect.identify import Identified
from ecs_medic.diagnosis import examine
from ecs_medic.incident import Incident
from ecs_medic.ledger import diagnoses, joining
from ecs_medic.ledger.incidents import IncidentRecord
from ecs_medic.ledger.rhythm import MINUTE, epoch_ms
from ecs_medic.report.model import Report
from ecs_medic.response.announce import announce
from ecs_medic.response.ending import look_later
from ecs_medic.response.evidence import evidence_of
from ecs_medic.response.giving_back import give_back
from ecs_medic.response.meter import Metric
from ecs_medic.response.root import root_of
from ecs_medic.response.routing import routing_of
from ecs_medic.response.stored import Remembered
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.response.told import Told
from ecs_medic.vocabulary import Id

_AGAIN_AFTER_A_CRASH = MINUTE


@dataclass(frozen=True, slots=True)
class Attended:
    """`report` is the fresh diagnosis, None where none was due."""

    report: Report | None
    told: Told


def attend(
    record: IncidentRecord, subject: Incident | Identified | None, around: Surroundings, *, hurry: bool = False
) -> Attended:
    """Do what is due about an incident whose lease this run holds, and give the lease back.

    `subject` is the failure as its newest event shows it; without one nothing is diagnosed.

    Raises:
        AwsUnavailable: AWS cannot be asked; the incident is due again soon.
        LedgerError: the ledger cannot be used; the lease runs out by itself.
    """
    try:
        return _attend(record, subject, around, hurry=hurry)
    except Exception:
        # Not the next event alone: the sweep takes it up as well, long before the lease would have run out.
        _due_again(record, around)
        raise


def _attend(
    record: IncidentRecord, subject: Incident | Identified | None, around: Surroundings, *, hurry: bool
) -> Attended:
    report = None
    if subject is not None and record.diagnosis_due(epoch_ms(around.now()), around.rhythm):
        report, record = _diagnosed(record, subject, around)
    elif record.is_open and record.is_unfinished:
        record = _gathered_again(record, around)
    told = announce(record.alert_id, around, hurry=hurry or report is not None) if record.alert_id else Told()
    give_back(record, told, around)
    if report is not None:
        look_later(record, around)
    return Attended(report, told)


def _diagnosed(
    record: IncidentRecord, subject: Incident | Identified, around: Surroundings
) -> tuple[Report, IncidentRecord]:
    now = around.now()
    examination = examine(subject, around.reader(record.subject.region), now, gap=around.gap)
    # What the event was filed under stays its name, whatever the account told since.
    named = examination.report.incident.model_copy(update={"id": record.id})
    report = examination.report.model_copy(update={"incident": named})
    around.meter(Metric.DIAGNOSED)
    if report.verdict.cause is Id.UNKNOWN:
        around.meter(Metric.UNKNOWN_CAUSE)
    around.log.info("diagnosed", extra={"report": report.model_dump(mode="json", exclude={"ruled_out", "pictures"})})
    facts = examination.facts
    routing = routing_of(facts)
    written = diagnoses.diagnosed(
        around.table,
        record,
        diagnoses.Diagnosis(
            at=epoch_ms(now),
            cause=report.verdict.cause,
            confidence=report.verdict.confidence,
            guilty=report.verdict.subject,
            report=Remembered(report, routing).as_json(),
            evidence=evidence_of(facts),
        ),
        owner=around.owner,
        rhythm=around.rhythm,
    )
    return report, _gathered(written, report, routing.channel, around)


def _gathered(record: IncidentRecord, report: Report, channel: str | None, around: Surroundings) -> IncidentRecord:
    joined = joining.join(
        around.table,
        record,
        root_of(report, channel),
        owner=around.owner,
        now=epoch_ms(around.now()),
        rhythm=around.rhythm,
    )
    if joined.left:
        announce(joined.left, around, hurry=True)
    return replace(record, alert_id=joined.alert.id)


def _gathered_again(record: IncidentRecord, around: Surroundings) -> IncidentRecord:
    """What a run that was cut off had diagnosed, and not yet told."""
    kept = diagnoses.report_of(around.table, record.id)
    if kept is None:
        return record
    remembered = Remembered.from_json(kept.document)
    return _gathered(record, remembered.report, remembered.routing.channel, around)


def _due_again(record: IncidentRecord, around: Surroundings) -> None:
    soon = Told(again_at=epoch_ms(around.now()) + _AGAIN_AFTER_A_CRASH)
    try:
        give_back(record, soon, around, finished=False)
    except Exception:  # noqa: BLE001 - the first error is the one to tell; the lease runs out by itself
        around.log.warning("the lease could not be given back", extra={"incident_id": record.id})
