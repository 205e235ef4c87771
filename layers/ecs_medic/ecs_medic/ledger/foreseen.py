"""Troubles that a check has found before they made anything fail: which of them have been told, and where."""

from dataclasses import dataclass

from ecs_medic.ledger import keys
from ecs_medic.ledger.errors import ConditionFailed, Item, Value
from ecs_medic.ledger.rhythm import DAY, expires_at
from ecs_medic.ledger.table import Delete, Put, Table, Update

_KEPT = 90 * DAY


@dataclass(frozen=True, slots=True)
class Where:
    """The cluster that was checked."""

    account: str
    region: str
    cluster: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One trouble as it is known. `intent_id` and `intent_at` (epoch ms) are those of the first attempt to tell it.

    `posted_at` is when it was told, None where nobody knows whether it was. `words` are its heading.
    """

    hash: str
    cause: str
    words: str
    intent_id: str
    intent_at: int
    posted_at: int | None = None
    ts: str | None = None
    channel: str | None = None


def known(table: Table, where: Where) -> dict[str, Foreseen]:
    """All that is known of the cluster, by hash."""
    found = (_foreseen(item) for item in table.query(_pk(where), keys.FORESEEN_PREFIX))
    return {one.hash: one for one in found}


def begin(table: Table, where: Where, new: Foreseen) -> bool:
    """Write down that it is about to be told; False: somebody else has."""
    item: dict[str, Value | None] = {
        "cause": new.cause,
        "words": new.words,
        "intent_id": new.intent_id,
        "intent_at": new.intent_at,
        "expires_at": expires_at(new.intent_at + _KEPT),
    }
    try:
        table.put(Put(_key(where, new.hash), item, "attribute_not_exists(#pk)"))
    except ConditionFailed as failed:
        # A retry of the table's own finds what its first attempt has written.
        return bool(failed.item and failed.item.get("intent_id") == new.intent_id)
    return True


def told(
    table: Table, where: Where, hash_: str, *, now: int, ts: str | None = None, channel: str | None = None
) -> None:
    """It was told, and where: a message of a webhook is nowhere."""
    values: dict[str, Value] = {"now": now, "ts": ts or "", "channel": channel or "", "until": expires_at(now + _KEPT)}
    change = "SET #posted_at = :now, #ts = :ts, #channel = :channel, #expires_at = :until"
    table.update(Update(_key(where, hash_), change, "", values))


def still_there(table: Table, where: Where, hash_: str, *, now: int) -> None:
    """Keep it known for as long as it is found."""
    table.update(
        Update(
            _key(where, hash_), "SET #expires_at = :until", "attribute_exists(#pk)", {"until": expires_at(now + _KEPT)}
        )
    )


def gone(table: Table, where: Where, hash_: str) -> None:
    """Forget it: found again, it is new."""
    table.delete(Delete(_key(where, hash_)))


def _pk(where: Where) -> str:
    return keys.foreseen_pk(where.account, where.region, where.cluster)


def _key(where: Where, hash_: str) -> keys.Key:
    return keys.Key(_pk(where), f"{keys.FORESEEN_PREFIX}{hash_}")


def _foreseen(item: Item) -> Foreseen:
    posted_at = item.get("posted_at")
    return Foreseen(
        hash=str(item["sk"]).removeprefix(keys.FORESEEN_PREFIX),
        cause=str(item["cause"]),
        words=str(item["words"]),
        intent_id=str(item["intent_id"]),
        intent_at=int(str(item["intent_at"])),
        posted_at=int(str(posted_at)) if posted_at is not None else None,
        ts=str(item.get("ts") or "") or None,
        channel=str(item.get("channel") or "") or None,
    )
