"""Events as they arrive: each counted once, and one run of the function at a time told to attend to the incident."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ecs_medic.finding import JsonValue
from ecs_medic.ledger import keys, leases, openers, services
from ecs_medic.ledger.errors import Item, LedgerBusy, TransactionCancelled
from ecs_medic.ledger.incidents import IncidentRecord, Occurrence, State, from_item, read, subject_attributes
from ecs_medic.ledger.rhythm import DEFAULT, Rhythm, expires_at
from ecs_medic.ledger.table import DUE_INDEX, Put, Table, Update, Write

_MOST_TURNS = 20

_SEEN = "#previous_seen = #last_seen, #last_seen = :happened, #expires_at = :kept"
# An event that was held up tells of nothing new.
_SEEN_SINCE = "#expires_at = :kept"
# What was counted is shown by the sweep when no further event comes; an earlier appointment stands.
_SHOW_SOON = "#due = if_not_exists(#due, :due), #due_at = if_not_exists(#due_at, :soon)"
_STANDS = "#state = :open AND #expires_at > :now_s"
_QUIET = "#quiet_until > :now AND #count < #quiet_count"


class Arrival(StrEnum):
    """What an event came to."""

    COUNTED = "counted"
    """It needs no more."""
    DUPLICATE = "duplicate"
    """It had been counted before."""
    LATE = "late"
    """Counted; it happened before its incident was resolved, and does not open it again."""
    OPENED = "opened"
    """The first of a new incident, or of a new generation of an old one: attend to it."""
    REOPENED = "reopened"
    """Failed again soon after it was resolved: attend to it, in the same message."""
    DUE = "due"
    """Attend to it: the quiet time is over, a mark was reached, or an earlier run crashed."""


_ATTENDED = frozenset({Arrival.OPENED, Arrival.REOPENED, Arrival.DUE})


@dataclass(frozen=True, slots=True)
class Arrived:
    """What an event came to; `record` is the incident as the caller's lease found it, None without a lease."""

    arrival: Arrival
    record: IncidentRecord | None = None


def arrive(
    table: Table,
    occurrence: Occurrence,
    *,
    now: int,
    owner: str,
    opener: Callable[[], JsonValue] | None = None,
    rhythm: Rhythm = DEFAULT,
) -> Arrived:
    """Write the event down: in one transaction where it only needs counting, mostly in two otherwise.

    `owner` names this run of the function and no other one. `opener` gives the event, redacted, to be kept with an
    incident that it opens or opens again: whoever takes up what a crash left has nothing else to go by.

    Raises:
        LedgerBusy: conflicts or throttling lasted too long; the event may be tried again.
    """
    turn = _Turn(occurrence, now, owner, rhythm, opener)
    arrival = Arrival.COUNTED
    seen: Item | None = None
    for _ in range(_MOST_TURNS):
        try:
            table.transact(turn.event(), *turn.writes(arrival, seen))
        except TransactionCancelled as cancelled:
            event, incident = cancelled.reasons[:2]
            seen = incident.item
            if event.failed:
                return _duplicate(table, seen, turn)
            arrival = turn.judge(seen)
        else:
            return Arrived(arrival, read(table, occurrence.incident_id) if arrival in _ATTENDED else None)
    raise LedgerBusy(f"incident {occurrence.incident_id} changed {_MOST_TURNS} times while one event arrived")


@dataclass(frozen=True, slots=True)
class _Turn:
    """One event, and what there is to write of it."""

    occurrence: Occurrence
    now: int
    owner: str
    rhythm: Rhythm
    opener: Callable[[], JsonValue] | None = None

    def event(self) -> Put:
        """The first write of every transaction: an event is counted once."""
        return Put(
            keys.event(self.occurrence.event_key),
            {"incident_id": self.occurrence.incident_id, "expires_at": expires_at(self.now + self.rhythm.event_kept)},
            "attribute_not_exists(#pk) OR #expires_at <= :now_s",
            {"now_s": expires_at(self.now)},
        )

    def judge(self, seen: Item | None) -> Arrival:
        """What the event is to an incident that looks like this."""
        record = None if seen is None else from_item(seen)
        if record is None or record.expires_at <= expires_at(self.now):
            return Arrival.OPENED
        if record.resolved_at is not None and not record.is_open:
            if self.occurrence.occurred_at <= record.resolved_at:
                return Arrival.LATE
            soon = self.occurrence.occurred_at <= record.resolved_at + self.rhythm.reopen
            return Arrival.REOPENED if soon else Arrival.OPENED
        quiet = record.quiet_until > self.now and record.count < record.quiet_count
        return Arrival.COUNTED if quiet else Arrival.DUE

    def writes(self, arrival: Arrival, seen: Item | None) -> tuple[Write, ...]:
        """The incident's write, first, and those that go with it."""
        match arrival:
            case Arrival.OPENED:
                return (*self._opened(None if seen is None else from_item(seen)), *self._kept())
            case Arrival.REOPENED:
                return (self._reopened(seen), *self._listed(), *self._kept())
            case Arrival.LATE:
                return (self._updated(seen, _SHOW_SOON, "#state = :resolved AND #resolved_at >= :occurred"),)
            case Arrival.DUE:
                return (self._due(seen),)
            case _:
                return (self._updated(seen, _SHOW_SOON, f"{_STANDS} AND {_QUIET}"),)

    def _opened(self, old: IncidentRecord | None) -> tuple[Write, ...]:
        subject = self.occurrence.subject
        item = {
            **subject_attributes(subject),
            "state": State.OPEN.value,
            "generation": 1 if old is None else old.generation + 1,
            "count": 1,
            "first_seen": self.occurrence.occurred_at,
            "last_seen": self._happened,
            "longest_gap": 0,
            "shown_count": 0,
            "diagnosed_count": 0,
            "diagnoses": 0,
            "reopens": 0,
            "expires_at": expires_at(self.now + self.rhythm.incident_kept),
            "lease_owner": self.owner,
            "lease_until": self.now + self.rhythm.lease,
            "quiet_until": self.now + self.rhythm.lease,
            "quiet_count": leases.NEVER,
            "due": DUE_INDEX,
            "due_at": self.now + self.rhythm.lease,
            "muted_until": None if old is None else old.muted_until,
        }
        condition = "attribute_not_exists(#pk) OR #expires_at <= :now_s"
        if old is not None and not old.is_open:
            condition += " OR #state = :resolved AND #generation = :generation AND #resolved_at < :too_old"
        values = {
            **self._values(),
            "generation": 0 if old is None else old.generation,
            "too_old": self.occurrence.occurred_at - self.rhythm.reopen,
        }
        return (Put(keys.incident(self.occurrence.incident_id), item, condition, values), *self._listed())

    def _reopened(self, seen: Item | None) -> Update:
        return self._updated(
            seen,
            f"{leases.TAKE}, #state = :open, #reopened_at = :now, #longest_gap = :gap",
            "#state = :resolved AND #expires_at > :now_s AND #resolved_at < :occurred AND #resolved_at >= :too_old",
            more=", #reopens :one",
            gap=self._gap(seen),
        )

    def _due(self, seen: Item | None) -> Update:
        change = f"{leases.TAKE}, #longest_gap = :gap"
        return self._updated(seen, change, f"{_STANDS} AND NOT ({_QUIET})", gap=self._gap(seen))

    def _gap(self, seen: Item | None) -> int:
        record = None if seen is None else from_item(seen)
        return 0 if record is None else max(record.gap, self._happened - record.last_seen)

    def _updated(self, seen: Item | None, change: str, condition: str, *, more: str = "", gap: int = 0) -> Update:
        sight, still = self._sight(seen)
        return Update(
            keys.incident(self.occurrence.incident_id),
            f"SET {sight}, {change} ADD #count :one{more}",
            f"{condition}{still}",
            {**self._values(), "gap": gap},
        )

    def _sight(self, seen: Item | None) -> tuple[str, str]:
        """What the event changes of when the incident was last seen, and what must still hold for that."""
        if not self._is_late:
            return _SEEN, ""
        if seen is None or from_item(seen).last_seen >= self.occurrence.occurred_at:
            return _SEEN_SINCE, " AND #last_seen >= :occurred"
        return _SEEN, " AND #last_seen < :occurred"

    @property
    def _is_late(self) -> bool:
        return self.occurrence.occurred_at < self.now - self.rhythm.late

    @property
    def _happened(self) -> int:
        """When it was seen to fail: now, unless the event was held up on its way, as among the dead letters."""
        return self.occurrence.occurred_at if self._is_late else self.now

    def _values(self) -> dict[str, str | int | bytes | bool]:
        return {
            **leases.take_values(self.owner, self.now, self.rhythm),
            "open": State.OPEN.value,
            "resolved": State.RESOLVED.value,
            "now": self.now,
            "happened": self._happened,
            "now_s": expires_at(self.now),
            "kept": expires_at(self.now + self.rhythm.incident_kept),
            "soon": self.now + self.rhythm.edit,
            "one": 1,
            "occurred": self.occurrence.occurred_at,
            "too_old": self.occurrence.occurred_at - self.rhythm.reopen,
        }

    def _kept(self) -> tuple[Put, ...]:
        if self.opener is None:
            return ()
        return (openers.kept(self.occurrence.incident_id, self.opener(), now=self.now),)

    def _listed(self) -> tuple[Put, ...]:
        until = self.now + self.rhythm.incident_kept
        return services.listed(self.occurrence.subject, self.occurrence.incident_id, until)


def _duplicate(table: Table, seen: Item | None, turn: _Turn) -> Arrived:
    """A second delivery counts nothing, but what a crash left undone it may take up."""
    record = None if seen is None else from_item(seen)
    if record is not None and record.due_at is not None and record.due_at <= turn.now:
        taken = leases.claim(table, record.id, owner=turn.owner, now=turn.now, rhythm=turn.rhythm)
        if taken is not None:
            return Arrived(Arrival.DUE, taken)
    return Arrived(Arrival.DUPLICATE)
