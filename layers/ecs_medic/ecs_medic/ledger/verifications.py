"""Incidents that are to be looked at again: quiet once is not quiet for good."""

from ecs_medic.ledger import keys
from ecs_medic.ledger.errors import ConditionFailed, Value
from ecs_medic.ledger.incidents import IncidentRecord
from ecs_medic.ledger.rhythm import DEFAULT, Rhythm, expires_at
from ecs_medic.ledger.table import DUE_INDEX, Delete, Put, Table, Update


def schedule(table: Table, incident_id: str, *, at: int, attempts: int = 0, rhythm: Rhythm = DEFAULT) -> None:
    """Have the sweep verify the incident at `at` (epoch ms); a new time replaces the old one.

    `attempts` is how often it was looked at in vain since the last event that might have ended it.
    """
    item: dict[str, Value | None] = {
        "due": DUE_INDEX,
        "due_at": at,
        "attempts": attempts,
        "expires_at": expires_at(at + rhythm.incident_kept),
    }
    table.put(Put(keys.verification(incident_id), item))


def attempts_of(table: Table, incident_id: str) -> int:
    """How often it was looked at in vain; 0 where no verification is due."""
    item = table.get(keys.verification(incident_id))
    return int(item.get("attempts", 0)) if item else 0


def cancel(table: Table, incident_id: str) -> None:
    """Have it verified no more."""
    table.delete(Delete(keys.verification(incident_id)))


def verified(table: Table, record: IncidentRecord, *, now: int) -> None:
    """Note that it was looked at, whatever came of it."""
    try:
        table.update(Update(keys.incident(record.id), "SET #verified_at = :now", "attribute_exists(#pk)", {"now": now}))
    except ConditionFailed:
        return
