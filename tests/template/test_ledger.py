"""The table is the one that the ledger's code and tests use; it outlives the stack, and its key does too."""

from typing import Any

from ecs_medic.ledger.table import DUE_INDEX
from sandbox import ledger_table
from tests.template.stack import deployed, of_type, written

RESOURCES = written()["Resources"]
TABLE = of_type(deployed(), "AWS::DynamoDB::Table")["LedgerTable"]
NAMES = {
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
}


class Noted:
    """Takes what the embedded account would be asked for."""

    def __init__(self) -> None:
        self.asked: dict[str, dict[str, Any]] = {}

    def client(self, _: str) -> "Noted":
        return self

    def __getattr__(self, operation):
        return lambda **settings: self.asked.__setitem__(operation, settings)


def test_the_tests_table_is_the_templates():
    noted = Noted()
    ledger_table.create(noted)  # type: ignore[arg-type]
    assert {name: TABLE[name] for name in NAMES} == {name: noted.asked["create_table"][name] for name in NAMES}
    assert noted.asked["update_time_to_live"]["TimeToLiveSpecification"] == TABLE["TimeToLiveSpecification"]
    recovery = noted.asked["update_continuous_backups"]["PointInTimeRecoverySpecification"]
    assert recovery == TABLE["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_the_index_is_the_one_that_is_queried():
    (index,) = TABLE["GlobalSecondaryIndexes"]
    assert index["IndexName"] == DUE_INDEX


def test_it_is_encrypted_by_the_stacks_key_and_both_outlive_the_stack():
    assert TABLE["SSESpecification"] == {
        "SSEEnabled": True,
        "SSEType": "KMS",
        "KMSMasterKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
    }
    for name in ("LedgerTable", "Key"):
        assert RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"
        assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"
    assert "TableName" not in TABLE  # or the stack could not be deployed a second time


def test_the_key_serves_dynamodb_for_whoever_the_account_allows():
    administration = RESOURCES["Key"]["Properties"]["KeyPolicy"]["Statement"][0]
    assert {
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    } <= set(administration["Action"])
