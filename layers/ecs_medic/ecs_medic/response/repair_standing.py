"""Where the repair of an alert stands, as its message tells it."""

from datetime import UTC, datetime

from ecs_medic.ledger import runs
from ecs_medic.ledger.alerts import AlertRecord
from ecs_medic.ledger.incidents import IncidentRecord
from ecs_medic.ledger.rhythm import SECOND, epoch_ms
from ecs_medic.ledger.runs import RunRecord
from ecs_medic.repair.proposal import Proposal
from ecs_medic.report.build_plan import shown_plan
from ecs_medic.report.repair_standing import RepairStanding
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.run_state import RunState


def repair_standing(alert: AlertRecord, primary: IncidentRecord, around: Surroundings) -> RepairStanding | None:
    """The newest run; None where that was another alert's, or of before it failed again."""
    newest = next(iter(runs.runs_of(around.table, primary.id, limit=1)), None)
    if newest is None:
        return None
    is_past = newest.alert_id != alert.id or newest.created_at < (primary.reopened_at or 0)
    return None if newest.state.ended and is_past else _shown(newest, around, still_fails=primary.is_open)


def _shown(run: RunRecord, around: Surroundings, *, still_fails: bool) -> RepairStanding:
    proposal = _proposal(run)
    plan = shown_plan(proposal.plan) if proposal else None
    state = _state(run, epoch_ms(around.now()))
    return RepairStanding(
        run_id=run.id,
        state=state,
        changes=plan.changes if plan else (),
        patches=plan.patches if plan else (),
        question=run.fingerprint,
        until=_time(run.until) if run.until else None,
        decided_by=run.decided_by,
        decision=run.decision,
        decided_at=_time(run.decided_at) if run.decided_at else None,
        progress=tuple((_time(said.at), said.words) for said in run.progress),
        words=run.words,
        cost_usd=proposal.monthly_cost_usd if proposal else None,
        buttons=still_fails and state is RunState.ASKING and _can_be_answered(around),
    )


def _can_be_answered(around: Surroundings) -> bool:
    """Whether a click is verified, and there is anybody whose click counts."""
    return around.clicks_are_answered and bool(around.controls().approvers)


def _state(run: RunRecord, now: int) -> RunState:
    """What was answered, or has expired, is asked no more, although the run may not have said so yet."""
    if run.state is not RunState.ASKING:
        return run.state
    match run.decision:
        case "approved":
            return RunState.PLANNING
        case "denied":
            return RunState.DENIED
    return RunState.ASKING if run.until is not None and run.until > now else RunState.EXPIRED


def _proposal(run: RunRecord) -> Proposal | None:
    """None where an older version has kept it."""
    try:
        return Proposal.from_json(run.plan) if run.plan else None
    except (KeyError, TypeError, ValueError):
        return None


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / SECOND, UTC)
