"""Least privilege: action by action, on named resources wherever IAM knows them."""

import json
import re
from importlib.resources import files

import cfnlint.data  # type: ignore[import-untyped]
import pytest

from tests.template.intrinsics import Given, resolved
from tests.template.operations import operations_named_in
from tests.template.stack import ROOT, TEXT, deployed, leaves, listed, of_type, policies_of, statements, statements_of

RESOURCES = deployed()
ROLES = of_type(RESOURCES, "AWS::IAM::Role")
MANAGED = of_type(RESOURCES, "AWS::IAM::ManagedPolicy")
POLICIES = of_type(RESOURCES, "AWS::IAM::Policy")
STATEMENTS = {
    f"{name}.{statement['Sid']}": statement
    for name, owner in (ROLES | MANAGED | POLICIES).items()
    for statement in statements(owner)
}

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
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpointServices",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
    "ecr:DescribePullThroughCacheRules",
    "ecs:DescribeTaskDefinition",
    "ecs:ListClusters",
    "ecs:ListServices",
    "ecs:ListTasks",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "route53:ListHostedZonesByVPC",
    "ssm:DescribeParameters",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
# Everything else that a role may do, but for the repairing one, is a read; these are how they speak to one another.
LEDGER_WRITES = {"dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
WRITES = LEDGER_WRITES | {
    "lambda:InvokeFunction",
    "lambda:SendDurableExecutionCallbackSuccess",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
READS = re.compile(r":(BatchCheck|BatchGet|Describe|Get|List|Lookup|Query|Simulate)|^kms:(Decrypt|GenerateDataKey)$")


def test_only_the_stacks_own_policies_are_attached():
    for name in ROLES:
        assert set(policies_of(name, RESOURCES)) <= (MANAGED | POLICIES).keys()
    assert "FullAccess" not in TEXT
    # A policy that nobody has would be one that nobody looks at; the exec policy is for task roles.
    used = {policy for name in ROLES for policy in policies_of(name, RESOURCES)}
    assert used == (MANAGED | POLICIES).keys() - {"ExecPolicy"}
    assert not [policy for policy in MANAGED.values() if policy.keys() & {"Roles", "Users", "Groups"}]


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


# IAM's own list of what each action can be limited to, as cfn-lint carries it.
REFERENCE = json.loads((files(cfnlint.data) / "AdditionalSpecs" / "Policies.json").read_text())
# Not in that list, and yet what AWS's own refusals name: "on resource: arn:…:log-group::log-stream:".
BESIDE_THE_REFERENCE = {"logs:DescribeLogGroups": ["arn:${Partition}:logs:${Region}:${Account}:log-group:.*"]}
ANYWHERE = Given({"AWS::Partition": "aws", "AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012"}, {})


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_resource_is_one_that_iam_knows_for_one_of_the_actions(name):
    """A statement on anything else allows nothing, and nobody would know before the night that it is needed."""
    resources = listed(STATEMENTS[name]["Resource"])
    limits = {action: _limits(action) for action in listed(STATEMENTS[name]["Action"])}
    arns = [arn for arn in _known(resources) if arn.startswith("arn:")]
    for arn in arns:
        assert any(_is(arn, form) for forms in limits.values() for form in forms), arn
    for action, forms in limits.items():
        if "*" not in resources:
            assert not arns or any(_is(arn, form) for arn in arns for form in forms), action


def _limits(action: str) -> list[str]:
    """The forms of ARNs that the action can be limited to."""
    service, operation = action.lower().split(":")
    kinds = {kind.lower(): body["ARNFormats"] for kind, body in REFERENCE[service].get("Resources", {}).items()}
    known = [
        form for kind in REFERENCE[service]["Actions"][operation].get("Resources", ()) for form in kinds[kind.lower()]
    ]
    return known or BESIDE_THE_REFERENCE.get(action, [])


def _known(resources: object) -> list[str]:
    """The resources whose ARN is written out; of two that a condition chooses from, neither."""
    plain = [one for one in listed(resources) if not (isinstance(one, dict) and "Fn::If" in one)]
    return [str(resolved(one, ANYWHERE)) for one in plain]


def _is(arn: str, form: str) -> bool:
    return bool(re.fullmatch(re.sub(r"\$\{\w+}", "[^:]*", form), arn))


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_is_explained_above_it(name):
    sid = STATEMENTS[name]["Sid"]
    [before] = re.findall(rf"\n(.*)\n +- Sid: {sid}\n", TEXT)
    assert before.strip().startswith("#")


def test_sids_are_unique():
    sids = [s["Sid"] for s in STATEMENTS.values()]
    assert len(sids) == len(set(sids))


@pytest.mark.parametrize("name", sorted(ROLES.keys() - {"RemedyRole"}))
def test_no_role_but_one_changes_anything(name):
    for statement in statements_of(name, RESOURCES):
        for action in listed(statement["Action"]):
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
    assert len(reading) == 2
    for name in ROLES:
        assert [s for s in statements_of(name, RESOURCES) if "secretsmanager:GetSecretValue" in listed(s["Action"])]
    for statement in reading:
        condition, arn, by_name = statement["Resource"]["Fn::If"]
        assert condition == "SlackSecretIsArn"
        assert arn == {"Ref": "SlackSecret"}
        # Secrets Manager adds a hyphen and six characters to the name.
        assert by_name["Fn::Sub"].endswith(":secret:${SlackSecret}-??????")


def test_who_answers_clicks_may_do_nothing_else():
    allowed = {action for s in statements_of("SlackActionsRole", RESOURCES) for action in listed(s["Action"])}
    assert allowed == {
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "lambda:SendDurableExecutionCallbackSuccess",
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
    # Only a person's command asks so, with that person's permissions.
    "scan": set(),
    "transact_write_items": set(),
}


def test_the_ledgers_operations_are_those_that_are_allowed():
    package = ROOT / "layers" / "ecs_medic" / "ecs_medic"
    table = (package / "ledger" / "table.py").read_text()
    asked = set(re.findall(r'_ask(?:_whole)?\(\s*"(\w+)"', table))
    assert asked == TABLE_ACTIONS.keys()
    needed = set().union(*(TABLE_ACTIONS[operation] for operation in asked))
    assert _on_the_ledger("DiagnoseRole") == needed
    # A check alone takes one action more; only a run makes some, to take its subjects for itself.
    assert _on_the_ledger("RemedyRole") == needed | {"dynamodb:ConditionCheckItem"}
    using = {path.name for path in (package / "ledger").rglob("*.py") if re.search(r"\bCheck\(", path.read_text())}
    assert using - {"table.py"} == {"reservations.py"}


def _on_the_ledger(role: str) -> set[str]:
    actions = {action for s in statements_of(role, RESOURCES) for action in listed(s["Action"])}
    return {action for action in actions if action.startswith("dynamodb:")}


def test_the_key_policy_names_its_actions():
    for key in of_type(deployed(), "AWS::KMS::Key").values():
        for statement in key["KeyPolicy"]["Statement"]:
            assert all("*" not in action for action in listed(statement["Action"]))
            assert statement["Principal"] != "*"
        # Without this, a mistake in the policy could never be mended.
        administration = key["KeyPolicy"]["Statement"][0]
        assert "kms:PutKeyPolicy" in administration["Action"]
        assert administration["Principal"]["AWS"]["Fn::Sub"].endswith(":root")


def test_the_role_may_make_exactly_the_reads_that_a_diagnosis_and_its_plan_make():
    """One that is missing would be a permanent "not checked"; one too many is a privilege without a purpose."""
    allowed = {action for s in statements(MANAGED["ReadPolicy"]) for action in listed(s["Action"])}
    package = ROOT / "layers" / "ecs_medic" / "ecs_medic"
    modules = [*(package / "collect").rglob("*.py"), package / "remedies" / "survey.py"]
    assert allowed == {action for module in modules for action in operations_named_in(module)}


@pytest.mark.parametrize("name", ROLES)
def test_the_inline_policies_fit_into_iams_quota(name):
    """10,240 characters for all inline policies of a role, with the longest names that a Region gives."""
    inline = [policy["PolicyDocument"] for policy in ROLES[name]["Policies"]]
    inline += [policy["PolicyDocument"] for policy in POLICIES.values() if {"Ref": name} in policy["Roles"]]
    assert _size(inline) < 10_240


@pytest.mark.parametrize("name", MANAGED)
def test_a_managed_policy_fits_into_iams_quota(name):
    """6,144 characters, and ten such policies a role."""
    assert _size(MANAGED[name]["PolicyDocument"]) < 6_144


def _size(document: object) -> int:
    text = json.dumps(document, separators=(",", ":"))
    long = {
        "Partition": "aws-us-gov",
        "Region": "ap-southeast-2",
        "AccountId": "123456789012",
        "URLSuffix": "amazonaws.com",
    }
    for pseudo, value in long.items():
        text = text.replace(f"${{AWS::{pseudo}}}", value)
    return len(text)
