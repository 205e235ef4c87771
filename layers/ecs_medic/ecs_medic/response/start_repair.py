"""After a diagnosis: the run that repairs it, where it may be repaired. It is written down before it is started."""

from dataclasses import replace
from enum import StrEnum

from ecs_medic.aws.lambda_calls import LambdaFailed
from ecs_medic.ledger import alerts, runs
from ecs_medic.ledger.incidents import IncidentRecord
from ecs_medic.ledger.rhythm import MINUTE, epoch_ms
from ecs_medic.ledger.runs import RunRecord, run_id_for
from ecs_medic.repair.controls import Controls
from ecs_medic.repair.proposal import Consent, Proposal
from ecs_medic.response.meter import Metric
from ecs_medic.response.stored import Remembered
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.response.told import Told
from ecs_medic.run_state import RunState


class Remediation(StrEnum):
    """What becomes of a repair; part of DiagnoseFunction's contract."""

    NONE = "none"
    WAITING = "waiting"
    """Somebody is asked first."""
    STARTED = "started"


def remediation_of(run: RunRecord | None) -> Remediation:
    """How far the run is, for whoever sent the event."""
    if run is None or run.state.ended:
        return Remediation.NONE
    asks = run.state is RunState.ASKING or (run.state is RunState.PLANNING and run.mode == "ask")
    return Remediation.WAITING if asks and run.decision is None else Remediation.STARTED


def run_for(record: IncidentRecord, remembered: Remembered, around: Surroundings) -> RunRecord | None:
    """The run that repairs the incident: the one under way, else a new one where nothing speaks against it.

    Only the incident whose story its alert tells has runs: one cause is repaired once. Asking again after the same
    diagnosis creates nothing a second time.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    proposal = remembered.proposal
    if around.executions is None or record.alert_id is None or record.diagnosed_at is None or proposal is None:
        return None
    newest = next(iter(runs.runs_of(around.table, record.id, limit=1)), None)
    if newest is not None and not newest.state.ended:
        return newest
    controls = around.controls()
    if controls.closed is not None or not _may_be_made(proposal):
        return None
    if newest is not None and not _again(newest, record, proposal, controls, epoch_ms(around.now())):
        return None
    alert = alerts.read(around.table, record.alert_id)
    if alert is None or alert.primary != record.id:
        return None
    return _created(record, proposal, around)


def _may_be_made(proposal: Proposal) -> bool:
    return bool(proposal.changes) and proposal.consent is not Consent.OFF


def _again(newest: RunRecord, record: IncidentRecord, proposal: Proposal, controls: Controls, now: int) -> bool:
    """After a run that has ended: what was denied is not asked again, and nothing is tried again at once."""
    if newest.id == run_id_for(record.id, record.diagnosed_at or 0):
        return False
    if newest.state is RunState.DENIED and newest.fingerprint == proposal.fingerprint:
        return (record.reopened_at or 0) > newest.created_at
    return now >= (newest.ended_at or 0) + round(controls.cool_down_minutes * MINUTE)


def _created(record: IncidentRecord, proposal: Proposal, around: Surroundings) -> RunRecord | None:
    run = RunRecord(
        id=run_id_for(record.id, record.diagnosed_at or 0),
        incident_id=record.id,
        alert_id=record.alert_id,
        subject=record.subject,
        mode="auto" if proposal.consent is Consent.GIVEN else "ask",
        created_at=epoch_ms(around.now()),
        plan=proposal.as_json(),
    )
    if runs.create(around.table, run):
        around.meter(Metric.REPAIRS)
        around.log.info("a repair begins", extra={"run_id": run.id, "mode": run.mode})
    return runs.read(around.table, run.id)


def start_when_heard(run: RunRecord, told: Told, around: Surroundings) -> None:
    """Start it, unless somebody is to be asked who must not be disturbed now: then it is due when they may be.

    Raises:
        LedgerError: the ledger cannot be used.
    """
    if run.mode == "auto" or told.silent_until is None:
        start(run, around)
        return
    until = told.silent_until

    def later(one: RunRecord) -> RunRecord | None:
        return None if one.started_at is not None or one.state.ended else replace(one, due_at=until)

    runs.change(around.table, run.id, later, now=epoch_ms(around.now()), tell=False)


def start(run: RunRecord, around: Surroundings) -> bool:
    """Start the run's execution, unless it has been heard of; False: Lambda did not take it, and it is due again.

    Starting what was started already does nothing.
    """
    if around.executions is None or run.started_at is not None or run.state.ended:
        return True
    try:
        around.executions.start(run.id)
    except LambdaFailed as error:
        around.meter(Metric.REPAIRS_NOT_STARTED)
        around.log.warning("a repair was not started", extra={"run_id": run.id, "reason": str(error)})
        return False
    return True
