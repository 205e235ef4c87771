"""Requests that were taken already: within the minutes for which a signature is good, each is taken once."""

from ecs_medic.ledger import keys
from ecs_medic.ledger.errors import ConditionFailed
from ecs_medic.ledger.rhythm import MINUTE, expires_at
from ecs_medic.ledger.table import Put, Table

KEPT = 15 * MINUTE
"""Longer than a signature is good for, five minutes before its own time included."""


def take(table: Table, signature: str, *, owner: str, now: int) -> bool:
    """Whether the request with this signature, which must have been verified, comes for the first time."""
    try:
        table.put(
            Put(
                keys.request(signature),
                {"owner": owner, "expires_at": expires_at(now + KEPT)},
                # The last part: the answer to this run's own first attempt may have been lost.
                "attribute_not_exists(#pk) OR #expires_at <= :now_s OR #owner = :owner",
                {"now_s": expires_at(now), "owner": owner},
            )
        )
    except ConditionFailed:
        return False
    return True
