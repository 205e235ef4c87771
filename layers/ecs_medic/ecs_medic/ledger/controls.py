"""What may be repaired, as the stack's parameters say it and as the operator does: two items, read before every write.

What the values mean is for whoever reads them to say; here they are kept, and half of them is never read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecs_medic.ledger import keys
from ecs_medic.ledger.errors import ConditionFailed, Item, LedgerBusy
from ecs_medic.ledger.table import Put, Table

_STACK = "stack"
_OPERATOR = "operator"
_MOST_TURNS = 30


@dataclass(frozen=True, slots=True)
class StoredControls:
    """What the stack and the operator say; None where one says nothing.

    `unreadable` names those of the two that are there and cannot be read: then nothing is known to be allowed.
    """

    stack: Mapping[str, Any] | None = None
    operator: Mapping[str, Any] | None = None
    unreadable: tuple[str, ...] = ()


def read(table: Table) -> StoredControls:
    """Both, as they are now, by one read."""
    found = table.get_many((keys.controls(_STACK), keys.controls(_OPERATOR)))
    said = {whose: _said(found.get(keys.controls(whose))) for whose in (_STACK, _OPERATOR)}
    unreadable = tuple(whose for whose, one in said.items() if isinstance(one, _Unreadable))
    known = {whose: one for whose, one in said.items() if not isinstance(one, _Unreadable)}
    return StoredControls(known.get(_STACK), known.get(_OPERATOR), unreadable)


def publish(table: Table, stack: Mapping[str, Any]) -> None:
    """Have the stack say this; written only where it said something else."""
    item = table.get(keys.controls(_STACK))
    if item is None or item.get("body") != _body(stack):
        table.put(Put(keys.controls(_STACK), {"body": _body(stack)}))


def change(table: Table, **changed: Any) -> dict[str, Any]:
    """Have the operator say this too, and return all that the operator says then.

    A value of None takes back what was said. `actions` are changed one by one, and None takes back what was said of
    one. What cannot be read is replaced.

    Raises:
        LedgerBusy: others changed it too often meanwhile.
    """
    key = keys.controls(_OPERATOR)
    for turn in range(_MOST_TURNS):
        item = table.get(key)
        said = _said(item)
        after = _changed(said if isinstance(said, dict) else {}, changed)
        unchanged, was = "", ""
        if said is None:
            unchanged = "attribute_not_exists(#pk)"
        elif isinstance(said, dict):
            unchanged, was = "#body = :was", str((item or {})["body"])
        try:
            table.put(Put(key, {"body": _body(after)}, unchanged, {"was": was}))
        except ConditionFailed:
            table.pause(turn)
        else:
            return after
    raise LedgerBusy(f"the operator's controls changed {_MOST_TURNS} times while they were written")


class _Unreadable:
    """In place of what is there and cannot be read."""


def _said(item: Item | None) -> dict[str, Any] | _Unreadable | None:
    if item is None:
        return None
    try:
        said = json.loads(str(item.get("body")))
    except ValueError:
        return _Unreadable()
    return said if isinstance(said, dict) else _Unreadable()


def _changed(said: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    after = {**said, **changed}
    if isinstance(changed.get("actions"), Mapping):
        before = said.get("actions")
        merged = {**(before if isinstance(before, Mapping) else {}), **changed["actions"]}
        after["actions"] = {name: value for name, value in merged.items() if value is not None} or None
    return {name: value for name, value in after.items() if value is not None}


def _body(said: Mapping[str, Any]) -> str:
    return json.dumps(said, sort_keys=True, ensure_ascii=False)
