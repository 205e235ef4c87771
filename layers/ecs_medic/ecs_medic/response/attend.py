"""What the holder of an incident's lease does: diagnose it if that is due, gather it with its like, tell, repair."""

from dataclasses import dataclass, replace

from ecs_medic.aws.reader import AwsUnavailable, Reader
from ecs_medic.collect.identify import Identified
from ecs_medic.diagnosis import Examination, examine
from ecs_medic.incident import Incident
from ecs_medic.ledger import diagnoses, joining
from ecs_medic.ledger.errors import LedgerError
from ecs_medic.ledger.incidents import IncidentRecord
from ecs_medic.ledger.resolve import resolve
from ecs_medic.ledger.rhythm import MINUTE, epoch_ms
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.plan import Plan
from ecs_medic.repair.controls import Controls
from ecs_medic.repair.planned import Planned, asked_for_a_plan, planned
from ecs_medic.repair.proposal import Consent, Proposal
from ecs_medic.report.build import with_plan
from ecs_medic.report.model import Report
from ecs_medic.response.announce import announce
from ecs_medic.response.ending import end_before_told, look_later
from ecs_medic.response.evidence import evidence_of
from ecs_medic.response.giving_back import give_back
from ecs_medic.response.held_back import Held, held_back, is_being_repaired
from ecs_medic.response.meter import Metric
from ecs_medic.response.root import root_of
from ecs_medic.response.routing import routing_of
from ecs_medic.response.start_repair import Remediation, remediation_of, run_for, start_when_heard
from ecs_medic.response.stored import Remembered
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.response.told import Told
from ecs_medic.vocabulary import Id

_AGAIN_AFTER_A_CRASH = MINUTE
_LOOK_AGAIN = 2 * MINUTE


@dataclass(frozen=True, slots=True)
class Attended:
    """`report` is the fresh diagnosis, None where none was due."""

    report: Report | None
    told: Told
    remediation: Remediation = Remediation.NONE


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
    held = held_back(record, around)
    if held is not Held.NOT:
        return _waiting(record, held, around)
    report, run, told = None, None, None
    due = record.diagnosis_due(epoch_ms(around.now()), around.rhythm)
    if subject is not None and due and not is_being_repaired(record, around):
        remembered, record = _diagnosed(record, subject, around)
        report, told = remembered.report, end_before_told(record, around)
        run = None if told else run_for(record, remembered, around)
    elif record.is_open and record.is_unfinished:
        record, run = _gathered_again(record, around)
    if told is None:
        told = announce(record.alert_id, around, hurry=hurry or report is not None) if record.alert_id else Told()
    if run is not None:
        start_when_heard(run, told, around)
    give_back(record, told, around)
    if report is not None:
        look_later(record, around)
    return Attended(report, told, remediation_of(run))


def _waiting(record: IncidentRecord, held: Held, around: Surroundings) -> Attended:
    """Nothing is told of what fails while its service is being repaired, before the repair has come to its end."""
    if held is Held.OVER:
        now = epoch_ms(around.now())
        resolve(around.table, record, owner=around.owner, read_at=now, now=now, rhythm=around.rhythm)
        give_back(record, Told(), around)
    else:
        give_back(record, Told(again_at=epoch_ms(around.now()) + _LOOK_AGAIN), around, finished=False)
    return Attended(None, Told())


def _diagnosed(
    record: IncidentRecord, subject: Incident | Identified, around: Surroundings
) -> tuple[Remembered, IncidentRecord]:
    now = around.now()
    reader = around.reader(record.subject.region)
    controls = around.controls()
    examination = examine(subject, reader, now, gap=around.gap, prices=controls.policy.prices, along=asked_for_a_plan)
    plan = _planned(examination, reader, controls, around)
    # What the event was filed under stays its name, whatever the account told since.
    named = plan.report.incident.model_copy(update={"id": record.id})
    report = plan.report.model_copy(update={"incident": named})
    around.meter(Metric.DIAGNOSED)
    if report.verdict.cause is Id.UNKNOWN:
        around.meter(Metric.UNKNOWN_CAUSE)
    around.log.info("diagnosed", extra={"report": report.model_dump(mode="json", exclude={"ruled_out", "pictures"})})
    facts = examination.facts
    remembered = Remembered(report, routing_of(facts), plan.proposal)
    written = diagnoses.diagnosed(
        around.table,
        record,
        diagnoses.Diagnosis(
            at=epoch_ms(now),
            cause=report.verdict.cause,
            confidence=report.verdict.confidence,
            guilty=report.verdict.subject,
            report=remembered.as_json(),
            evidence=evidence_of(facts),
            partial=report.partial,
        ),
        owner=around.owner,
        rhythm=around.rhythm,
    )
    return remembered, _gathered(written, remembered, around)


def _planned(examination: Examination, reader: Reader, controls: Controls, around: Surroundings) -> Planned:
    """A plan that cannot be made keeps no alert from being told."""
    try:
        return planned(examination, reader, controls)
    except (AwsUnavailable, LedgerError):
        raise
    except Exception:
        around.log.exception("no plan could be made")
        words = "What a repair would change could not be worked out: this is a fault of ecs-medic, see its log."
        report = with_plan(examination.report, Plan(reason_if_empty=words))
        return Planned(report, Proposal((), Consent.OFF, words))


def _gathered(record: IncidentRecord, remembered: Remembered, around: Surroundings) -> IncidentRecord:
    joined = joining.join(
        around.table,
        record,
        root_of(remembered.report, remembered.routing.channel),
        owner=around.owner,
        now=epoch_ms(around.now()),
        rhythm=around.rhythm,
    )
    if joined.left:
        announce(joined.left, around, hurry=True)
    return replace(record, alert_id=joined.alert.id)


def _gathered_again(record: IncidentRecord, around: Surroundings) -> tuple[IncidentRecord, RunRecord | None]:
    """What a run that was cut off had diagnosed, and not yet told or set about to repair."""
    kept = diagnoses.report_of(around.table, record.id)
    if kept is None:
        return record, None
    remembered = Remembered.from_json(kept.document)
    gathered = _gathered(record, remembered, around)
    return gathered, run_for(gathered, remembered, around)


def _due_again(record: IncidentRecord, around: Surroundings) -> None:
    soon = Told(again_at=epoch_ms(around.now()) + _AGAIN_AFTER_A_CRASH)
    try:
        give_back(record, soon, around, finished=False)
    except Exception:  # noqa: BLE001 - the first error is the one to tell; the lease runs out by itself
        around.log.warning("the lease could not be given back", extra={"incident_id": record.id})
