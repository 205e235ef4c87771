"""Events that are kept with an incident: what a crashed run leaves is diagnosed, and what time ran out for completed.

The one is the event that opened the incident, the other that of its last partial diagnosis.
"""

from ecs_medic.finding import JsonValue
from ecs_medic.ledger import evidence, keys
from ecs_medic.ledger.keys import Key
from ecs_medic.ledger.rhythm import DAY, expires_at
from ecs_medic.ledger.table import Put, Table

KEPT = 3 * DAY


def kept(incident_id: str, event: JsonValue, *, now: int) -> Put:
    """The write that keeps an event, which must be redacted already, in place of an earlier one."""
    return _kept(keys.opener(incident_id), event, now)


def unfinished(incident_id: str, event: JsonValue, *, now: int) -> Put:
    """The write that keeps the event of a partial diagnosis, which must be redacted already, in the same way."""
    return _kept(keys.unfinished(incident_id), event, now)


def opener_of(table: Table, incident_id: str) -> JsonValue:
    """The event that opened the incident, or None."""
    return _event(table, keys.opener(incident_id))


def unfinished_of(table: Table, incident_id: str) -> JsonValue:
    """The event of the last partial diagnosis, or None."""
    return _event(table, keys.unfinished(incident_id))


def _kept(key: Key, event: JsonValue, now: int) -> Put:
    packed = evidence.pack(event)
    return Put(key, {"body": packed.body, "expires_at": expires_at(now + KEPT)})


def _event(table: Table, key: Key) -> JsonValue:
    item = table.get(key)
    body = item.get("body") if item else None
    return evidence.unpack(body) if isinstance(body, bytes) else None
