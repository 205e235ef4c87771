"""Everything that the ledger holds of one incident."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from ecs_medic.finding import JsonValue
from ecs_medic.ledger import alerts, diagnoses, incidents, proofs
from ecs_medic.ledger.alerts import AlertRecord
from ecs_medic.ledger.incidents import IncidentRecord
from ecs_medic.ledger.table import Table
from ecs_medic.report.model import Report
from ecs_medic.response.stored import Remembered as Diagnosis
from ecs_medic.response.whose import as_json

_TIMES = frozenset(
    {
        "diagnosed_at",
        "first_seen",
        "joined_at",
        "last_seen",
        "muted_until",
        "opened_at",
        "posted_at",
        "reopened_at",
        "resolved_at",
        "unposted_since",
        "verified_at",
    }
)
_INCIDENT = frozenset(
    {"id", "state", "count", "generation", "reopens", "diagnoses", "cause", "confidence", "guilty"} | _TIMES
)
_ALERT = frozenset({"id", "state", "posted_channel", "ts", "unposted", "refused", "moved_to", "muted_by"} | _TIMES)


@dataclass(frozen=True, slots=True)
class Remembered:
    """`members` are the incidents that the same alert tells of, this one included. What is not there is None."""

    record: IncidentRecord
    alert: AlertRecord | None
    members: tuple[IncidentRecord, ...]
    report: Report | None
    report_note: str | None
    evidence: JsonValue
    evidence_note: str | None
    proof: str | None

    @property
    def muted_until(self) -> int | None:
        """The later of the incident's own mute and its alert's, in epoch ms; None where neither is to come."""
        now = round(datetime.now(UTC).timestamp() * 1000)
        muted = max(self.record.muted_until or 0, (self.alert and self.alert.muted_until) or 0)
        return muted if muted > now else None

    def as_json(self, *, evidence: bool) -> dict[str, Any]:
        """Times as ISO 8601. The report is that of `diagnose --json`; the evidence is there where it is asked for."""
        answer: dict[str, Any] = {
            "incident": _chosen(self.record, _INCIDENT) | {"subject": as_json(self.record.subject)},
            "alert": None if self.alert is None else _chosen(self.alert, _ALERT),
            "members": [
                _chosen(one, _INCIDENT) | {name: as_json(one.subject)[name] for name in ("service", "cluster")}
                for one in self.members
            ],
            "verification": self.proof,
            "report": None if self.report is None else self.report.model_dump(mode="json"),
            "report_note": self.report_note,
        }
        if evidence:
            answer |= {"evidence": self.evidence, "evidence_note": self.evidence_note}
        return answer


def remembered(table: Table, incident_id: str) -> Remembered | None:
    """All that is kept; None where there is no such incident.

    Raises:
        LedgerError: the table cannot be read.
    """
    record = incidents.read(table, incident_id)
    if record is None:
        return None
    alert = alerts.read(table, record.alert_id) if record.alert_id else None
    ids = [member.incident_id for member in alerts.members(table, alert.id)] if alert else []
    records = incidents.read_many(table, ids)
    kept, evidence = diagnoses.report_of(table, incident_id), diagnoses.evidence_of(table, incident_id)
    return Remembered(
        record=record,
        alert=alert,
        members=tuple(sorted(records.values(), key=lambda one: (-one.count, one.id))),
        report=Diagnosis.from_json(kept.document).report if kept and kept.document else None,
        report_note=kept.note if kept else None,
        evidence=evidence.document if evidence else None,
        evidence_note=evidence.note if evidence else None,
        proof=proofs.words_of(table, incident_id, since=record.reopened_at or record.first_seen),
    )


def _chosen(record: IncidentRecord | AlertRecord, names: frozenset[str]) -> dict[str, Any]:
    """The fields that mean something outside of the ledger."""
    chosen = {field.name: getattr(record, field.name) for field in fields(record) if field.name in names}
    return {name: _time(value) if name in _TIMES else value for name, value in chosen.items()}


def _time(milliseconds: int | None) -> str | None:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat() if milliseconds else None
