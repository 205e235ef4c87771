"""Transactions and the sparse index of DynamoDB, as AWS documents them."""

from typing import Any

import pytest

from sandbox import ledger_table
from sandbox.client import Sandbox


@pytest.fixture
def client(account: Sandbox) -> Any:
    ledger_table.create(account)
    return account.client("dynamodb")


def put(key: str, *, only_new: bool = False, **attributes: Any) -> dict[str, Any]:
    item = {"pk": {"S": key}, "sk": {"S": "x"}, **{name: {"S": value} for name, value in attributes.items()}}
    condition = {
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return {"Put": {"TableName": ledger_table.TABLE, "Item": item, **(condition if only_new else {})}}


def count(key: str) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": ledger_table.TABLE,
            "Key": {"pk": {"S": key}, "sk": {"S": "x"}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }


def delete(key: str) -> dict[str, Any]:
    return {"Delete": {"TableName": ledger_table.TABLE, "Key": {"pk": {"S": key}, "sk": {"S": "x"}}}}


def read(client, key: str) -> Any:
    return client.get_item(TableName=ledger_table.TABLE, Key={"pk": {"S": key}, "sk": {"S": "x"}}).get("Item")


def test_a_transaction_writes_all_of_it(client):
    client.transact_write_items(TransactItems=[put("a"), put("gone")])
    client.transact_write_items(TransactItems=[put("b", name="v"), count("a"), delete("gone")])
    assert read(client, "a")["n"] == {"N": "1"}
    assert read(client, "b")["name"] == {"S": "v"}
    assert read(client, "gone") is None


def test_a_cancelled_transaction_leaves_everything_as_it_was_and_shows_the_old_item(client):
    client.transact_write_items(TransactItems=[put("a", name="old"), put("kept")])
    with pytest.raises(client.exceptions.TransactionCanceledException) as cancelled:
        client.transact_write_items(
            TransactItems=[put("new"), count("kept"), delete("other"), put("a", only_new=True, name="v")]
        )
    reasons = cancelled.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "None", "None", "ConditionalCheckFailed"]
    assert reasons[3]["Item"]["name"] == {"S": "old"}
    assert read(client, "new") is None
    assert "n" not in read(client, "kept")
    assert read(client, "a")["name"] == {"S": "old"}


def test_an_update_makes_the_item_that_is_missing(client):
    client.transact_write_items(TransactItems=[count("a")])
    assert read(client, "a")["n"] == {"N": "1"}


def test_the_same_token_writes_once(client):
    for _ in range(2):
        client.transact_write_items(TransactItems=[count("a")], ClientRequestToken="token-1")
    assert read(client, "a")["n"] == {"N": "1"}
    client.transact_write_items(TransactItems=[count("a")], ClientRequestToken="token-2")
    assert read(client, "a")["n"] == {"N": "2"}


def test_the_token_of_a_cancelled_transaction_may_be_used_again(client):
    client.transact_write_items(TransactItems=[put("a")])
    asked = {"TransactItems": [put("a", only_new=True)], "ClientRequestToken": "token-1"}
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(**asked)
    client.transact_write_items(TransactItems=[delete("a")])
    client.transact_write_items(**asked)
    assert read(client, "a")


def test_a_token_is_of_one_request(client):
    client.transact_write_items(TransactItems=[count("a")], ClientRequestToken="token-1")
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        client.transact_write_items(TransactItems=[count("b")], ClientRequestToken="token-1")


def test_two_writes_of_one_item_are_refused(client):
    with pytest.raises(client.exceptions.ClientError, match="multiple operations on one item"):
        client.transact_write_items(TransactItems=[count("a"), delete("a")])
    assert read(client, "a") is None


def test_an_injected_conflict_lists_its_reasons(client, account):
    message = (
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, TransactionConflict]"
    )
    account.fault("dynamodb", "TransactWriteItems", "error", code="TransactionCanceledException", message=message)
    with pytest.raises(client.exceptions.TransactionCanceledException) as cancelled:
        client.transact_write_items(TransactItems=[put("a"), put("b")])
    reasons = cancelled.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "TransactionConflict"]


def test_the_index_is_sparse_and_has_keys_only(client):
    for key, due_at in (("late", "30"), ("early", "10"), ("never", None)):
        item = {"pk": {"S": key}, "sk": {"S": "x"}, "more": {"S": "v"}, "due": {"S": "due"}}
        client.put_item(
            TableName=ledger_table.TABLE, Item=item if due_at is None else {**item, "due_at": {"N": due_at}}
        )
    found = client.query(
        TableName=ledger_table.TABLE,
        IndexName=ledger_table.INDEX,
        KeyConditionExpression="due = :due AND due_at <= :until",
        ExpressionAttributeValues={":due": {"S": "due"}, ":until": {"N": "30"}},
    )["Items"]
    assert [item["pk"]["S"] for item in found] == ["early", "late"]
    assert all(item.keys() == {"pk", "sk", "due", "due_at"} for item in found)


def test_the_table_expires_items_and_can_be_restored_to_a_point_in_time(client):
    life = client.describe_time_to_live(TableName=ledger_table.TABLE)["TimeToLiveDescription"]
    assert life == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    backups = client.describe_continuous_backups(TableName=ledger_table.TABLE)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
