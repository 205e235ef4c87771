"""The root of an incident: one cause at one guilty resource, which may fail many services at once."""

import hashlib
from dataclasses import dataclass

from ecs_medic.ledger import keys
from ecs_medic.ledger.rhythm import expires_at
from ecs_medic.ledger.table import Put, Table
from ecs_medic.vocabulary import Id


@dataclass(frozen=True, slots=True)
class Root:
    """What the incidents of one Slack message have in common.

    `guilty` is the resource where the cause lies; where it is the failing task, service or definition itself, the
    incident's own id, so that nothing else joins it.
    """

    cause: Id
    guilty: str
    account: str
    region: str
    channel: str

    @property
    def hash(self) -> str:
        """A short name for it, fit for a key."""
        whole = "\0".join((self.cause, self.guilty, self.account, self.region, self.channel))
        return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:24]


def alert_of(table: Table, root_hash: str, now: int) -> str | None:
    """The id of the alert that the root points to; whether that one is still open is the alert's to say."""
    item = table.get(keys.root(root_hash))
    if item is None or int(item["expires_at"]) <= expires_at(now):
        return None
    return str(item["alert_id"])


def pointing(root_hash: str, alert_id: str, seen: str | None, now: int, until: int) -> Put:
    """The write that lets a root point to an alert, if it pointed nowhere, there already, or to what was `seen`.

    Pointers are never removed: one to an alert that is over, or about something else by now, is followed by nobody.
    """
    return Put(
        keys.root(root_hash),
        {"alert_id": alert_id, "expires_at": expires_at(until)},
        "attribute_not_exists(#pk) OR #expires_at <= :now_s OR #alert_id = :alert_id OR #alert_id = :seen",
        {"now_s": expires_at(now), "alert_id": alert_id, "seen": seen or alert_id},
    )
