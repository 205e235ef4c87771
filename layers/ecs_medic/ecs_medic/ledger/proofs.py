"""What the last verification of an incident said: why it is over, or why it is not although the service looks well."""

from ecs_medic.ledger import keys
from ecs_medic.ledger.joining import TOLD, told_values
from ecs_medic.ledger.rhythm import DEFAULT, Rhythm, expires_at
from ecs_medic.ledger.table import Put, Table, Update, Value


def say(table: Table, incident_id: str, alert_id: str, words: str, *, now: int, rhythm: Rhythm = DEFAULT) -> None:
    """Keep the words, which must be redacted already, in place of earlier ones, and have the alert say them."""
    item: dict[str, Value | None] = {"words": words, "at": now, "expires_at": expires_at(now + rhythm.incident_kept)}
    table.transact(
        Put(keys.proof(incident_id), item),
        Update(keys.alert(alert_id), f"SET {TOLD} ADD #revision :one", "", told_values(now, rhythm) | {"one": 1}),
    )


def words_of(table: Table, incident_id: str, *, since: int) -> str | None:
    """The words, where they are of `since` (epoch ms) or later: what failed again is not over any more."""
    item = table.get(keys.proof(incident_id))
    return str(item["words"]) if item is not None and int(item["at"]) >= since else None
