"""Runs of repairs as they are remembered: what was asked and decided, how far each has come, and what it holds.

Whoever takes a run's state further writes under the condition that nobody else did meanwhile, and has the alert of its
incident say so by the same write.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, NamedTuple

from ecs_medic.ledger import evidence, incidents, keys
from ecs_medic.ledger.errors import Item, LedgerBusy, TransactionCancelled, Value
from ecs_medic.ledger.incidents import Subject, subject_attributes, subject_in
from ecs_medic.ledger.joining import TOLD, told_values
from ecs_medic.ledger.rhythm import DAY, DEFAULT, HOUR, MINUTE, expires_at
from ecs_medic.ledger.table import DUE_INDEX, Put, Table, Update, Write
from ecs_medic.run_state import RunState

type Decision = Literal["approved", "denied"]

KEPT = 90 * DAY
LEASE = 2 * HOUR
"""A run that has said nothing for so long is not expected to say any more: nothing takes half of it."""
START_WITHIN = 2 * MINUTE
"""What was created and has not begun by then was lost on its way."""
DELIVER_WITHIN = MINUTE
"""A decision that the run has not been given by then was lost on its way."""
EXPIRED_FOR = 10 * MINUTE
"""A run notices by itself that its question has expired; one that has not by then does not live any more."""

_MOST_SAID = 20
_LONGEST_WORDS = 3000
_MOST_TURNS = 30


class Said(NamedTuple):
    """What a run said at a time, in epoch ms."""

    at: int
    state: RunState
    words: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of a repair. Times are epoch milliseconds; what has not happened yet is None.

    - `mode` is the one under which it was created, `plan` the proposal that is (or was last) asked about, `fingerprint`
      that proposal's, `callback_id` where its answer goes, `until` when it expires; `question` counts them, 0 is none.
    - `decision` is the answer to that question, `delivered` whether the run has been given it.
    - `subjects` are what it took for itself alone; whoever else wants them waits until it has ended, or has said
      nothing until `lease_until`.
    - `progress` is what it said last, the oldest first; `words` the latest of it.
    - `due_at` is when somebody has to see to it, `tries` how often that was done since it was last heard of.
    """

    id: str
    incident_id: str
    alert_id: str | None
    subject: Subject
    mode: Literal["ask", "auto"]
    created_at: int
    state: RunState = RunState.PLANNING
    question: int = 0
    plan: Mapping[str, Any] | None = None
    fingerprint: str | None = None
    callback_id: str | None = None
    asked_at: int | None = None
    until: int | None = None
    decision: Decision | None = None
    decided_by: str | None = None
    decided_at: int | None = None
    delivered: bool = False
    words: str | None = None
    progress: tuple[Said, ...] = ()
    subjects: tuple[str, ...] = ()
    started_at: int | None = None
    ended_at: int | None = None
    lease_until: int = 0
    due_at: int | None = None
    tries: int = 0
    revision: int = 0

    @property
    def asks(self) -> bool:
        """Whether it waits for somebody's decision."""
        return self.state is RunState.ASKING and self.decision is None


def run_id_for(incident_id: str, diagnosed_at: int) -> str:
    """The id of the run that a diagnosis asks for: the same diagnosis, the same run."""
    return "run-" + hashlib.sha256(f"{incident_id}|{diagnosed_at}".encode()).hexdigest()[:12]


def create(table: Table, run: RunRecord) -> bool:
    """Remember a run that is about to be started; False: there is one with that id already."""
    new = replace(run, due_at=run.created_at + START_WITHIN, lease_until=run.created_at + LEASE, revision=1)
    listed = keys.run_of_incident(run.incident_id, run.created_at, run.id)
    try:
        table.transact(
            Put(keys.run(run.id), _item(new, run.created_at), "attribute_not_exists(#pk)"),
            Put(listed, {"expires_at": expires_at(run.created_at + KEPT)}),
        )
    except TransactionCancelled:
        return False
    return True


def read(table: Table, run_id: str) -> RunRecord | None:
    """The run as it is now, or None."""
    item = table.get(keys.run(run_id))
    return None if item is None else from_item(item)


def runs_of(table: Table, incident_id: str, *, limit: int | None = None) -> tuple[RunRecord, ...]:
    """The incident's runs, the newest first; at most `limit`."""
    pointers = table.query(keys.incident(incident_id).pk, keys.RUN_PREFIX, limit=limit)
    wanted = [keys.run(str(item["sk"]).rsplit("#", 1)[-1]) for item in pointers]
    found = table.get_many(wanted)
    return tuple(from_item(found[key]) for key in wanted if key in found)


def all_runs(table: Table) -> tuple[RunRecord, ...]:
    """Every run that is remembered, the newest first. It reads the whole table."""
    found = map(from_item, table.scan(keys.RUN))
    return tuple(sorted(found, key=lambda one: (one.created_at, one.id), reverse=True))


def say(
    table: Table, run_id: str, state: RunState, words: str, *, now: int, revision: int | None = None
) -> RunRecord | None:
    """The run is there now; an ended state ends it, and gives back what it held. None once the run has ended.

    `words` must be redacted already. Saying what was said last changes nothing. With a `revision` it is said only where
    the run is still as it was read: otherwise None.
    """
    cut = words if len(words) <= _LONGEST_WORDS else words[: _LONGEST_WORDS - 1] + "…"

    def said(run: RunRecord) -> RunRecord | None:
        if run.progress and run.progress[-1][1:] == (state, cut):
            return run
        if run.state.ended or (revision is not None and run.revision != revision):
            return None
        return heard(run, state, cut, now)

    return change(table, run_id, said, now=now)


def heard(run: RunRecord, state: RunState, words: str, now: int) -> RunRecord:
    """The run with one more thing said."""
    said = replace(
        run,
        state=state,
        words=words,
        progress=(*run.progress, Said(now, state, words))[-_MOST_SAID:],
        started_at=run.started_at or now,
        ended_at=now if state.ended else None,
    )
    return appointed(said, now)


def appointed(run: RunRecord, now: int) -> RunRecord:
    """The run, just heard of, with the time at which somebody has to see to it if it is not heard of again."""
    lease_until, due_at = now + LEASE, now + LEASE
    if run.asks and run.until is not None:
        lease_until, due_at = run.until + LEASE, run.until + EXPIRED_FOR
    elif run.state is RunState.ASKING and run.decision is not None and not run.delivered:
        due_at = now + DELIVER_WITHIN
    return replace(run, lease_until=lease_until, due_at=None if run.state.ended else due_at, tries=0)


def change(
    table: Table,
    run_id: str,
    changed: Callable[[RunRecord], RunRecord | None],
    *,
    now: int,
    more: Callable[[RunRecord], tuple[Write, ...]] = lambda _: (),
    tell: bool = True,
) -> RunRecord | None:
    """Write what `changed` makes of the run, together with `more`, and (unless not to `tell`) have its alert say so.

    None where there is no run, or `changed` gives None: then nothing is written, nor is it where nothing changes and
    there is no more. Both are asked again where somebody else changed meanwhile what they depend on.

    Raises:
        LedgerBusy: others changed it too often meanwhile.
    """
    alerts = tell
    for turn in range(_MOST_TURNS):
        run = read(table, run_id)
        new = None if run is None else changed(run)
        with_it = () if new is None else more(new)
        if run is None or new is None or (new == run and not with_it):
            return new
        new = replace(new, revision=run.revision + 1)
        written = Put(keys.run(run_id), _item(new, now), "#revision = :revision", {"revision": run.revision})
        told = _told(table, run, now) if alerts else ()
        try:
            table.transact(written, *told, *with_it)
        except TransactionCancelled as cancelled:
            # An alert that is gone keeps nobody from going on.
            alerts = alerts and not (told and cancelled.reasons[1].failed)
            table.pause(turn)
        else:
            return new
    raise LedgerBusy(f"run {run_id} changed {_MOST_TURNS} times while it was written")


def from_item(item: Item) -> RunRecord:
    """The run that an item holds."""
    plain = {name: item[name] for name in _PLAIN if name in item}
    said = _unpacked(item.get("progress")) or []
    plan = _unpacked(item.get("plan"))
    return RunRecord(
        id=str(item["pk"]).removeprefix("run#"),
        subject=subject_in(item),
        alert_id=str(item["alert_id"]) if "alert_id" in item else None,
        state=RunState(str(item["state"])),
        plan=plan,
        progress=tuple(Said(at, RunState(state), words) for at, state, words in said),
        subjects=tuple(json.loads(str(item.get("subjects", "[]")))),
        **plain,  # type: ignore[arg-type]
    )


def packed(document: Any) -> bytes:
    """A document that is kept whole: half a plan or half a receipt is none."""
    return evidence.pack(document, limit=sys.maxsize).body


_MADE = frozenset({"id", "subject", "alert_id", "state", "plan", "progress", "subjects"})
_PLAIN = tuple(field.name for field in fields(RunRecord) if field.name not in _MADE)


def _item(run: RunRecord, now: int) -> dict[str, Value | None]:
    return {
        **subject_attributes(run.subject),
        **{name: getattr(run, name) for name in _PLAIN},
        "alert_id": run.alert_id,
        "state": run.state.value,
        "plan": None if run.plan is None else packed(dict(run.plan)),
        "progress": packed([[one.at, one.state.value, one.words] for one in run.progress]),
        "subjects": json.dumps(run.subjects),
        "due": None if run.due_at is None else DUE_INDEX,
        "expires_at": expires_at(now + KEPT),
    }


def _unpacked(body: Value | None) -> Any:
    return evidence.unpack(body) if isinstance(body, bytes) else None


def _told(table: Table, run: RunRecord, now: int) -> tuple[Update, ...]:
    """The write that has the alert of the run's incident say so; that may be another one by now."""
    incident = incidents.read(table, run.incident_id)
    alert_id = (incident and incident.alert_id) or run.alert_id
    if alert_id is None:
        return ()
    values = told_values(now, DEFAULT)
    return (Update(keys.alert(alert_id), f"SET {TOLD} ADD #revision :one", "attribute_exists(#pk)", values),)
