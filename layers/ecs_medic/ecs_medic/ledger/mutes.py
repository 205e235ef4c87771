"""Mutes: nobody wants to hear of an incident, or of a whole alert, until some time. Counting goes on."""

from ecs_medic.ledger import keys
from ecs_medic.ledger.errors import ConditionFailed
from ecs_medic.ledger.keys import Key
from ecs_medic.ledger.table import DUE_INDEX, Table, Update


def mute_incident(table: Table, incident_id: str, until: int | None) -> bool:
    """Mute one incident, or (None) let it be heard again; False: there is no such incident."""
    return _muted(table, keys.incident(incident_id), until, "", {})


def mute_alert(table: Table, alert_id: str, until: int | None, *, now: int, by: str = "") -> bool:
    """Mute a message, or (None) let it be heard again, and have it say so and by whom; False: there is no such alert.

    It is due at once, whenever it was due before.
    """
    told = ", #muted_by = :by, #due = :due, #due_at = :now ADD #revision :one"
    return _muted(table, keys.alert(alert_id), until, told, {"due": DUE_INDEX, "now": now, "one": 1, "by": by})


def _muted(table: Table, key: Key, until: int | None, told: str, values: dict[str, str | int]) -> bool:
    change = f"SET #muted_until = :until{told}"
    try:
        table.update(Update(key, change, "attribute_exists(#pk)", {**values, "until": until or 0}))
    except ConditionFailed:
        return False
    return True
