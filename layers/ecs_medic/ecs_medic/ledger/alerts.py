"""Alerts as they are remembered: each is one Slack message, with the incidents that it tells of."""

from dataclasses import dataclass, fields

from ecs_medic.ledger import keys
from ecs_medic.ledger.errors import Item
from ecs_medic.ledger.incidents import State
from ecs_medic.ledger.table import Table


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """One Slack message. Times are epoch milliseconds; what has not happened yet is None.

    - `members` are all the incidents that it tells of, `open_members` those that still stand; `primary` is the incident
      whose story it tells.
    - `revision` grows with everything that changes what the message should say; `shown_revision`, `shown_hash` and
      `shown_count` are of what Slack shows.
    - `intent_id` was given to Slack with a first message whose answer has not been seen: look for it before posting.
    - `unposted` says why Slack shows less than it should, `attempts` how often that was tried; `refused` is Slack's own
      word for a refusal that only a person can change. `looks_failed` is how often nobody could tell by Slack's history
      whether it shows it already.
    - `detailed_for` names the verdict whose details are in the thread already.
    - `next_edit_at` is the earliest time of the next edit that nobody is waiting for.
    """

    id: str
    state: State
    root_hash: str
    channel: str
    primary: str
    members: int
    open_members: int
    revision: int
    opened_at: int
    lease_until: int
    expires_at: int
    lease_owner: str | None = None
    due_at: int | None = None
    ts: str | None = None
    posted_channel: str | None = None
    """The channel's id, as Slack answered it: names do not do for edits."""
    posted_at: int | None = None
    intent_id: str | None = None
    intent_at: int | None = None
    shown_revision: int = 0
    shown_hash: str | None = None
    shown_count: int = 0
    next_edit_at: int = 0
    unposted: str | None = None
    unposted_since: int | None = None
    attempts: int = 0
    looks_failed: int = 0
    refused: str | None = None
    detailed_for: str | None = None
    resolved_at: int | None = None
    moved_to: str | None = None
    muted_until: int | None = None
    muted_by: str | None = None
    """The name of who muted it last."""

    @property
    def is_open(self) -> bool:
        """Whether at least one of its incidents still stands."""
        return self.state is State.OPEN

    def is_muted(self, now: int) -> bool:
        """Whether nobody wants to hear of it for now."""
        return self.muted_until is not None and self.muted_until > now


@dataclass(frozen=True, slots=True)
class Member:
    """One incident of an alert; whose failure it is and how often it happened are in the incident's own record."""

    incident_id: str
    state: State
    joined_at: int


_FIELDS = tuple(field.name for field in fields(AlertRecord) if field.name not in {"id", "state"})


def read(table: Table, alert_id: str) -> AlertRecord | None:
    """The alert as it is now, or None."""
    item = table.get(keys.alert(alert_id))
    return None if item is None else from_item(item)


def members(table: Table, alert_id: str) -> tuple[Member, ...]:
    """The alert's incidents, those that joined first in front."""
    items = table.query(keys.alert(alert_id).pk, keys.MEMBER_PREFIX)
    return tuple(sorted(map(_member, items), key=lambda member: (member.joined_at, member.incident_id)))


def member(table: Table, alert_id: str, incident_id: str) -> Member | None:
    """One incident of the alert, or None where it is none of its."""
    item = table.get(keys.member(alert_id, incident_id))
    return None if item is None else _member(item)


def from_item(item: Item) -> AlertRecord:
    """The record that an item holds."""
    known = {name: item[name] for name in _FIELDS if name in item}
    alert_id = str(item["pk"]).removeprefix("alert#")
    return AlertRecord(id=alert_id, state=State(str(item["state"])), **known)  # type: ignore[arg-type]


def _member(item: Item) -> Member:
    incident_id = str(item["sk"]).removeprefix(keys.MEMBER_PREFIX)
    return Member(incident_id, State(str(item["state"])), int(item["joined_at"]))
