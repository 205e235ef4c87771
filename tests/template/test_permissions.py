"""Least privilege: action by action, on named resources wherever IAM knows them."""

import ast
import json
import re
from functools import cache
from pathlib import Path

import botocore.loaders
import pytest

from ecs_medic.aws.permissions import permission_for
from tests.template.stack import ROOT, TEXT, deployed, leaves, listed, of_type, statements

ROLES = of_type(deployed(), "AWS::IAM::Role")
STATEMENTS = {f"{name}.{s['Sid']}": s for name, role in ROLES.items() for s in statements(role)}

# Actions for which the Service Authorization Reference lists no resource type, or, for ListTasks, only one that the
# requests made here do not name.
WITHOUT_RESOURCES = {
    "autoscaling:DescribeAutoScalingGroups",
    "cloudtrail:DescribeTrails",
    "cloudtrail:LookupEvents",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstances",
    "ec2:DescribeNatGateways",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribePrefixLists",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
    "ecr:DescribePullThroughCacheRules",
    "ecs:DescribeTaskDefinition",
    "ecs:ListTasks",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "route53:ListHostedZonesByVPC",
    "ssm:DescribeParameters",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
# Everything else that the diagnosing role may do is a read; these are how it speaks.
LEDGER_WRITES = {"dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
WRITES = LEDGER_WRITES | {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
READS = re.compile(r":(BatchCheck|BatchGet|Describe|Get|List|Lookup|Query|Simulate)|^kms:(Decrypt|GenerateDataKey)$")


def test_no_managed_policy_is_attached_anywhere():
    assert not [name for name, role in ROLES.items() if role.get("ManagedPolicyArns")]
    assert "FullAccess" not in TEXT


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_action_is_written_out(name):
    assert all("*" not in action for action in listed(STATEMENTS[name]["Action"]))
    assert not {"NotAction", "NotResource"} & STATEMENTS[name].keys()


@pytest.mark.parametrize("name", STATEMENTS)
def test_only_actions_without_resources_are_allowed_on_all(name):
    statement = STATEMENTS[name]
    if "*" in listed(statement["Resource"]):
        assert set(listed(statement["Action"])) <= WITHOUT_RESOURCES


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_resource_names_its_service(name):
    resources = listed(STATEMENTS[name]["Resource"])
    arns = [leaf for leaf in leaves(resources) if isinstance(leaf, str) and leaf.startswith("arn:")]
    assert all(re.match(r"arn:\$\{AWS::Partition}:[a-z0-9-]+:", arn) for arn in arns)


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_is_explained_above_it(name):
    sid = STATEMENTS[name]["Sid"]
    [before] = re.findall(rf"\n(.*)\n +- Sid: {sid}\n", TEXT)
    assert before.strip().startswith("#")


def test_sids_are_unique():
    sids = [s["Sid"] for role in ROLES.values() for s in statements(role)]
    assert len(sids) == len(set(sids))


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_diagnosing_role_changes_nothing(name):
    for action in listed(STATEMENTS[name]["Action"]):
        assert action in WRITES or READS.search(action), action


@pytest.mark.parametrize("name", STATEMENTS)
def test_nothing_is_written_but_to_the_ledger_and_never_is_it_scanned(name):
    actions = {action for action in listed(STATEMENTS[name]["Action"]) if action.startswith("dynamodb:")}
    if actions & LEDGER_WRITES:
        assert STATEMENTS[name]["Resource"] == {"Fn::GetAtt": ["LedgerTable", "Arn"]}
    if actions:
        assert "LedgerTable" in str(STATEMENTS[name]["Resource"])
    assert "dynamodb:Scan" not in actions


def test_only_lambda_assumes_the_roles():
    for role in ROLES.values():
        [statement] = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_one_secret_only():
    reading = [s for s in STATEMENTS.values() if "secretsmanager:GetSecretValue" in listed(s["Action"])]
    assert len(reading) == len(ROLES)
    for statement in reading:
        condition, arn, by_name = statement["Resource"]["Fn::If"]
        assert condition == "SlackSecretIsArn"
        assert arn == {"Ref": "SlackSecret"}
        # Secrets Manager adds a hyphen and six characters to the name.
        assert by_name["Fn::Sub"].endswith(":secret:${SlackSecret}-??????")


def test_who_answers_clicks_may_do_nothing_else():
    allowed = {action for s in statements(ROLES["SlackActionsRole"]) for action in listed(s["Action"])}
    assert allowed == {
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "secretsmanager:GetSecretValue",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }


# A transaction is allowed where its writes are by themselves.
TABLE_ACTIONS = {
    "get_item": {"dynamodb:GetItem"},
    "batch_get_item": {"dynamodb:BatchGetItem"},
    "put_item": {"dynamodb:PutItem"},
    "update_item": {"dynamodb:UpdateItem"},
    "delete_item": {"dynamodb:DeleteItem"},
    "query": {"dynamodb:Query"},
    "transact_write_items": set(),
}


def test_the_ledgers_operations_are_those_that_are_allowed():
    package = ROOT / "layers" / "ecs_medic" / "ecs_medic"
    table = (package / "ledger" / "table.py").read_text()
    asked = set(re.findall(r'_ask(?:_whole)?\(\s*"(\w+)"', table))
    assert asked == TABLE_ACTIONS.keys()
    allowed = {
        action
        for s in statements(ROLES["DiagnoseRole"])
        for action in listed(s["Action"])
        if action.startswith("dynamodb:")
    }
    assert allowed == set().union(*(TABLE_ACTIONS[operation] for operation in asked))
    # A check alone would take one action more.
    using = [
        path for path in package.rglob("*.py") if path.name != "table.py" and re.search(r"\bCheck\(", path.read_text())
    ]
    assert using == []


def test_the_key_policy_names_its_actions():
    for key in of_type(deployed(), "AWS::KMS::Key").values():
        for statement in key["KeyPolicy"]["Statement"]:
            assert all("*" not in action for action in listed(statement["Action"]))
            assert statement["Principal"] != "*"
        # Without this, a mistake in the policy could never be mended.
        administration = key["KeyPolicy"]["Statement"][0]
        assert "kms:PutKeyPolicy" in administration["Action"]
        assert administration["Principal"]["AWS"]["Fn::Sub"].endswith(":root")


LOADER = botocore.loaders.create_loader()
SERVICES = set(LOADER.list_available_services("service-2"))


def _operations_named_in(module: Path) -> set[str]:
    """Every AWS operation that a module names, of a service that it names, as the IAM action it needs.

    Both are found by their names alone, however the module puts its calls together.
    """
    constants = {
        node.value
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {
        permission_for(service, operation)
        for service in SERVICES & constants
        for operation in _operations(service) & constants
    }


@cache
def _operations(service: str) -> set[str]:
    return set(LOADER.load_service_model(service, "service-2")["operations"])


def test_the_role_may_make_exactly_the_reads_that_a_diagnosis_makes():
    """One that is missing would be a permanent "not checked"; one too many is a privilege without a purpose."""
    [policy] = [p for p in ROLES["DiagnoseRole"]["Policies"] if p["PolicyName"] == "read-the-account"]
    allowed = {action for s in policy["PolicyDocument"]["Statement"] for action in listed(s["Action"])}
    modules = (ROOT / "layers" / "ecs_medic" / "ecs_medic" / "collect").rglob("*.py")
    assert allowed == {action for module in modules for action in _operations_named_in(module)}


@pytest.mark.parametrize("name", ROLES)
def test_the_inline_policies_fit_into_iams_quota(name):
    """10,240 characters for all inline policies of a role, with the longest names that a Region gives."""
    text = json.dumps([policy["PolicyDocument"] for policy in ROLES[name]["Policies"]], separators=(",", ":"))
    long = {
        "Partition": "aws-us-gov",
        "Region": "ap-southeast-2",
        "AccountId": "123456789012",
        "URLSuffix": "amazonaws.com",
    }
    for pseudo, value in long.items():
        text = text.replace(f"${{AWS::{pseudo}}}", value)
    assert len(text) < 10_240
