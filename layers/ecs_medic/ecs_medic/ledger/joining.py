"""Which alert tells of an incident: the one that is open for its root."""

from dataclasses import dataclass
from hashlib import sha256

from ecs_medic.ledger import alerts, keys, roots
from ecs_medic.ledger.alerts import AlertRecord, Member
from ecs_medic.ledger.errors import Item, LeaseLost, LedgerBusy, TransactionCancelled, Value
from ecs_medic.ledger.incidents import IncidentRecord, State, from_item
from ecs_medic.ledger.rhythm import DEFAULT, Rhythm, expires_at
from ecs_medic.ledger.roots import Root
from ecs_medic.ledger.table import DUE_INDEX, Delete, Put, Table, Update, Write

_MOST_TURNS = 30


@dataclass(frozen=True, slots=True)
class Joined:
    """The alert that tells of the incident.

    `changed`: it did not do so before, or was resolved, or had another root. `left` is the alert that told of the
    incident until now, and is due to say that it does not any more.
    """

    alert: AlertRecord
    changed: bool
    left: str | None = None


def join(table: Table, record: IncidentRecord, root: Root, *, owner: str, now: int, rhythm: Rhythm = DEFAULT) -> Joined:
    """Make an open incident, whose lease the caller holds, a standing member of the open alert for its root.

    - An alert that is open for the root takes it in, whatever alert it was in before.
    - Else the alert that it was in goes on, where it is about the same root or about this incident alone: its root then
      changes, and it opens again if it was resolved.
    - Else there is a new alert.

    An alert that loses its last incident is closed as `moved`. Doing this twice is the same as doing it once.

    Raises:
        LeaseLost: another run attends to the incident by now.
        LedgerBusy: others changed the same alerts too often meanwhile.
    """
    for turn in range(_MOST_TURNS):
        seen = _look(table, record, root, now)
        target = seen.target or _new_id(record, root, now)
        if seen.old is None or not seen.stands_in(target):
            try:
                table.transact(*_Joining(record, root, owner, now, rhythm, seen, target).writes())
            except TransactionCancelled as cancelled:
                if cancelled.reasons[0].failed:
                    record = _still_mine(cancelled.reasons[0].item, record, owner)
                table.pause(turn)
                continue
        alert = alerts.read(table, target)
        if alert is not None:
            return Joined(alert, not seen.stands_in(target), seen.left(target))
    raise LedgerBusy(f"the alerts of incident {record.id} changed {_MOST_TURNS} times while it joined one")


def same_alert(record: IncidentRecord) -> str:
    """The condition that the incident is where `record` says, with the value `was`."""
    return "attribute_not_exists(#alert_id)" if record.alert_id is None else "#alert_id = :was"


def _still_mine(item: Item | None, before: IncidentRecord, owner: str) -> IncidentRecord:
    """The record as it is by now: it may have joined an alert since the caller read it."""
    record = None if item is None else from_item(item)
    if record is None or record.lease_owner != owner or not record.is_open or record.alert_id == before.alert_id:
        raise LeaseLost(f"incident {before.id}")
    return record


@dataclass(frozen=True, slots=True)
class _Seen:
    """How things were: the alert that told of the incident until now, and the alert that is open for its root."""

    root: Root
    pointed: str | None
    old: AlertRecord | None
    mine: Member | None
    open_for_root: AlertRecord | None
    there: Member | None
    """What an earlier generation of the incident left in that one."""
    heir: str | None

    @property
    def target(self) -> str | None:
        """The alert to be in, None for a new one."""
        if self.open_for_root is not None:
            return self.open_for_root.id
        return self.old.id if self.old is not None and self._goes_on(self.old) else None

    def _goes_on(self, old: AlertRecord) -> bool:
        # A message cannot move to another channel.
        if old.state is State.MOVED or old.channel != self.root.channel:
            return False
        return old.root_hash == self.root.hash or old.members == 1

    def stands_in(self, target: str) -> bool:
        """Whether nothing is left to do."""
        return (
            self.old is not None
            and self.mine is not None
            and self.mine.state is State.OPEN
            and self.old.is_open
            and self.old.root_hash == self.root.hash
            and self.old.id == self.pointed == target
        )

    def left(self, target: str) -> str | None:
        """The alert that it leaves for that one."""
        return None if self.old is None or self.old.id == target else self.old.id


def _look(table: Table, record: IncidentRecord, root: Root, now: int) -> _Seen:
    pointed = roots.alert_of(table, root.hash, now)
    old = None if record.alert_id is None else _standing(alerts.read(table, record.alert_id), now)
    mine = None if old is None else alerts.member(table, old.id, record.id)
    if mine is None:
        old = None
    other = old if old is not None and old.id == pointed else None
    if pointed is not None and other is None:
        other = _standing(alerts.read(table, pointed), now)
    if other is not None and not (other.is_open and other.root_hash == root.hash):
        # The pointer is from earlier: its alert is over, or about something else by now.
        other = None
    there = None if other is None or other is old else alerts.member(table, other.id, record.id)
    heir = _heir(table, old, record.id) if old is not None and old.primary == record.id and old.members > 1 else None
    return _Seen(root, pointed, old, mine, other, there, heir)


def _standing(alert: AlertRecord | None, now: int) -> AlertRecord | None:
    return alert if alert is not None and alert.expires_at > expires_at(now) else None


def _heir(table: Table, alert: AlertRecord, leaving: str) -> str | None:
    """Whose story the alert tells when its first one leaves: that of the next one which still stands."""
    others = [member for member in alerts.members(table, alert.id) if member.incident_id != leaving]
    others.sort(key=lambda member: member.state is not State.OPEN)
    return others[0].incident_id if others else None


def _new_id(record: IncidentRecord, root: Root, now: int) -> str:
    whole = f"{root.hash}|{record.id}|{record.generation}|{now}"
    return "alert-" + sha256(whole.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class _Joining:
    """The writes that make the incident a member of the target."""

    record: IncidentRecord
    root: Root
    owner: str
    now: int
    rhythm: Rhythm
    seen: _Seen
    target: str

    def writes(self) -> tuple[Write, ...]:
        """The incident's write first."""
        incident = Update(
            keys.incident(self.record.id),
            "SET #alert_id = :alert_id",
            f"#lease_owner = :owner AND #state = :open AND {same_alert(self.record)}",
            {
                "alert_id": self.target,
                "owner": self.owner,
                "open": State.OPEN.value,
                "was": self.record.alert_id or "",
            },
        )
        until = self.now + self.rhythm.incident_kept
        pointer = roots.pointing(self.root.hash, self.target, self.seen.pointed, self.now, until)
        old = self.seen.old
        if old is not None and old.id == self.target:
            return (incident, pointer, *self._stayed(old))
        joined = self._joined() if self.seen.open_for_root is not None else self._opened()
        return (incident, pointer, joined, self._member(), *(() if old is None else self._left(old)))

    def _member(self) -> Put:
        kept = expires_at(self.now + self.rhythm.incident_kept)
        item: dict[str, Value | None] = {"state": State.OPEN.value, "joined_at": self.now, "expires_at": kept}
        unchanged = "attribute_not_exists(#pk)" if self.seen.there is None else "#state = :state"
        state = "" if self.seen.there is None else self.seen.there.state.value
        return Put(keys.member(self.target, self.record.id), item, unchanged, {"state": state})

    def _opened(self) -> Put:
        item: dict[str, Value | None] = {
            "state": State.OPEN.value,
            "root_hash": self.root.hash,
            "channel": self.root.channel,
            "primary": self.record.id,
            "members": 1,
            "open_members": 1,
            "revision": 1,
            "opened_at": self.now,
            "lease_until": 0,
            "next_edit_at": 0,
            "due": DUE_INDEX,
            "due_at": self.now,
            "expires_at": expires_at(self.now + self.rhythm.incident_kept),
        }
        return Put(keys.alert(self.target), item, "attribute_not_exists(#pk)")

    def _joined(self) -> Update:
        """Into an alert that many may be joining at the same time: whatever else changes, it counts one more."""
        there = self.seen.there
        return Update(
            keys.alert(self.target),
            f"SET {TOLD} ADD #members :more, #open_members :standing, #revision :one",
            "#state = :open AND #root_hash = :root",
            {
                **told_values(self.now, self.rhythm),
                "more": 1 if there is None else 0,
                "standing": 1 if there is None or there.state is not State.OPEN else 0,
                "open": State.OPEN.value,
                "root": self.root.hash,
            },
        )

    def _stayed(self, old: AlertRecord) -> tuple[Write, ...]:
        returned = self.seen.mine is not None and self.seen.mine.state is not State.OPEN
        member = Update(
            keys.member(old.id, self.record.id),
            "SET #state = :open REMOVE #resolved_at",
            "attribute_exists(#pk)",
            {"open": State.OPEN.value},
        )
        alert = Update(
            keys.alert(old.id),
            f"SET {TOLD}, #state = :open, #root_hash = :root, #open_members = :open_members "
            "REMOVE #resolved_at ADD #revision :one",
            "#revision = :revision",
            {
                **told_values(self.now, self.rhythm),
                "open": State.OPEN.value,
                "root": self.root.hash,
                "open_members": old.open_members + (1 if returned else 0),
                "revision": old.revision,
            },
        )
        return (alert, member)

    def _left(self, old: AlertRecord) -> tuple[Write, ...]:
        stood = self.seen.mine is not None and self.seen.mine.state is State.OPEN
        members = old.members - 1
        open_members = old.open_members - (1 if stood else 0)
        if members == 0:
            state, more = State.MOVED, ", #moved_to = :target"
        elif open_members == 0:
            state, more = State.RESOLVED, ", #resolved_at = if_not_exists(#resolved_at, :now)"
        else:
            state, more = State.OPEN, ""
        alert = Update(
            keys.alert(old.id),
            f"SET {TOLD}, #state = :state, #members = :members, #open_members = :open_members, #primary = :primary"
            f"{more} ADD #revision :one",
            "#revision = :revision",
            {
                **told_values(self.now, self.rhythm),
                "state": state.value,
                "members": members,
                "open_members": open_members,
                "primary": self.seen.heir or old.primary,
                "target": self.target,
                "revision": old.revision,
            },
        )
        return (alert, Delete(keys.member(old.id, self.record.id), "attribute_exists(#pk)"))


TOLD = "#due = :due, #due_at = if_not_exists(#due_at, :now), #expires_at = :kept"
"""Whoever changes what a message should say makes it due; a run that tells Slack just then finds another revision."""


def told_values(now: int, rhythm: Rhythm) -> dict[str, Value]:
    """The values of TOLD, and a one."""
    return {"due": DUE_INDEX, "now": now, "kept": expires_at(now + rhythm.incident_kept), "one": 1}
