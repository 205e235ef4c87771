"""The event that opened an incident, kept until it is diagnosed: a run that crashed leaves it to the next."""

from ecs_medic.finding import JsonValue
from ecs_medic.ledger import evidence, keys
from ecs_medic.ledger.rhythm import DAY, expires_at
from ecs_medic.ledger.table import Put, Table

KEPT = 3 * DAY


def kept(incident_id: str, event: JsonValue, *, now: int) -> Put:
    """The write that keeps an event, which must be redacted already, in place of an earlier one."""
    packed = evidence.pack(event)
    return Put(keys.opener(incident_id), {"body": packed.body, "expires_at": expires_at(now + KEPT)})


def opener_of(table: Table, incident_id: str) -> JsonValue:
    """The event, or None."""
    item = table.get(keys.opener(incident_id))
    body = item.get("body") if item else None
    return evidence.unpack(body) if isinstance(body, bytes) else None
