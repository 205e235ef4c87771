"""Approve and Deny: one person of those who may decides about one plan, once; then the run is given the decision."""

import re
from datetime import UTC, datetime

from ecs_medic.ledger import questions
from ecs_medic.ledger.questions import Decided, Refusal, Undecided
from ecs_medic.ledger.rhythm import SECOND, epoch_ms
from ecs_medic.ledger.runs import Decision, RunRecord
from ecs_medic.report.repair_blocks import question_of
from ecs_medic.report.standing_blocks import mention
from ecs_medic.report.times import moment
from ecs_medic.response.approvers import GroupUnknown, may_approve
from ecs_medic.response.click_request import RefusedRequest
from ecs_medic.response.deliver import deliver
from ecs_medic.response.desk import Desk
from ecs_medic.run_state import RunState
from ecs_medic.slack.deadline import within
from ecs_medic.slack.interaction import Click

DELIVERY_SECONDS = 0.8
"""Slack waits three seconds for the whole answer to a click; what is not delivered by then, the sweep delivers."""

_RUN = re.compile(r"run-[0-9a-f]{6,64}", re.ASCII)
_FINGERPRINT = re.compile(r"[0-9a-f]{6,64}", re.ASCII)
_MOST_NAMED = 5
_TAKEN = {
    "approved": "Approved. The account is read once more, and if the plan is still the same, it is carried out: the "
    "message shows how far it is.",
    "denied": "Denied. These changes are not made.",
}


def approve(click: Click, desk: Desk) -> str:
    """Agree to the plan that was clicked on; returns what to tell who clicked.

    Raises:
        RefusedRequest: the click names no run and plan, or this person may not decide.
        LedgerError: the ledger cannot be used.
        SlackCredentialsError: the secret cannot be used.
    """
    return _decide(click, desk, "approved")


def deny(click: Click, desk: Desk) -> str:
    """Decide against the plan that was clicked on; all else as with `approve`."""
    return _decide(click, desk, "denied")


def _decide(click: Click, desk: Desk, decision: Decision) -> str:
    run_id, fingerprint = click.value or "", question_of(click.block_id) or ""
    if not _RUN.fullmatch(run_id):
        raise RefusedRequest(400, "actions[0].value: expected the id of a run")
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise RefusedRequest(400, "actions[0].block_id: expected that of a plan")
    controls = desk.controls()
    _check(click.user_id, controls.approvers, desk)
    if decision == "approved" and controls.closed is not None:
        desk.log.warning("a decision was not taken down", extra={"run_id": run_id, "reason": controls.closed})
        return f"{controls.closed} Your approval was not taken down."
    outcome = questions.decide(
        desk.table,
        run_id,
        question_fingerprint=fingerprint,
        decision=decision,
        by=click.user_id,
        now=epoch_ms(desk.now()),
    )
    if isinstance(outcome, Decided):
        return _delivered(outcome.record, decision, desk)
    reason = outcome.refusal.value
    desk.log.warning("a decision was not taken down", extra={"run_id": run_id, "reason": reason})
    return _why_not(outcome)


def _delivered(run: RunRecord, decision: Decision, desk: Desk) -> str:
    in_time = deliver(
        run,
        lambda callback, given: within(DELIVERY_SECONDS, lambda: desk.answer(callback, given)),
        table=desk.table,
        now=desk.now(),
        log=desk.log,
    )
    return _TAKEN[decision] if in_time else f"{_TAKEN[decision]} It takes effect in a minute or two."


def _check(user: str, approvers: tuple[str, ...], desk: Desk) -> None:
    """Raises RefusedRequest where this person may not decide, or nobody knows whether."""
    if not approvers:
        words = "Nothing was decided: nobody is listed who may decide about repairs. The stack's parameters list them."
        raise RefusedRequest(403, "user.id: no approvers are listed", words)
    try:
        allowed = may_approve(user, approvers, desk.groups)
    except GroupUnknown as error:
        words = "Nothing was decided: Slack does not tell who is in the approvers' group. Try again, or ask one of "
        raise RefusedRequest(403, f"user.id: {error}", f"{words}{_named(approvers)}.") from None
    if not allowed:
        words = f"Nothing was decided: you are not among those who decide about repairs. Ask {_named(approvers)}."
        raise RefusedRequest(403, "user.id: not an approver", words)


def _named(approvers: tuple[str, ...]) -> str:
    """Nobody else sees it, so that nobody is called."""
    return ", ".join(map(mention, approvers[:_MOST_NAMED])) + (" …" if len(approvers) > _MOST_NAMED else "")


def _why_not(outcome: Undecided) -> str:
    """In words for who clicked."""
    run = outcome.record
    if run is None:
        return "Nothing was decided: there is no such repair (any more)."
    match outcome.refusal:
        case Refusal.STALE:
            return "Nothing was decided: the plan has changed since. Look at the message again, and decide about that."
        case Refusal.EXPIRED:
            return _expired(run)
        case Refusal.DECIDED_ALREADY:
            return _decided_already(run)
    return f"Nothing was decided: {_not_asking(run)}"


def _expired(run: RunRecord) -> str:
    when = f" {moment(_time(run.until))}" if run.until else ""
    return f"Nothing was decided: the question expired{when}. If the service still fails, it is asked again."


def _decided_already(run: RunRecord) -> str:
    when = f" {moment(_time(run.decided_at))}" if run.decided_at else ""
    who = mention(run.decided_by) if run.decided_by else "somebody"
    return f"Nothing was decided: this was {run.decision} by {who}{when}."


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / SECOND, UTC)


def _not_asking(run: RunRecord) -> str:
    if run.state.ended:
        return f"this repair has ended ({run.state.value.replace('_', ' ')})."
    if run.state is RunState.PLANNING:
        return "the plan is being made anew. The message will ask again."
    return "this repair asks nothing now."
