"""What each change of a run did, kept where a crash does not reach it."""

from collections.abc import Mapping
from typing import Any

from ecs_medic.ledger import evidence, keys
from ecs_medic.ledger.rhythm import expires_at
from ecs_medic.ledger.runs import KEPT, packed
from ecs_medic.ledger.table import Put, Table, Value


def keep_receipt(table: Table, run_id: str, position: int, receipt: Mapping[str, Any], *, now: int) -> None:
    """Keep the receipt of the change at this position (from 0), whole, in place of an earlier one."""
    item: dict[str, Value | None] = {"body": packed(dict(receipt)), "expires_at": expires_at(now + KEPT)}
    table.put(Put(keys.receipt(run_id, position), item))


def receipts(table: Table, run_id: str) -> dict[int, dict[str, Any]]:
    """All receipts of the run by their position, the first in front."""
    found: dict[int, dict[str, Any]] = {}
    for item in table.query(keys.run(run_id).pk, keys.RECEIPT_PREFIX):
        body, receipt = item["body"], None
        if isinstance(body, bytes):
            receipt = evidence.unpack(body)
        if isinstance(receipt, dict):
            found[int(str(item["sk"]).removeprefix(keys.RECEIPT_PREFIX))] = receipt
    return found
