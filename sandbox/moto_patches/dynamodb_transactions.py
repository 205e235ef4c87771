"""Transactions of DynamoDB as AWS makes them, and fast enough for a table of many thousand items.

A transaction that is sent again with its `ClientRequestToken` is not made twice. A cancelled one is undone in the items
that it touched, where moto copies and sorts the whole table for every request.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

import copy
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import DynamodbException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from sandbox.moto_patches.patching import replace

type Touched = tuple[DynamoType, DynamoType]
type Items = dict[DynamoType, dict[DynamoType, Any]]

_TOKENS = "sandbox_transaction_tokens"


class IdempotentParameterMismatch(DynamodbException):
    """A token that came before, with other writes."""

    def __init__(self) -> None:
        super().__init__(
            "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException",
            "The request was rejected because it was sent with a token of another request.",
        )


def install() -> None:
    """Replaces transactions, and queries of tables that have a sort key."""
    transact, answer, query = DynamoDBBackend.transact_write_items, DynamoHandler.transact_write_items, Table.query

    @replace(DynamoDBBackend)
    def transact_write_items(self: Any, transact_items: list[dict[str, Any]]) -> None:
        touched = _touched(self, transact_items)
        whole = {name: self.tables[name] for name in touched}
        # moto copies this part, and works on it.
        self.tables.update({name: _with(whole[name], _copied(whole[name], keys)) for name, keys in touched.items()})
        try:
            transact(self, transact_items)
            after = {name: self.tables[name].items for name in touched}
        finally:
            self.tables.update(whole)
        for name, keys in touched.items():
            _take_over(whole[name].items, after[name], keys)

    @replace(DynamoHandler, "transact_write_items")
    def answered(self: Any) -> ActionResult:
        token, asked = (
            self.body.get("ClientRequestToken"),
            json.dumps(self.body["TransactItems"], sort_keys=True, default=repr),
        )
        tokens: dict[str, str] = vars(self.dynamodb_backend).setdefault(_TOKENS, {})
        if token not in tokens:
            result = answer(self)
            if token:
                tokens[token] = asked
            return result
        if tokens[token] != asked:
            raise IdempotentParameterMismatch
        return ActionResult({})

    @replace(Table, "query")
    def queried(self: Any, hash_key: DynamoType | None, *args: Any, **kwargs: Any) -> Any:
        index_name = args[6] if len(args) > 6 else kwargs.get("index_name")
        if not self.has_range_key or hash_key is None:
            return query(self, hash_key, *args, **kwargs)
        if index_name is None:
            return query(_with(self, {hash_key: self.items.get(hash_key, {})}), hash_key, *args, **kwargs)
        hash_attribute = next(key for key in self.get_index(index_name).schema if key["KeyType"] == "HASH")
        part = _of_index(self.items, hash_attribute["AttributeName"])
        return query(_with(self, part), hash_key, *args, **kwargs)


def _touched(backend: Any, transact_items: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, list[Touched]]:
    touched: dict[str, list[Touched]] = {}
    for item in transact_items:
        ((operation, asked),) = item.items()
        table = backend.tables.get(asked.get("TableName"))
        if table is not None and table.has_range_key:
            key = asked["Item" if operation == "Put" else "Key"]
            pair = (DynamoType(key[table.hash_key_attr]), DynamoType(key[table.range_key_attr]))
            touched.setdefault(table.name, []).append(pair)
    return touched


def _with(table: Any, items: Items) -> Any:
    part = copy.copy(table)
    part.items = defaultdict(dict, items)
    return part


def _copied(table: Any, keys: Sequence[Touched]) -> Items:
    items: Items = defaultdict(dict)
    for hash_key, range_key in keys:
        if range_key in table.items.get(hash_key, {}):
            items[hash_key][range_key] = copy.deepcopy(table.items[hash_key][range_key])
    return items


def _take_over(items: Items, after: Items, keys: Sequence[Touched]) -> None:
    for hash_key, range_key in keys:
        if range_key in after.get(hash_key, {}):
            items[hash_key][range_key] = after[hash_key][range_key]
        else:
            items.get(hash_key, {}).pop(range_key, None)


def _of_index(items: Items, attribute: str) -> Items:
    """Those items that the index holds: the ones with its hash attribute."""
    held: Items = {}
    for hash_key, of_hash in items.items():
        if found := {range_key: item for range_key, item in of_hash.items() if attribute in item.attrs}:
            held[hash_key] = found
    return held
