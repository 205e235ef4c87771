"""One run at a time for each subject, so many repairs of it, and so much time between two of them.

A subject is held by the run that took it last, for as long as that run has not ended and its lease runs: so that a run
gives back what it held by the very write that ends it, and one that died holds nothing for ever.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ecs_medic.ledger import keys
from ecs_medic.ledger.errors import Item, Value
from ecs_medic.ledger.incidents import Subject
from ecs_medic.ledger.rhythm import HOUR, expires_at
from ecs_medic.ledger.runs import KEPT, LEASE, RunRecord, change, from_item, read
from ecs_medic.ledger.table import Check, Put, Table, Write

_MOST_ATTEMPTS = 500


class Attempt(NamedTuple):
    """One attempt to repair a subject, at a time in epoch ms; `key` tells those of one run apart."""

    at: int
    run_id: str
    key: str


@dataclass(frozen=True, slots=True)
class _Taken:
    """A subject as it was seen: who took it last, whether that run still holds it, and all that was attempted."""

    subject: str
    attempts: tuple[Attempt, ...] = ()
    revision: int = 0
    holder: RunRecord | None = None

    @property
    def holder_id(self) -> str | None:
        return self.attempts[-1].run_id if self.attempts else None


def subjects_of(subject: Subject, vpc_ids: Iterable[str]) -> tuple[str, ...]:
    """What the repair of an incident takes for itself: its service, or its tasks' family, and these VPCs."""
    where = (subject.account, subject.region)
    if subject.service is not None:
        own = keys.service_pk(*where, subject.cluster, subject.service)
    else:
        family = (subject.task_definition or "-").rsplit(":", 1)[0]
        own = keys.family_pk(*where, subject.cluster, family)
    return (own, *(keys.vpc_pk(*where, one) for one in sorted(set(vpc_ids))))


def reserve(
    table: Table,
    run_id: str,
    subjects: Sequence[str],
    *,
    attempt_key: str,
    now: int,
    attempts: int,
    window: int,
    cool_down: int,
    lease: int = LEASE,
    plan: Mapping[str, Any] | None = None,
) -> str | None:
    """Take all of the subjects for the run and count an attempt of each, or none of them: then why not, in words.

    At most `attempts` of a subject begin within `window` ms, and another run's only `cool_down` ms after the last one
    began, and after its run ended. Asking again with the same key is no second attempt, and keeps what the run has.
    `plan` is what the run is about to make of them, and is its plan from now on.

    Raises:
        LedgerBusy: others changed the run or its subjects too often meanwhile.
    """
    refused: str | None = None
    writes: tuple[Write, ...] = ()

    def taken(run: RunRecord) -> RunRecord | None:
        nonlocal refused, writes
        refused = "This repair has ended already." if run.state.ended else None
        writes = ()
        own = Attempt(now, run_id, attempt_key)
        seen = [] if refused else _seen(table, subjects)
        for one in seen:
            refused = refused or _refusal(one, own, attempts, window, cool_down)
        if refused:
            return None
        writes = (*(_write(one, own) for one in seen), *_as_judged(seen, own))
        all_subjects = tuple(dict.fromkeys((*run.subjects, *subjects)))
        lease_until = max(run.lease_until, now + lease)
        alive = replace(run, started_at=run.started_at or now, lease_until=lease_until, due_at=lease_until, tries=0)
        return replace(alive, subjects=all_subjects, plan=run.plan if plan is None else dict(plan))

    if change(table, run_id, taken, now=now, more=lambda _: writes, tell=False) is None:
        return refused or f"There is no {run_id} any more."
    return None


def last_run(table: Table, subject: str) -> RunRecord | None:
    """The run that took the subject last, whether it has ended or not; None where none ever did."""
    holder_id = _taken(subject, table.get(keys.repair(subject))).holder_id
    return None if holder_id is None else read(table, holder_id)


def holds(table: Table, run_id: str) -> bool:
    """Whether the run may still change what it took: it has not ended, and no other run has taken any of it since."""
    run = read(table, run_id)
    if run is None or run.state.ended:
        return False
    found = table.get_many(map(keys.repair, run.subjects))
    return all(_taken(one, found.get(keys.repair(one))).holder_id == run_id for one in run.subjects)


def _seen(table: Table, subjects: Sequence[str]) -> list[_Taken]:
    found = table.get_many(map(keys.repair, subjects))
    seen = [_taken(one, found.get(keys.repair(one))) for one in dict.fromkeys(subjects)]
    holders = table.get_many({keys.run(one.holder_id) for one in seen if one.holder_id is not None})
    runs = {record.id: record for record in map(from_item, holders.values())}
    return [replace(one, holder=runs.get(one.holder_id or "")) for one in seen]


def _taken(subject: str, item: Item | None) -> _Taken:
    if item is None:
        return _Taken(subject)
    attempts = tuple(Attempt(*one) for one in json.loads(str(item["attempts"])))
    return _Taken(subject, attempts, int(item["revision"]))


def _refusal(seen: _Taken, own: Attempt, attempts: int, window: int, cool_down: int) -> str | None:
    holder, name = seen.holder, _in_words(seen.subject)
    another = holder is not None and holder.id != own.run_id
    if another and holder is not None and not holder.state.ended and holder.lease_until > own.at:
        return f"Another repair ({holder.id}) works on {name}."
    if _has(seen, own):
        return None
    recent = [one for one in seen.attempts if one.at > own.at - window and one[1:] != own[1:]]
    if len(recent) >= attempts:
        return f"{_counted(len(recent))} of {name} within {_hours(window)}: the guardrail stops here."
    others = [one.at for one in seen.attempts if one.run_id != own.run_id]
    ended = holder.ended_at if another and holder is not None else None
    last = max((*others, ended or 0)) if others else None
    if last is not None and own.at < last + cool_down:
        until = datetime.fromtimestamp((last + cool_down) / 1000, UTC)
        return f"{name[0].upper()}{name[1:]} was repaired just now: cool-down until {until:%Y-%m-%d %H:%M:%S} UTC."
    return None


def _write(seen: _Taken, own: Attempt) -> Write:
    key = keys.repair(seen.subject)
    unchanged = "#revision = :revision" if seen.revision else "attribute_not_exists(#pk)"
    if _has(seen, own):
        return Check(key, unchanged, {"revision": seen.revision})
    kept = tuple(one for one in seen.attempts if one.at > own.at - KEPT and one[1:] != own[1:])
    item: dict[str, Value | None] = {
        "attempts": json.dumps((*kept, own)[-_MOST_ATTEMPTS:]),
        "revision": seen.revision + 1,
        "expires_at": expires_at(own.at + KEPT),
    }
    return Put(key, item, unchanged, {"revision": seen.revision})


def _as_judged(seen: Iterable[_Taken], own: Attempt) -> tuple[Check, ...]:
    """That the former holders are as they were judged: one may just have been heard of."""
    holders = {one.holder.id: one.holder for one in seen if one.holder is not None and one.holder.id != own.run_id}
    return tuple(
        Check(keys.run(one.id), "#revision = :revision", {"revision": one.revision}) for one in holders.values()
    )


def _has(seen: _Taken, own: Attempt) -> bool:
    """Whether that very attempt was counted, and nobody else took the subject since."""
    return seen.holder_id == own.run_id and any(one[1:] == own[1:] for one in seen.attempts)


def _in_words(subject: str) -> str:
    kind, *parts = subject.split("#")
    match kind, parts:
        case "vpc", [_, _, vpc_id]:
            return vpc_id
        case ("service", [_, _, cluster, name]) | ("family", [_, _, cluster, name]):
            return f"{'service' if kind == 'service' else 'task family'} {name} in {cluster}"
    return subject


def _counted(count: int) -> str:
    return "1 repair" if count == 1 else f"{count} repairs"


def _hours(window: int) -> str:
    return f"{window / HOUR:g} h"
