"""The last diagnosis of an incident: its verdict in the hot item, its report and evidence beside it."""

from dataclasses import dataclass

from ecs_medic.finding import Confidence, JsonValue
from ecs_medic.ledger import evidence, keys, openers
from ecs_medic.ledger.errors import ConditionFailed, Item, LeaseLost, TransactionCancelled, Value
from ecs_medic.ledger.incidents import IncidentRecord, from_item, read
from ecs_medic.ledger.rhythm import DEFAULT, Rhythm, expires_at
from ecs_medic.ledger.table import Put, Table, Update, Write
from ecs_medic.vocabulary import Id


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found, at `at` (epoch ms). `report` and `evidence` must be redacted already."""

    at: int
    cause: Id
    confidence: Confidence
    guilty: str
    report: JsonValue
    evidence: JsonValue
    partial: bool = False
    """Whether time ran out for it: then it is soon made anew."""
    event: JsonValue = None
    """What it was made of, redacted already: with that it is completed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A document as it was kept, and what of it was left out to fit."""

    document: JsonValue
    at: int
    note: str | None = None


def diagnosed(
    table: Table, record: IncidentRecord, diagnosis: Diagnosis, *, owner: str, rhythm: Rhythm = DEFAULT
) -> IncidentRecord:
    """Write a diagnosis down, so that no other run needs to read AWS for it again. `record` is as it was diagnosed.

    Raises:
        LeaseLost: another run attends to the incident by now.
    """
    kept = expires_at(diagnosis.at + rhythm.incident_kept)
    writes: tuple[Write, ...] = (
        Update(
            keys.incident(record.id),
            "SET #diagnosed_at = :at, #diagnosed_count = :count, #cause = :cause, #confidence = :confidence, "
            "#guilty = :guilty, #partial = :partial, #expires_at = :kept ADD #diagnoses :one",
            "#lease_owner = :owner",
            {
                "at": diagnosis.at,
                "count": record.count,
                "cause": diagnosis.cause.value,
                "confidence": diagnosis.confidence.value,
                "guilty": diagnosis.guilty,
                "partial": _in_a_row(record) + 1 if diagnosis.partial else 0,
                "kept": kept,
                "one": 1,
                "owner": owner,
            },
        ),
        _document(record.id, "report", diagnosis.report, diagnosis.at, kept),
        _document(record.id, "evidence", diagnosis.evidence, diagnosis.at, kept),
        *_to_complete(record.id, diagnosis),
    )
    try:
        table.transact(*writes)
    except TransactionCancelled:
        raise LeaseLost(f"incident {record.id}") from None
    after = read(table, record.id)
    if after is None:
        raise LeaseLost(f"incident {record.id}")
    return after


def leave_incomplete(table: Table, record: IncidentRecord, *, owner: str) -> IncidentRecord:
    """Let a partial diagnosis be the last word until a new event: there is nothing left to complete it with.

    Raises:
        LeaseLost: another run attends to the incident by now.
    """
    values: dict[str, Value] = {"none": 0, "owner": owner}
    change = Update(keys.incident(record.id), "SET #partial = :none", "#lease_owner = :owner", values)
    try:
        return from_item(table.update(change))
    except ConditionFailed:
        raise LeaseLost(f"incident {record.id}") from None


def _to_complete(incident_id: str, diagnosis: Diagnosis) -> tuple[Put, ...]:
    if not diagnosis.partial or diagnosis.event is None:
        return ()
    return (openers.unfinished(incident_id, diagnosis.event, now=diagnosis.at),)


def _in_a_row(record: IncidentRecord) -> int:
    return 0 if record.is_reopened else record.partial


def report_of(table: Table, incident_id: str) -> Kept | None:
    """The report of the last diagnosis, or None."""
    return _kept(table.get(keys.report(incident_id)))


def evidence_of(table: Table, incident_id: str) -> Kept | None:
    """What AWS answered at the last diagnosis, or None."""
    return _kept(table.get(keys.evidence(incident_id)))


def _document(incident_id: str, name: str, document: JsonValue, at: int, kept: int) -> Put:
    packed = evidence.pack(document)
    key = keys.report(incident_id) if name == "report" else keys.evidence(incident_id)
    return Put(key, {"body": packed.body, "note": packed.note, "at": at, "expires_at": kept})


def _kept(item: Item | None) -> Kept | None:
    if item is None:
        return None
    body = item["body"]
    assert isinstance(body, bytes)  # noqa: S101 - _document wrote it
    note = item.get("note")
    return Kept(evidence.unpack(body), int(item["at"]), None if note is None else str(note))
