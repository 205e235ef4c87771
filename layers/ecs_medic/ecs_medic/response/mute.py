"""The mute menu: nothing new is heard of an alert, and of its incidents, for some hours. Counting goes on."""

import re
from datetime import UTC, datetime

from ecs_medic.ledger import alerts, mutes
from ecs_medic.ledger.rhythm import HOUR, SECOND, epoch_ms
from ecs_medic.report.standing_blocks import MUTE_HOURS
from ecs_medic.report.times import moment
from ecs_medic.response.click_request import RefusedRequest
from ecs_medic.response.desk import Desk
from ecs_medic.slack.interaction import Click

_VALUE = re.compile(r"(?P<alert>alert-[0-9a-f]{6,64})\|(?P<hours>[0-9]{1,3})", re.ASCII)


def mute(click: Click, desk: Desk) -> str:
    """Mute the alert that was clicked on; returns what to tell who clicked.

    Raises:
        RefusedRequest: the value names no alert, or hours that the menu does not offer.
        LedgerError: the ledger cannot be used.
    """
    chosen = _VALUE.fullmatch(click.value or "")
    if chosen is None or int(chosen["hours"]) not in MUTE_HOURS:
        raise RefusedRequest(400, "actions[0].value: expected an alert and hours that the menu offers")
    now = epoch_ms(desk.now())
    until = now + int(chosen["hours"]) * HOUR
    if not mutes.mute_alert(desk.table, chosen["alert"], until, now=now, by=click.user_name or click.user_id):
        raise RefusedRequest(404, "actions[0].value: there is no such alert (any more)")
    # So that it stays muted where one of them goes on in another message.
    for member in alerts.members(desk.table, chosen["alert"]):
        mutes.mute_incident(desk.table, member.incident_id, until)
    end = datetime.fromtimestamp(until / SECOND, UTC)
    return f"Muted until {moment(end)}. The message goes on counting, without a sound."
