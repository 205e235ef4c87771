"""Leases: one run at a time attends to an incident, and what a crashed one left is taken up by another."""

from ecs_medic.ledger import keys
from ecs_medic.ledger.errors import ConditionFailed, LeaseLost, Value
from ecs_medic.ledger.incidents import IncidentRecord, from_item, read
from ecs_medic.ledger.rhythm import DEFAULT, Rhythm, expires_at, next_mark
from ecs_medic.ledger.table import DUE_INDEX, Table, Update

NEVER = 2**53
"""A count that no incident reaches."""

TAKE = (
    "#lease_owner = :owner, #lease_until = :lease_until, #quiet_until = :lease_until, #quiet_count = :never, "
    "#due = :due, #due_at = :lease_until"
)
"""While the lease runs, events only count; when it has run out, the next event or the sweep takes the incident up."""


def take_values(owner: str, now: int, rhythm: Rhythm) -> dict[str, Value]:
    """The values of TAKE."""
    return {"owner": owner, "lease_until": now + rhythm.lease, "never": NEVER, "due": DUE_INDEX}


def claim(
    table: Table, incident_id: str, *, owner: str, now: int, only_if_due: bool = True, rhythm: Rhythm = DEFAULT
) -> IncidentRecord | None:
    """Take the lease of an incident that is due (or whether it is due or not), or None: it is attended to, or gone."""
    # The last part lets the same run take it again: the answer to its first attempt may have been lost.
    free = "#lease_until <= :now" + (" AND #due_at <= :now" if only_if_due else "")
    mine = "#lease_owner = :owner AND #lease_until > :now"
    try:
        item = table.update(
            Update(
                keys.incident(incident_id),
                f"SET {TAKE}",
                f"#expires_at > :now_s AND ({free} OR {mine})",
                {**take_values(owner, now, rhythm), "now": now, "now_s": expires_at(now)},
            )
        )
    except ConditionFailed:
        return None
    return from_item(item)


def settle(
    table: Table,
    incident_id: str,
    *,
    owner: str,
    now: int,
    shown_count: int | None = None,
    again_at: int | None = None,
    finished: bool = True,
    rhythm: Rhythm = DEFAULT,
) -> IncidentRecord:
    """Give the lease back, and say until when events only count.

    `shown_count` is the counter that Slack shows by now, None where nothing new was shown. Where the incident counts
    more by then, it stays due: at the next event after the edit interval, or for the sweep (at `again_at`). So it does
    where its last diagnosis is to be completed. What is not
    `finished` is taken up again: its last diagnosis has not found its way into an alert.

    Raises:
        LeaseLost: the lease ran out, and somebody else has taken it.
    """
    record = read(table, incident_id)
    while record is not None and record.lease_owner == owner:
        try:
            settled = _settled(record, now, shown_count, again_at, rhythm, finished=finished)
            return from_item(table.update(settled))
        except ConditionFailed as failed:
            # It counted on, or the lease is lost.
            record = from_item(failed.item) if failed.item else None
    raise LeaseLost(f"incident {incident_id}")


def _settled(
    record: IncidentRecord, now: int, shown_count: int | None, again_at: int | None, rhythm: Rhythm, *, finished: bool
) -> Update:
    shown = record.shown_count if shown_count is None else shown_count
    soon = now + rhythm.edit
    everything = shown >= record.count
    next_diagnosis = max(soon, record.next_diagnosis(rhythm))
    appointment = again_at or soon
    if record.is_to_be_completed:
        appointment = next_diagnosis if everything else min(appointment, next_diagnosis)
    # A time that is over by now would be one that nobody had to wait for.
    appointment = max(appointment, now)
    done = everything and not record.is_to_be_completed
    due = "REMOVE #due, #due_at" if done else ", #due = :due, #due_at = :again_at"
    quiet_until = next_diagnosis if everything else soon
    return Update(
        keys.incident(record.id),
        "SET #lease_until = :over, #quiet_until = :quiet_until, #quiet_count = :quiet_count, #shown_count = :shown, "
        f"#longest_gap = :gap{', #settled_at = :now' if finished else ''} {due}",
        "#lease_owner = :owner AND #count = :count",
        {
            "over": 0,
            "now": now,
            "owner": record.lease_owner or "",
            "count": record.count,
            "shown": shown,
            "gap": record.gap,
            "quiet_until": quiet_until,
            # The event that makes it the mark finds one less.
            "quiet_count": next_mark(record.count) - 1,
            "due": DUE_INDEX,
            "again_at": appointment,
        },
    )
