"""Once a minute: what no event brings about. Unposted alerts, counters behind, verifications, what a crash left."""

from collections.abc import Callable
from dataclasses import dataclass

from ecs_medic.aws.errors import AwsUnavailable
from ecs_medic.ledger import alerts, incidents, leases, verifications
from ecs_medic.ledger.due import Due, DueKind, due
from ecs_medic.ledger.errors import LedgerError
from ecs_medic.ledger.rhythm import epoch_ms
from ecs_medic.response.announce import announce
from ecs_medic.response.attend import attend
from ecs_medic.response.ending import end_if_over
from ecs_medic.response.giving_back import give_back
from ecs_medic.response.meter import Metric
from ecs_medic.response.opener import event_left, incident_in
from ecs_medic.response.see_to import see_to
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.response.time_left import ENOUGH_TO_LOOK_SECONDS
from ecs_medic.response.told import Told

MOST_AT_ONCE = 400
"""Things that one sweep takes up; the longest overdue come first, and the next sweep goes on."""
ENOUGH_SECONDS = 30.0
"""What telling one more thing may take: with less time left, a sweep ends."""
ENOUGH_TO_READ_SECONDS = ENOUGH_TO_LOOK_SECONDS
"""With less time left, an incident waits for the next sweep."""

_OF_INCIDENTS = frozenset({DueKind.INCIDENT, DueKind.VERIFICATION})


@dataclass(slots=True)
class Swept:
    """What one sweep did: things taken up by kind, and what failed."""

    incidents: int = 0
    alerts: int = 0
    verifications: int = 0
    runs: int = 0
    """Of repairs."""
    failures: int = 0
    unposted: int = 0
    """Alerts that Slack still does not have although it should."""


def sweep(around: Surroundings, *, seconds_left: Callable[[], float] = lambda: float("inf")) -> Swept:
    """Take up what is due, as long as there is time: what remains is due at the next sweep.

    One thing that fails does not keep the others waiting.

    Raises:
        LedgerError: not even what is due could be read.
        ExceptionGroup: what nobody foresaw, after all the rest was taken up: the function's errors have an alarm.
    """
    done = Swept()
    unforeseen: list[Exception] = []
    told: dict[str, Told] = {}
    for one in due(around.table, epoch_ms(around.now()), limit=MOST_AT_ONCE):
        left = seconds_left()
        if left < ENOUGH_SECONDS:
            break
        if one.kind in _OF_INCIDENTS and left < ENOUGH_TO_READ_SECONDS:
            continue
        around.about(one.id if one.kind in _OF_INCIDENTS else None)
        try:
            _take_up(one, told, done, around)
        except (AwsUnavailable, LedgerError) as error:
            done.failures += 1
            around.log.warning("not done", extra={"due": one.kind, "due_id": one.id, "reason": str(error)})
        except Exception as error:
            unforeseen.append(error)
            done.failures += 1
            around.log.exception("not done", extra={"due": one.kind, "due_id": one.id})
    around.about(None)
    around.meter(Metric.UNPOSTED, done.unposted)
    if unforeseen:
        raise ExceptionGroup("not everything that was due is done", unforeseen)
    return done


def _take_up(one: Due, told: dict[str, Told], done: Swept, around: Surroundings) -> None:
    match one.kind:
        case DueKind.INCIDENT:
            done.incidents += 1
            _incident(one.id, told, around)
        case DueKind.ALERT:
            done.alerts += 1
            _told_once(one.id, told, around)
            after = alerts.read(around.table, one.id)
            done.unposted += bool(after and after.unposted)
        case DueKind.VERIFICATION:
            done.verifications += 1
            record = incidents.read(around.table, one.id)
            if record is not None and record.is_open:
                end_if_over(one.id, around, attempts=verifications.attempts_of(around.table, one.id))
            else:
                verifications.cancel(around.table, one.id)
        case DueKind.RUN:
            done.runs += 1
            see_to(one.id, around)


def _incident(incident_id: str, told: dict[str, Told], around: Surroundings) -> None:
    now = epoch_ms(around.now())
    record = leases.claim(around.table, incident_id, owner=around.owner, now=now, rhythm=around.rhythm)
    if record is None:
        return
    unfinished = record.is_unfinished or record.completion_due(now, around.rhythm)
    if record.alert_id is None or (record.is_open and unfinished):
        event = event_left(record, around)
        attend(record, incident_in(event, record.id, around), around, event=lambda: event)
        return
    shown = _told_once(record.alert_id, told, around)
    give_back(record, shown, around)


def _told_once(alert_id: str, told: dict[str, Told], around: Surroundings) -> Told:
    """Two hundred incidents of one alert are told in one edit."""
    if alert_id not in told:
        told[alert_id] = announce(alert_id, around)
    return told[alert_id]
