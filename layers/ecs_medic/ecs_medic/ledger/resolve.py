"""The end of an incident, and of the alert whose last incident it was."""

from dataclasses import dataclass

from ecs_medic.ledger import alerts, keys, services
from ecs_medic.ledger.alerts import AlertRecord
from ecs_medic.ledger.errors import LedgerBusy, TransactionCancelled
from ecs_medic.ledger.incidents import IncidentRecord, State
from ecs_medic.ledger.joining import TOLD, same_alert, told_values
from ecs_medic.ledger.rhythm import DEFAULT, Rhythm
from ecs_medic.ledger.table import Delete, Table, Update, Write

_MOST_TURNS = 30


@dataclass(frozen=True, slots=True)
class Resolved:
    """The incident is over. `alert` is the message that now must say so, None where there never was one."""

    alert: AlertRecord | None


def resolve(
    table: Table, record: IncidentRecord, *, owner: str, read_at: int, now: int, rhythm: Rhythm = DEFAULT
) -> Resolved | None:
    """End an incident whose lease the caller holds; None if it is not any more as `record` says.

    It is not if an event has arrived since, or it joined another alert, or the lease is lost. `record` must have been
    read before AWS was, and `read_at` is when AWS was: what happened until then is over, and an event of it that
    arrives later opens nothing. Gives the lease back where it returns something.

    Raises:
        LedgerBusy: others changed the same alert too often meanwhile.
    """
    for turn in range(_MOST_TURNS):
        alert = None if record.alert_id is None else alerts.read(table, record.alert_id)
        mine = None if alert is None else alerts.member(table, alert.id, record.id)
        writes: list[Write] = [_incident(record, owner, read_at, now)]
        writes += services.unlisted(record.subject, record.id)
        writes.append(Delete(keys.verification(record.id)))
        if alert is not None and mine is not None and mine.state is State.OPEN:
            writes += [_member(alert, record, now), _alert(alert, _primary(table, alert, record), now, rhythm)]
        try:
            table.transact(*writes)
        except TransactionCancelled as cancelled:
            if cancelled.reasons[0].failed:
                return None
            table.pause(turn)
        else:
            return Resolved(None if alert is None else alerts.read(table, alert.id))
    raise LedgerBusy(f"the alert of incident {record.id} changed {_MOST_TURNS} times while it was resolved")


def _incident(record: IncidentRecord, owner: str, read_at: int, now: int) -> Update:
    return Update(
        keys.incident(record.id),
        "SET #state = :resolved, #resolved_at = :read_at, #verified_at = :now, #lease_until = :over "
        "REMOVE #due, #due_at",
        f"#lease_owner = :owner AND #state = :open AND #count = :count AND {same_alert(record)}",
        {
            "resolved": State.RESOLVED.value,
            "open": State.OPEN.value,
            "read_at": read_at,
            "now": now,
            "over": 0,
            "owner": owner,
            "count": record.count,
            "was": record.alert_id or "",
        },
    )


def _member(alert: AlertRecord, record: IncidentRecord, now: int) -> Update:
    return Update(
        keys.member(alert.id, record.id),
        "SET #state = :resolved, #resolved_at = :now",
        "#state = :open",
        {"resolved": State.RESOLVED.value, "open": State.OPEN.value, "now": now},
    )


def _primary(table: Table, alert: AlertRecord, record: IncidentRecord) -> str:
    """Whose story the alert tells from now on: that of one that still fails, as long as there is any."""
    if alert.primary != record.id:
        return alert.primary
    others = (
        one for one in alerts.members(table, alert.id) if one.state is State.OPEN and one.incident_id != record.id
    )
    return min((one.incident_id for one in others), default=alert.primary)


def _alert(alert: AlertRecord, primary: str, now: int, rhythm: Rhythm) -> Update:
    last = alert.open_members <= 1
    return Update(
        keys.alert(alert.id),
        f"SET {TOLD}, #primary = :primary, #open_members = :open_members"
        f"{', #state = :resolved, #resolved_at = :now' if last else ''} ADD #revision :one",
        "#revision = :revision",
        {
            **told_values(now, rhythm),
            "primary": primary,
            "open_members": alert.open_members - 1,
            "resolved": State.RESOLVED.value,
            "revision": alert.revision,
        },
    )
