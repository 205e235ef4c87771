"""Reads, writes, conditions, transactions and retries."""

import pytest

from ecs_medic.ledger.errors import ConditionFailed, LedgerBusy, LedgerRefused, TransactionCancelled
from ecs_medic.ledger.keys import Key
from ecs_medic.ledger.table import Check, Delete, Put, Table, Update, Value

KEY, OTHER = Key("a", "1"), Key("b", "1")
ADD_ONE = Update(KEY, "ADD #n :one", values={"one": 1})


def test_every_kind_of_value_comes_back_as_it_was(table):
    item: dict[str, Value | None] = {
        "text": "日本 ",
        "number": 2**53,
        "bytes": b"\x00\xff",
        "yes": True,
        "no": False,
        "negative": -1,
    }
    table.put(Put(KEY, {**item, "nothing": None}))
    assert table.get(KEY) == {"pk": "a", "sk": "1", **item}


def test_what_is_not_there_is_none(table):
    assert table.get(KEY) is None


def test_a_failed_condition_shows_the_item(table):
    table.put(Put(KEY, {"n": 1}))
    with pytest.raises(ConditionFailed) as put:
        table.put(Put(KEY, {"n": 2}, "attribute_not_exists(#pk)"))
    with pytest.raises(ConditionFailed) as update:
        table.update(Update(KEY, "SET #n = :new", "#n = :old", {"new": 3, "old": 2}))
    with pytest.raises(ConditionFailed) as delete:
        table.delete(Delete(KEY, "#n = :old", {"old": 2}))
    with pytest.raises(ConditionFailed) as missing:
        table.update(Update(OTHER, "SET #n = :new", "attribute_exists(#pk)", {"new": 3}))
    assert [error.value.item and error.value.item["n"] for error in (put, update, delete)] == [1, 1, 1]
    assert missing.value.item is None


def test_an_update_returns_the_item_as_it_is_then(table):
    assert table.update(ADD_ONE)["n"] == 1
    assert table.update(ADD_ONE)["n"] == 2


def test_a_cancelled_transaction_writes_nothing_and_shows_what_failed(table):
    table.put(Put(KEY, {"n": 1}))
    with pytest.raises(TransactionCancelled) as cancelled:
        table.transact(
            Put(OTHER, {"n": 1}, "attribute_not_exists(#pk)"),
            ADD_ONE,
            Check(Key("c", "1"), "attribute_exists(#pk)"),
        )
    assert [reason.failed for reason in cancelled.value.reasons] == [False, False, True]
    assert table.get(OTHER) is None
    assert table.get(KEY)["n"] == 1
    with pytest.raises(TransactionCancelled) as cancelled:
        table.transact(Put(OTHER, {}), Update(KEY, "ADD #n :one", "#n > :limit", {"one": 1, "limit": 1}))
    assert [reason.item and reason.item["n"] for reason in cancelled.value.reasons] == [None, 1]


def test_a_query_finds_one_partition_page_after_page_in_order(table):
    for number in range(7):
        table.put(Put(Key("a", f"x#{number}"), {"body": b"\x01" * 300_000}))
    table.put(Put(Key("a", "y#1"), {}))
    table.put(Put(OTHER, {}))
    assert [item["sk"] for item in table.query("a", "x#")] == [f"x#{number}" for number in range(7)]
    assert len(table.query("a")) == 8
    assert [item["sk"] for item in table.query("a", limit=2)] == ["x#0", "x#1"]


def test_the_index_holds_only_what_is_due_and_only_its_keys(table):
    table.put(Put(KEY, {"due": "due", "due_at": 20, "more": "x"}))
    table.put(Put(OTHER, {"due": "due", "due_at": 10}))
    table.put(Put(Key("c", "1"), {"due": "due", "due_at": 30}))
    table.put(Put(Key("d", "1"), {"due_at": 5}))
    table.put(Put(Key("e", "1"), {"due": "due"}))
    assert [item["pk"] for item in table.query_due(20, limit=10)] == ["b", "a"]
    assert [item["pk"] for item in table.query_due(20, limit=1)] == ["b"]
    assert "more" not in table.query_due(20, limit=10)[1]
    table.update(Update(KEY, "REMOVE #due, #due_at"))
    assert [item["pk"] for item in table.query_due(20, limit=10)] == ["b"]


def test_many_items_are_read_in_batches(table, account):
    keys = [Key(f"p{number}", "1") for number in range(130)]
    for key in keys[:120]:
        table.put(Put(key, {}))
    account.clear_calls()
    assert set(table.get_many([*keys, keys[0]])) == set(keys[:120])
    assert len(account.calls("dynamodb")) == 2


CONFLICT = {
    "code": "TransactionCanceledException",
    "message": "Transaction cancelled, please refer cancellation reasons [TransactionConflict, None]",
}
TROUBLE = [
    ("error", CONFLICT),
    ("error", {"code": "ProvisionedThroughputExceededException"}),
    ("throttled", {}),
    ("server_error", {}),
    ("disconnect", {}),
    ("truncated", {}),
]


@pytest.mark.parametrize(("kind", "settings"), TROUBLE)
def test_trouble_that_passes_is_outlasted_and_nothing_is_written_twice(table, account, kind, settings):
    account.fault("dynamodb", "TransactWriteItems", kind, times=3, **settings)
    table.transact(Put(OTHER, {}, "attribute_not_exists(#pk)"), ADD_ONE)
    assert table.get(KEY)["n"] == 1
    assert len(account.calls("dynamodb")) == 5


@pytest.mark.parametrize(("kind", "settings"), TROUBLE)
def test_trouble_that_stays_is_raised_within_the_time(account, table, kind, settings):
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    patient = Table(table._client, table.name, sleep=sleep, jitter=lambda: 1.0, clock=lambda: now[0])
    account.fault("dynamodb", "*", kind, **settings)
    with pytest.raises(LedgerBusy):
        patient.transact(ADD_ONE)
    assert 2 < now[0] <= 3
    assert slept[:3] == [0.025, 0.05, 0.1]
    assert max(slept) == 0.4


def test_what_no_retry_can_change_is_raised_at_once(table, account):
    account.fault("dynamodb", "*", "access_denied")
    with pytest.raises(LedgerRefused, match="AccessDeniedException"):
        table.get(KEY)
    account.clear_faults()
    with pytest.raises(LedgerRefused, match="ResourceNotFoundException"):
        Table(table._client, "no-such-table").get(KEY)
    assert len(account.calls("dynamodb")) == 2
