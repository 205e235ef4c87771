"""How the account reads policy documents."""

from typing import Any
from urllib.parse import quote

import pytest

from sandbox.ecs.policies import Verdict, judge, load

ACTION, RESOURCE = "ecr:BatchGetImage", "arn:aws:ecr:eu-west-1:123456789012:repository/orders"
CONTEXT = {"aws:principalaccount": "123456789012", "aws:sourcevpce": "vpce-1"}
ROLE = "arn:aws:iam::123456789012:role/orders-execution"


def statement(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}


def verdict(*statements: dict[str, Any], principal: str | None = None) -> Verdict:
    return judge([{"Statement": list(statements)}], ACTION, RESOURCE, CONTEXT, principal)


@pytest.mark.parametrize(("elements", "applies"), [
    ({}, True),
    ({"Action": "ecr:*"}, True),
    ({"Action": ["logs:*", "ECR:batchgetimage"]}, True),
    ({"Action": "ecr:BatchGet?mage"}, True),
    ({"Action": "ecr:BatchGet"}, False),
    ({"Resource": "arn:aws:ecr:*:*:repository/ord*"}, True),
    ({"Resource": "arn:aws:ecr:*:*:repository/Orders"}, False),
    ({"Resource": []}, False),
    ({"Condition": {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}}, True),
    ({"Condition": {"StringEquals": {"aws:PrincipalAccount": ["1", "123456789012"]}}}, True),
    ({"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}, False),
    ({"Condition": {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}}, True),
    ({"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}, False),
    ({"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-2"}}}, True),
    ({"Condition": {"ForAnyValue:StringLike": {"aws:sourcevpce": "vpce-*"}}}, True),
    ({"Condition": {"Null": {"aws:SourceVpce": "true"}}}, False),
    ({"Condition": {"Null": {"aws:SourceVpc": "true"}}}, True),
    ({"Condition": {"DateLessThan": {"aws:CurrentTime": "2099-01-01"}}}, False),
    ({"Condition": {"StringEquals": {"aws:PrincipalAccount": "123456789012"}, "Null": {"aws:x": "false"}}}, False),
])  # fmt: skip
def test_whether_a_statement_applies(elements, applies):
    assert verdict(statement(**elements)) is (Verdict.ALLOW if applies else Verdict.SILENT)
    denying = statement(**elements, Effect="Deny")
    assert verdict(statement(), denying) is (Verdict.DENY if applies else Verdict.ALLOW)


def test_not_action_and_not_resource():
    allow = {"Effect": "Allow", "NotAction": "logs:*", "NotResource": "arn:aws:s3:::*"}
    assert verdict(allow) is Verdict.ALLOW
    assert verdict({**allow, "NotAction": "ecr:*"}) is Verdict.SILENT
    assert verdict({**allow, "NotResource": RESOURCE}) is Verdict.SILENT


@pytest.mark.parametrize(("principal", "applies"), [
    ("*", True),
    ({"AWS": "*"}, True),
    ({"AWS": ["arn:aws:iam::111122223333:root", ROLE]}, True),
    ({"AWS": "123456789012"}, True),
    ({"AWS": "arn:aws:iam::123456789012:root"}, True),
    ({"AWS": "arn:aws:iam::111122223333:root"}, False),
    ({"Service": "ecs-tasks.amazonaws.com"}, False),
])  # fmt: skip
def test_principals(principal, applies):
    assert (verdict(statement(Principal=principal), principal=ROLE) is Verdict.ALLOW) is applies


def test_a_document_is_read_in_each_of_its_forms():
    text = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    documents = [load(text), load(quote(text)), load(load(text))]
    assert documents[0] == documents[1] == documents[2]
    assert judge(documents, ACTION, RESOURCE, {}) is Verdict.ALLOW
