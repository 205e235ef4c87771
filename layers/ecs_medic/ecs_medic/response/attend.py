"""What the holder of an incident's lease does: diagnose it if that is due, gather it with its like, tell, repair."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ecs_medic.aws.reader import AwsUnavailable, Reader
from ecs_medic.collect.identify import Identified
from ecs_medic.diagnosis import Examination, examine
from ecs_medic.finding import JsonValue
from ecs_medic.incident import Incident
from ecs_medic.ledger import diagnoses, joining
from ecs_medic.ledger.errors import LedgerError
from ecs_medic.ledger.incidents import IncidentRecord
from ecs_medic.ledger.resolve import resolve
from ecs_medic.ledger.rhythm import MINUTE, epoch_ms
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
from ecs_medic.response.time_left import ENOUGH_FOR_MORE_SECONDS
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


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What was found of an incident that an alert tells of; `left` is another one that did so until now."""

    record: IncidentRecord
    remembered: Remembered
    left: str | None


type _Event = Callable[[], JsonValue]


def attend(
    record: IncidentRecord,
    subject: Incident | Identified | None,
    around: Surroundings,
    *,
    event: _Event,
    hurry: bool = False,
) -> Attended:
    """Do what is due about an incident whose lease this run holds, and give the lease back.

    `subject` is the failure as its newest event shows it; without one nothing is diagnosed. `event` gives that event,
    redacted: a diagnosis that time runs out for is completed with it.

    Raises:
        AwsUnavailable: AWS cannot be asked; the incident is due again soon.
        LedgerError: the ledger cannot be used; the lease runs out by itself.
    """
    try:
        return _attend(record, subject, around, event=event, hurry=hurry)
    except Exception:
        # Not the next event alone: the sweep takes it up as well, long before the lease would have run out.
        _due_again(record, around)
        raise


def _attend(
    record: IncidentRecord,
    subject: Incident | Identified | None,
    around: Surroundings,
    *,
    event: _Event,
    hurry: bool,
) -> Attended:
    held = held_back(record, around)
    if held is not Held.NOT:
        return _waiting(record, held, around)
    report, told, gathered = None, None, None
    now = epoch_ms(around.now())
    if subject is None and record.completion_due(now, around.rhythm):
        record = diagnoses.leave_incomplete(around.table, record, owner=around.owner)
    if subject is not None and record.diagnosis_due(now, around.rhythm) and not is_being_repaired(record, around):
        gathered = _diagnosed(record, subject, event, around)
        report, told = gathered.remembered.report, end_before_told(gathered.record, around)
    elif record.is_open and record.is_unfinished:
        gathered = _gathered_again(record, around)
    if gathered is not None:
        record = gathered.record
    # With hardly any time left the message goes out; the repair is begun by the sweep.
    is_to_begin = gathered is not None and told is None
    is_put_off = is_to_begin and around.executions is not None and around.seconds_left() < ENOUGH_FOR_MORE_SECONDS
    run = None
    if gathered is not None and is_to_begin and not is_put_off:
        run = run_for(record, gathered.remembered, around)
    if told is None:
        told = announce(record.alert_id, around, hurry=hurry or report is not None) if record.alert_id else Told()
    if run is not None:
        start_when_heard(run, told, around)
    if gathered is not None and gathered.left is not None:
        # It has been due since it was left: what fails is told before what it fails by no more.
        announce(gathered.left, around, hurry=True)
    give_back(record, replace(told, shown={}, again_at=None) if is_put_off else told, around, finished=not is_put_off)
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
    record: IncidentRecord, subject: Incident | Identified, event: _Event, around: Surroundings
) -> _Gathered:
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
            event=event() if report.partial else None,
        ),
        owner=around.owner,
        rhythm=around.rhythm,
    )
    return _gathered(written, remembered, around)


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


def _gathered(record: IncidentRecord, remembered: Remembered, around: Surroundings) -> _Gathered:
    joined = joining.join(
        around.table,
        record,
        root_of(remembered.report, remembered.routing.channel),
        owner=around.owner,
        now=epoch_ms(around.now()),
        rhythm=around.rhythm,
    )
    return _Gathered(replace(record, alert_id=joined.alert.id), remembered, joined.left)


def _gathered_again(record: IncidentRecord, around: Surroundings) -> _Gathered | None:
    """What a run that was cut off had diagnosed, and not yet told or set about to repair."""
    kept = diagnoses.report_of(around.table, record.id)
    return None if kept is None else _gathered(record, Remembered.from_json(kept.document), around)


def _due_again(record: IncidentRecord, around: Surroundings) -> None:
    soon = Told(again_at=epoch_ms(around.now()) + _AGAIN_AFTER_A_CRASH)
    try:
        give_back(record, soon, around, finished=False)
    except Exception:  # noqa: BLE001 - the first error is the one to tell; the lease runs out by itself
        around.log.warning("the lease could not be given back", extra={"incident_id": record.id})
