"""Incidents as they are remembered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from ecs_medic.finding import Confidence
from ecs_medic.incident import Incident, Kind
from ecs_medic.ledger import keys
from ecs_medic.ledger.errors import Item, Value
from ecs_medic.ledger.rhythm import Rhythm, epoch_ms, next_mark
from ecs_medic.ledger.table import Table
from ecs_medic.vocabulary import Id

_MOST_PARTIAL = 3


class State(StrEnum):
    """Whether an incident, or an alert, still stands."""

    OPEN = "open"
    RESOLVED = "resolved"
    MOVED = "moved"
    """Only an alert's: its incident went to another alert, named in `moved_to`."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose failure it is: all that is needed to tell of it, and to look at it again, without reading AWS."""

    kind: Kind
    account: str
    region: str
    cluster: str
    symptom: Id
    service: str | None = None
    task_definition: str | None = None
    """`family:revision` of the event that opened the incident."""
    launch_type: str | None = None
    partition: str = "aws"
    about: str | None = None
    """What a refused call was for: the repository of a push, else the call itself."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event of an incident."""

    incident_id: str
    event_key: str
    occurred_at: int
    subject: Subject

    @classmethod
    def of(cls, incident: Incident) -> "Occurrence":
        """The occurrence that an event tells of. One without a key of its own is known by its task and time."""
        occurred_at = epoch_ms(incident.occurred_at)
        subject = Subject(
            kind=incident.kind,
            account=incident.account,
            region=incident.region,
            cluster=incident.cluster,
            symptom=incident.symptom,
            service=incident.service,
            task_definition=incident.task_definition,
            launch_type=incident.launch_type,
            partition=incident.partition,
            about=incident.refused_call.about if incident.refused_call else None,
        )
        own_key = f"{incident.id}#{incident.task_arn or '-'}#{occurred_at}"
        return cls(incident.id, incident.event_key or own_key, occurred_at, subject)


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """The hot item of an incident. Times are epoch milliseconds; what has not happened yet is None.

    - `first_seen` is the time in the event that opened it, `last_seen` and `previous_seen` are when the last two events
      arrived, or, of those that were held up on their way, when they happened; `longest_gap` is the longest time
      between two of them in this generation that was measured: at every event that is attended to, of the two gaps
      before it.
    - `generation` counts the times that it was opened anew; a failure within the reopen window only adds to `reopens`.
    - Until `quiet_until`, and below `quiet_count`, an event needs no more than to be counted.
    - Whoever holds the lease (`lease_owner`, until `lease_until`) attends to it; a lease that has run out was left by a
      crash.
    - `due_at` is when the sweep takes it up, None where nothing remains to be done; `shown_count` is the counter that
      Slack shows.
    - `diagnosed_count` is the count at the last diagnosis, `cause`, `confidence` and `guilty` are its verdict;
      `partial` is how many diagnoses in a row, up to the last one, time ran out for.
    """

    id: str
    state: State
    subject: Subject
    generation: int
    count: int
    first_seen: int
    last_seen: int
    quiet_until: int
    quiet_count: int
    lease_until: int
    expires_at: int
    previous_seen: int | None = None
    longest_gap: int = 0
    lease_owner: str | None = None
    due_at: int | None = None
    shown_count: int = 0
    diagnosed_at: int | None = None
    diagnosed_count: int = 0
    diagnoses: int = 0
    partial: int = 0
    cause: Id | None = None
    confidence: Confidence | None = None
    guilty: str | None = None
    alert_id: str | None = None
    resolved_at: int | None = None
    reopened_at: int | None = None
    reopens: int = 0
    verified_at: int | None = None
    muted_until: int | None = None
    settled_at: int | None = None
    """When a run that attended to it came to its end."""

    @property
    def is_unfinished(self) -> bool:
        """Whether a crash left it undiagnosed, or its last diagnosis in no alert."""
        if self.diagnosed_at is None or self.alert_id is None or self.settled_at is None:
            return True
        return self.diagnosed_at > self.settled_at or (self.reopened_at or 0) > self.diagnosed_at

    @property
    def is_open(self) -> bool:
        """Whether the failure still stands, as far as is known."""
        return self.state is State.OPEN

    @property
    def is_reopened(self) -> bool:
        """Whether it failed again after its last diagnosis."""
        return self.reopened_at is not None and self.reopened_at > (self.diagnosed_at or 0)

    @property
    def is_to_be_completed(self) -> bool:
        """Whether time ran out for its last diagnosis, and not for so many in a row that another one is in vain."""
        return self.is_open and 0 < self.partial < _MOST_PARTIAL

    def completion_due(self, now: int, rhythm: Rhythm) -> bool:
        """Whether the rest of a partial diagnosis is to be read by now, event or no event."""
        return self.is_to_be_completed and now >= self.next_diagnosis(rhythm)

    @property
    def gap(self) -> int:
        """The longest time between two arrivals, the last two included."""
        return max(self.longest_gap, self.last_seen - (self.previous_seen or self.last_seen))

    def is_muted(self, now: int) -> bool:
        """Whether nobody wants to hear of it for now."""
        return self.muted_until is not None and self.muted_until > now

    def diagnosis_due(self, now: int, rhythm: Rhythm) -> bool:
        """Whether the next look at AWS is due: never diagnosed, reopened since, a mark was passed, or long ago.

        What is over is not looked at again, even if late events still count.
        """
        if not self.is_open:
            return False
        if self.diagnosed_at is None or self.is_reopened or self.completion_due(now, rhythm):
            return True
        return self.count > self.diagnosed_count and now >= self.next_diagnosis(rhythm)

    def next_diagnosis(self, rhythm: Rhythm) -> int:
        """When the next event after a diagnosis asks for another one, if the count stays as it is."""
        if self.diagnosed_at is None:
            return 0
        if self.is_to_be_completed:
            return self.diagnosed_at + rhythm.completion
        passed_a_mark = self.count >= next_mark(self.diagnosed_count)
        return self.diagnosed_at + (rhythm.mark if passed_a_mark else rhythm.diagnosis)


_SUBJECT_FIELDS = tuple(field.name for field in fields(Subject))
_RECORD_FIELDS = tuple(field.name for field in fields(IncidentRecord) if field.name not in {"id", "subject"})
_ENUMS: Mapping[str, type[StrEnum]] = {
    "kind": Kind,
    "symptom": Id,
    "state": State,
    "confidence": Confidence,
    "cause": Id,
}


def read(table: Table, incident_id: str) -> IncidentRecord | None:
    """The incident as it is now, or None. One whose time is over is still here until DynamoDB removes it."""
    item = table.get(keys.incident(incident_id))
    return None if item is None else from_item(item)


def read_many(table: Table, incident_ids: Iterable[str]) -> dict[str, IncidentRecord]:
    """Those of the incidents that there are, by id."""
    records = (from_item(item) for item in table.get_many(map(keys.incident, incident_ids)).values())
    return {record.id: record for record in records}


def from_item(item: Item) -> IncidentRecord:
    """The record that an item holds."""
    known = {name: _known(name, item[name]) for name in _RECORD_FIELDS if name in item}
    incident_id = str(item["pk"]).removeprefix("incident#")
    return IncidentRecord(id=incident_id, subject=subject_in(item), **known)  # type: ignore[arg-type]


def subject_in(item: Item) -> Subject:
    """Whose it is, as `subject_attributes` wrote it into an item."""
    return Subject(**{name: _known(name, item[name]) for name in _SUBJECT_FIELDS if name in item})  # type: ignore[arg-type]


def subject_attributes(subject: Subject) -> dict[str, Value | None]:
    """The attributes of an item that say whose it is."""
    return {name: getattr(subject, name) for name in _SUBJECT_FIELDS}


def _known(name: str, value: Value) -> Value:
    return _ENUMS[name](str(value)) if name in _ENUMS else value
