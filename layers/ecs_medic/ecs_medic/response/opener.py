"""Kept events, read again: what a crashed run leaves, what is completed, and what a verification goes by."""

from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.parse import parse
from ecs_medic.finding import JsonValue
from ecs_medic.incident import Incident
from ecs_medic.ledger import openers
from ecs_medic.ledger.incidents import IncidentRecord
from ecs_medic.ledger.rhythm import epoch_ms
from ecs_medic.response.surroundings import Surroundings


def opening_incident(incident_id: str, around: Surroundings) -> Incident | None:
    """The incident as its first event showed it, as long as that is kept; one that cannot be read is logged."""
    return incident_in(openers.opener_of(around.table, incident_id), incident_id, around)


def event_left(record: IncidentRecord, around: Surroundings) -> JsonValue:
    """What there is to diagnose an incident by without a new event, or None.

    A partial diagnosis is completed with its own event: the one that opened the incident may be days older.
    """
    if record.completion_due(epoch_ms(around.now()), around.rhythm) and not record.is_reopened:
        unfinished = openers.unfinished_of(around.table, record.id)
        if unfinished is not None:
            return unfinished
    return openers.opener_of(around.table, record.id)


def incident_in(event: JsonValue, incident_id: str, around: Surroundings) -> Incident | None:
    """The incident as a kept event shows it, None without one; one that cannot be read is logged."""
    try:
        return parse(event) if event is not None else None
    except BadEventError as error:
        around.log.warning("the kept event cannot be read", extra={"incident_id": incident_id, "reason": str(error)})
        return None
