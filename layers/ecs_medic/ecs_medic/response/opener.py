"""The event that opened an incident, read again: what a crashed run leaves, and what a verification goes by."""

from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.parse import parse
from ecs_medic.incident import Incident
from ecs_medic.ledger import openers
from ecs_medic.response.surroundings import Surroundings


def opening_incident(incident_id: str, around: Surroundings) -> Incident | None:
    """The incident as that event showed it, as long as the event is kept; one that cannot be read is logged."""
    event = openers.opener_of(around.table, incident_id)
    try:
        return parse(event) if event is not None else None
    except BadEventError as error:
        around.log.warning("the kept event cannot be read", extra={"incident_id": incident_id, "reason": str(error)})
        return None
