"""The question whether a run may make its changes, and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ecs_medic.ledger.runs import Decision, RunRecord, appointed, change, heard
from ecs_medic.ledger.table import Table
from ecs_medic.run_state import RunState


class Refusal(StrEnum):
    """Why a decision was not taken down."""

    NO_RUN = "no_run"
    NOT_ASKING = "not_asking"
    """It asks nothing now, and has not been decided either."""
    STALE = "stale"
    """Another plan is asked about by now."""
    EXPIRED = "expired"
    DECIDED_ALREADY = "decided_already"


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision stands, as `record` says: now the run has to be given it."""

    record: RunRecord


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nothing was written; `record` is the run, None where there is none: it says who decided before, and what."""

    refusal: Refusal
    record: RunRecord | None


def ask(
    table: Table,
    run_id: str,
    *,
    plan: Mapping[str, Any],
    fingerprint: str,
    callback_id: str | None,
    until: int,
    now: int,
    words: str = "Waits for somebody's approval.",
) -> RunRecord | None:
    """Have the run ask whether it may do as planned, until `until` (epoch ms). None once the run has ended.

    The answer goes to the callback. Asking about the same plan with the same callback again is the same question, whose
    decision stands; whatever else is asked is a new one.
    """

    def asked(run: RunRecord) -> RunRecord | None:
        if run.state.ended:
            return None
        if run.question and (run.fingerprint, run.callback_id) == (fingerprint, callback_id):
            return run
        new = replace(
            run,
            question=run.question + 1,
            plan=dict(plan),
            fingerprint=fingerprint,
            callback_id=callback_id,
            asked_at=now,
            until=until,
            decision=None,
            decided_by=None,
            decided_at=None,
            delivered=False,
        )
        return heard(new, RunState.ASKING, words, now)

    return change(table, run_id, asked, now=now)


def decide(
    table: Table, run_id: str, *, question_fingerprint: str, decision: Decision, by: str, now: int
) -> Decided | Undecided:
    """Take down what somebody decided about the plan with this fingerprint: the first decision stands."""
    refused: Refusal | None = None
    seen: RunRecord | None = None

    def decided(run: RunRecord) -> RunRecord | None:
        nonlocal refused, seen
        seen, refused = run, _refusal(run, question_fingerprint, now)
        if refused is not None:
            return None
        return appointed(replace(run, decision=decision, decided_by=by, decided_at=now, delivered=False), now)

    record = change(table, run_id, decided, now=now)
    if record is not None:
        return Decided(record)
    return Undecided(refused or Refusal.NO_RUN, seen)


def delivered(table: Table, run_id: str, *, question: int, now: int) -> RunRecord | None:
    """The run was given the decision about this question; None where it has ended, or asks another one by now."""

    def was(run: RunRecord) -> RunRecord | None:
        if run.state.ended or run.question != question or run.decision is None:
            return None
        return run if run.delivered else appointed(replace(run, delivered=True), now)

    return change(table, run_id, was, now=now, tell=False)


def _refusal(run: RunRecord, fingerprint: str, now: int) -> Refusal | None:
    if run.fingerprint != fingerprint:
        return Refusal.NOT_ASKING if run.fingerprint is None else Refusal.STALE
    if run.decision is not None:
        return Refusal.DECIDED_ALREADY
    if run.state is RunState.EXPIRED or (run.asks and run.until is not None and now >= run.until):
        return Refusal.EXPIRED
    return None if run.asks else Refusal.NOT_ASKING
