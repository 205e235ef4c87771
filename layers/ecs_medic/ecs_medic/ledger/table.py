"""The one table, spoken to through DynamoDB's low-level client; nothing else of this package knows its wire form.

Expressions are DynamoDB's own, with every attribute written `#name` and every value `:name`, so that no reserved word
can get in the way. Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

import random
import re
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from botocore import exceptions as botocore_errors
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ecs_medic.ledger.errors import (
    ConditionFailed,
    Item,
    LedgerBusy,
    LedgerRefused,
    Reason,
    TransactionCancelled,
    Value,
)
from ecs_medic.ledger.keys import Key

__all__ = ["Check", "Delete", "Item", "Put", "Table", "Update", "Value", "Write"]

DUE_INDEX = "due"
RETRY_SECONDS = 3.0
"""How long conflicts and throttling are retried before they are raised."""

_FIRST_PAUSE = 0.025
_LONGEST_PAUSE = 0.4
_MOST_KEYS_IN_A_BATCH = 100
_TRANSIENT = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_LOST = (
    botocore_errors.HTTPClientError,
    botocore_errors.ConnectionError,
    botocore_errors.ChecksumError,
    botocore_errors.IncompleteReadError,
    ResponseParserError,
)
_CONDITION_FAILED = "ConditionalCheckFailed"
_NAMES = re.compile(r"#(\w+)")
_VALUES = re.compile(r":(\w+)")


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole item."""

    key: Key
    item: Mapping[str, Value | None]
    condition: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    """Change attributes of an item."""

    key: Key
    expression: str
    condition: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove an item; one that is not there is no error unless the condition says so."""

    key: Key
    condition: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """Let a transaction happen only if an item is so."""

    key: Key
    condition: str
    values: Mapping[str, Value] = field(default_factory=dict)


type Write = Put | Update | Delete | Check

_WIRE_NAME: Mapping[type, str] = {Check: "ConditionCheck"}


class Table:
    """Reads and writes items. What is transient is retried with full jitter for some seconds, then raised.

    Every method raises LedgerBusy when the retries are used up and LedgerRefused when the table cannot be used at all.
    """

    def __init__(
        self,
        client: Any,
        name: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        """`client` is boto3's `dynamodb` client; `jitter` gives numbers from 0 to 1, `clock` seconds."""
        self._retry_seconds = retry_seconds
        self._client = client
        self.name = name
        self._sleep = sleep
        self._jitter = jitter
        self._clock = clock

    def get(self, key: Key) -> Item | None:
        """The item as it is now (a consistent read), or None."""
        answer = self._ask("get_item", Key=_key(key), ConsistentRead=True)
        return _item(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """The items that there are, as they are now, in batches of 100."""
        wanted = [_key(key) for key in dict.fromkeys(keys)]
        found: dict[Key, Item] = {}
        while wanted:
            batch, wanted = wanted[:_MOST_KEYS_IN_A_BATCH], wanted[_MOST_KEYS_IN_A_BATCH:]
            answer = self._ask_batch(batch)
            for raw in answer.get("Responses", {}).get(self.name, ()):
                item = _item(raw)
                found[Key(str(item["pk"]), str(item["sk"]))] = item
            # What DynamoDB left out for now is asked for again.
            wanted = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", []) + wanted
        return found

    def put(self, write: Put) -> None:
        """Write one item.

        Raises:
            ConditionFailed: the condition does not hold.
        """
        self._ask("put_item", **_single(write))

    def update(self, write: Update) -> Item:
        """Change one item, and return it as it is then.

        Raises:
            ConditionFailed: the condition does not hold.
        """
        answer = self._ask("update_item", ReturnValues="ALL_NEW", **_single(write))
        return _item(answer["Attributes"])

    def delete(self, write: Delete) -> None:
        """Remove one item.

        Raises:
            ConditionFailed: the condition does not hold.
        """
        self._ask("delete_item", **_single(write))

    def transact(self, *writes: Write) -> None:
        """All of the writes, or none of them. A retry whose predecessor had arrived after all writes nothing again.

        Raises:
            TransactionCancelled: a condition does not hold.
        """
        items = [{_WIRE_NAME.get(type(write), type(write).__name__): self._part(write)} for write in writes]
        self._ask_whole("transact_write_items", TransactItems=items, ClientRequestToken=str(uuid.uuid4()))

    def query(self, pk: str, prefix: str = "", *, limit: int | None = None) -> list[Item]:
        """The items of one partition whose `sk` begins so, in its order, as they are now; at most `limit`."""
        return self._pages(
            limit,
            KeyConditionExpression="#pk = :pk AND begins_with(#sk, :prefix)" if prefix else "#pk = :pk",
            ExpressionAttributeNames={"#pk": "pk", "#sk": "sk"} if prefix else {"#pk": "pk"},
            ExpressionAttributeValues=_values({"pk": pk, "prefix": prefix} if prefix else {"pk": pk}),
            ConsistentRead=True,
        )

    def scan(self, sk: str) -> list[Item]:
        """All items of one kind, in no order. It reads the whole table: for people, never for an event."""
        return self._pages(
            None,
            ask=self._scan,
            FilterExpression="#sk = :sk",
            ExpressionAttributeNames={"#sk": "sk"},
            ExpressionAttributeValues=_values({"sk": sk}),
        )

    def query_due(self, until: int, *, limit: int) -> list[Item]:
        """The keys of at most `limit` items whose time has come, the longest overdue first; `until` in epoch ms.

        The index follows the table within moments: what is found must be claimed by a condition.
        """
        return self._pages(
            limit,
            IndexName=DUE_INDEX,
            KeyConditionExpression="#due = :due AND #due_at <= :until",
            ExpressionAttributeNames={"#due": "due", "#due_at": "due_at"},
            ExpressionAttributeValues=_values({"due": DUE_INDEX, "until": until}),
        )

    def pause(self, turn: int) -> None:
        """Let others finish before the next turn of something that they made fail; `turn` counts from 0."""
        self._sleep(self._jitter() * min(_FIRST_PAUSE * 2**turn, _LONGEST_PAUSE))

    def _query(self, **asked: Any) -> dict[str, Any]:
        return self._ask("query", **asked)

    def _scan(self, **asked: Any) -> dict[str, Any]:
        return self._ask("scan", **asked)

    def _pages(
        self, limit: int | None, *, ask: Callable[..., dict[str, Any]] | None = None, **asked: Any
    ) -> list[Item]:
        found: list[Item] = []
        start: dict[str, Any] = {}
        while True:
            most = {} if limit is None else {"Limit": limit - len(found)}
            answer = (ask or self._query)(**asked, **most, **start)
            found += [_item(raw) for raw in answer["Items"]]
            last = answer.get("LastEvaluatedKey")
            if last is None or (limit is not None and len(found) >= limit):
                return found
            start = {"ExclusiveStartKey": last}

    def _part(self, write: Write) -> dict[str, Any]:
        return {"TableName": self.name, **_single(write)}

    def _ask_batch(self, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return self._ask_whole("batch_get_item", RequestItems={self.name: {"Keys": keys, "ConsistentRead": True}})

    def _ask(self, operation: str, **asked: Any) -> dict[str, Any]:
        return self._ask_whole(operation, TableName=self.name, **asked)

    def _ask_whole(self, operation: str, **asked: Any) -> dict[str, Any]:
        end = self._clock() + self._retry_seconds
        longest = _FIRST_PAUSE
        while True:
            try:
                answer: dict[str, Any] = getattr(self._client, operation)(**asked)
            except ClientError as error:
                why = _transient_reason(error)
            except _LOST as error:
                # Whether it was written is not known: every write of this package may be made twice.
                why = f"{type(error).__name__}: {error}"
            except BotoCoreError as error:
                raise LedgerRefused(type(error).__name__, str(error)) from None
            else:
                return answer
            pause = self._jitter() * longest
            if self._clock() + pause >= end:
                raise LedgerBusy(f"{operation}: {why}")
            self._sleep(pause)
            longest = min(2 * longest, _LONGEST_PAUSE)


def _transient_reason(error: ClientError) -> str:
    """Why another attempt is worth it; raises what no attempt will change."""
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        raw: Any = error.response.get("Item")
        raise ConditionFailed(_item(raw) if raw else None) from None
    if code == "TransactionCanceledException":
        return _cancelled(error.response.get("CancellationReasons", []))
    if code in _TRANSIENT or error.response["ResponseMetadata"].get("HTTPStatusCode", 0) >= 500:
        return code
    raise LedgerRefused(code, error.response["Error"].get("Message", "")) from None


def _cancelled(reasons: Sequence[Mapping[str, Any]]) -> str:
    codes = [reason.get("Code", "None") for reason in reasons]
    if _CONDITION_FAILED in codes:
        raise TransactionCancelled(
            tuple(
                Reason(reason.get("Code") == _CONDITION_FAILED, _item(reason["Item"]) if reason.get("Item") else None)
                for reason in reasons
            )
        ) from None
    if "ValidationError" in codes:
        raise LedgerRefused("ValidationError", "; ".join(str(reason.get("Message")) for reason in reasons)) from None
    # TransactionConflict, ThrottlingError, ProvisionedThroughputExceeded: another moment, another answer.
    return ", ".join(code for code in codes if code != "None") or "cancelled"


def _single(write: Write) -> dict[str, Any]:
    """One write as its operation wants it, without the table's name."""
    match write:
        case Put():
            whole = {"pk": write.key.pk, "sk": write.key.sk, **write.item}
            asked: dict[str, Any] = {"Item": _values({n: v for n, v in whole.items() if v is not None}, prefix="")}
            text = write.condition
        case Update():
            asked = {"Key": _key(write.key), "UpdateExpression": write.expression}
            text = f"{write.expression} {write.condition}"
        case Delete() | Check():
            asked = {"Key": _key(write.key)}
            text = write.condition
    if write.condition:
        asked |= {"ConditionExpression": write.condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    names, values = _used_in(text)
    if names:
        asked["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    # DynamoDB refuses values that no expression uses; what several expressions share may be more than one needs.
    if values:
        asked["ExpressionAttributeValues"] = _values({name: write.values[name] for name in values})
    return asked


@lru_cache(maxsize=256)
def _used_in(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names and the values in expressions; the same few are used again and again."""
    return tuple(sorted(set(_NAMES.findall(text)))), tuple(sorted(set(_VALUES.findall(text))))


def _key(key: Key) -> dict[str, Any]:
    return _values({"pk": key.pk, "sk": key.sk}, prefix="")


def _values(values: Mapping[str, Value], prefix: str = ":") -> dict[str, Any]:
    return {f"{prefix}{name}": _to_wire(value) for name, value in values.items()}


def _to_wire(value: Value) -> dict[str, Any]:
    match value:
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case str():
            return {"S": value}


def _item(raw: Mapping[str, Mapping[str, Any]]) -> Item:
    return {name: _from_wire(value) for name, value in raw.items()}


def _from_wire(raw: Mapping[str, Any]) -> Value:
    ((kind, value),) = raw.items()
    if kind == "N":
        return int(value)
    if kind == "B":
        return bytes(value)
    plain: str | bool = value
    return plain
