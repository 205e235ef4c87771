import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.moto_patches.iam_evaluation import Decision, Policy, evaluate, matches
from tests.sandbox.refusals import refusal

ROLE = "arn:aws:iam::123456789012:role/shop-task"
EXEC = ["ssmmessages:CreateControlChannel", "ssmmessages:OpenDataChannel"]


def _document(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


def _deny(*actions: str, **more: Any) -> dict[str, Any]:
    return {**_allow(*actions, **more), "Effect": "Deny"}


@pytest.fixture
def iam(account):
    client = account.client("iam")
    client.create_role(RoleName="shop-task", AssumeRolePolicyDocument=json.dumps(_document()))
    return client


def _put(iam: Any, *statements: Any) -> None:
    iam.put_role_policy(RoleName="shop-task", PolicyName="inline", PolicyDocument=json.dumps(_document(*statements)))


def _simulate(iam: Any, *actions: str, **more: Any) -> list[dict[str, Any]]:
    answer = iam.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=list(actions), **more)
    return list(answer["EvaluationResults"])


def _decisions(iam: Any, *actions: str, **more: Any) -> list[str]:
    return [result["EvalDecision"] for result in _simulate(iam, *actions, **more)]


def test_an_unknown_role_is_no_such_entity(account):
    refused = refusal(account.client("iam").simulate_principal_policy, PolicySourceArn=ROLE, ActionNames=EXEC)
    assert refused[:2] == ("NoSuchEntity", 404)


def test_a_role_without_policies_may_nothing(iam):
    assert _simulate(iam, EXEC[0]) == [
        {
            "EvalActionName": EXEC[0],
            "EvalResourceName": "*",
            "EvalDecision": "implicitDeny",
            "MatchedStatements": [],
            "MissingContextValues": [],
        }
    ]


def test_attached_and_inline_policies_count_and_an_explicit_deny_wins(iam):
    iam.attach_role_policy(RoleName="shop-task", PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
    assert _decisions(iam, *EXEC) == ["allowed", "allowed"]
    _put(iam, _deny("ssmmessages:Open*"))
    assert _decisions(iam, *EXEC) == ["allowed", "explicitDeny"]
    denied = _simulate(iam, EXEC[1])[0]
    assert [s["SourcePolicyId"] for s in denied["MatchedStatements"]] == ["inline"]


def test_aws_managed_policies_are_there(iam):
    arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    iam.attach_role_policy(RoleName="shop-task", PolicyArn=arn)
    assert _decisions(iam, "ecr:BatchGetImage", "logs:PutLogEvents", "logs:CreateLogGroup") == [
        "allowed",
        "allowed",
        "implicitDeny",
    ]


def test_only_the_default_version_of_a_managed_policy_counts(iam):
    arn = iam.create_policy(PolicyName="exec", PolicyDocument=json.dumps(_document(_allow("ssmmessages:*"))))
    arn = arn["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="shop-task", PolicyArn=arn)
    assert _decisions(iam, EXEC[0]) == ["allowed"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(_document(_allow("sqs:*"))), SetAsDefault=True)
    assert _decisions(iam, EXEC[0]) == ["implicitDeny"]


def test_the_boundary_limits_what_is_allowed(iam):
    _put(iam, _allow("*"))
    arn = iam.create_policy(PolicyName="boundary", PolicyDocument=json.dumps(_document(_allow("ecr:*"))))
    iam.put_role_permissions_boundary(RoleName="shop-task", PermissionsBoundary=arn["Policy"]["Arn"])
    inside, outside = _simulate(iam, "ecr:BatchGetImage", EXEC[0])
    assert (inside["EvalDecision"], inside["PermissionsBoundaryDecisionDetail"]) == (
        "allowed",
        {"AllowedByPermissionsBoundary": True},
    )
    assert (outside["EvalDecision"], outside["PermissionsBoundaryDecisionDetail"]) == (
        "implicitDeny",
        {"AllowedByPermissionsBoundary": False},
    )


def test_the_organisation_limits_what_is_allowed(account, iam):
    _put(iam, _allow("*"))
    account.behave(service_control_policies=[_document(_allow("*"), _deny("ssmmessages:*"))])
    allowed, denied = _simulate(iam, "ecr:BatchGetImage", EXEC[0])
    assert (allowed["EvalDecision"], allowed["OrganizationsDecisionDetail"]) == (
        "allowed",
        {"AllowedByOrganizations": True},
    )
    assert (denied["EvalDecision"], denied["OrganizationsDecisionDetail"]) == (
        "explicitDeny",
        {"AllowedByOrganizations": False},
    )
    account.behave(service_control_policies=[_document(_allow("ecr:*"))])
    assert _decisions(iam, EXEC[0]) == ["implicitDeny"]


def test_resources_are_matched_with_wildcards(iam):
    _put(iam, _allow("s3:GetObject", Resource="arn:aws:s3:::shop-*/config/*"))
    objects = ["arn:aws:s3:::shop-eu/config/a.env", "arn:aws:s3:::other/config/a.env"]
    results = _simulate(iam, "s3:GetObject", ResourceArns=objects)
    assert [(r["EvalResourceName"], r["EvalDecision"]) for r in results] == [
        (objects[0], "allowed"),
        (objects[1], "implicitDeny"),
    ]
    # Without a resource the question is about all of them.
    assert _decisions(iam, "s3:GetObject") == ["implicitDeny"]


def test_not_action_and_not_resource(iam):
    _put(iam, {"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::secret/*"})
    of = {"ResourceArns": ["arn:aws:s3:::shop/a"]}
    assert _decisions(iam, "s3:GetObject", "iam:PassRole", **of) == ["allowed", "implicitDeny"]
    assert _decisions(iam, "s3:GetObject", ResourceArns=["arn:aws:s3:::secret/a"]) == ["implicitDeny"]


def test_conditions_are_judged_by_the_given_context_and_missing_keys_are_named(iam):
    _put(iam, _allow("ssmmessages:*", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}))
    (unknown,) = _simulate(iam, EXEC[0])
    assert (unknown["EvalDecision"], unknown["MissingContextValues"]) == ("implicitDeny", ["aws:SourceVpc"])
    for vpc, decision in (("vpc-1", "allowed"), ("vpc-2", "implicitDeny")):
        entry = {"ContextKeyName": "aws:sourcevpc", "ContextKeyValues": [vpc], "ContextKeyType": "string"}
        (known,) = _simulate(iam, EXEC[0], ContextEntries=[entry])
        assert (known["EvalDecision"], known["MissingContextValues"]) == (decision, [])


def test_a_custom_policy_can_be_simulated(account):
    answer = account.client("iam").simulate_custom_policy(
        PolicyInputList=[json.dumps(_document(_allow("ecr:*")))], ActionNames=["ecr:BatchGetImage", "ecs:RunTask"]
    )
    assert [r["EvalDecision"] for r in answer["EvaluationResults"]] == ["allowed", "implicitDeny"]


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "holds"),
    [
        ("StringEquals", "a", ["a"], True),
        ("StringEquals", "A", ["a"], False),
        ("StringEqualsIgnoreCase", "A", ["a"], True),
        ("StringNotEquals", "a", ["a"], False),
        ("StringNotEquals", "a", ["b"], True),
        ("StringNotEquals", "a", None, True),
        ("StringEquals", "a", None, False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", ["b"], False),
        ("StringLike", "arn:*", ["arn:aws"], True),
        ("StringNotLike", "arn:*", ["arn:aws"], False),
        ("ArnLike", "arn:aws:ecs:*:123456789012:cluster/*", ["arn:aws:ecs:eu-west-1:123456789012:cluster/shop"], True),
        ("ArnNotEquals", "arn:aws:iam::123456789012:role/a", ["arn:aws:iam::123456789012:role/a"], False),
        ("Bool", "true", ["true"], True),
        ("Bool", True, ["true"], True),
        ("Null", "true", None, True),
        ("Null", "true", ["x"], False),
        ("Null", "false", ["x"], True),
        ("IpAddress", "10.0.0.0/8", ["10.1.2.3"], True),
        ("NotIpAddress", "10.0.0.0/8", ["10.1.2.3"], False),
        ("NumericLessThan", "10", ["9"], True),
        ("NumericLessThan", "10", ["text"], False),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", ["2026-06-01T00:00:00Z"], True),
        ("ForAnyValue:StringEquals", ["a", "b"], ["b", "c"], True),
        ("ForAnyValue:StringEquals", ["a"], None, False),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
        ("ForAllValues:StringEquals", ["a"], None, True),
        ("NoSuchOperator", "a", ["a"], False),
    ],
)
def test_condition_operators(operator, wanted, actual, holds):
    policy = Policy("p", _document(_allow("ecs:*", Condition={operator: {"Key": wanted}})))
    context = {} if actual is None else {"key": actual}
    decided = evaluate([policy], "ecs:RunTask", "*", context).decision
    assert decided is (Decision.ALLOWED if holds else Decision.IMPLICIT_DENY)


def test_policy_variables_are_filled_or_do_not_match():
    policy = Policy("p", _document(_allow("s3:GetObject", Resource="arn:aws:s3:::shop/${aws:PrincipalTag/team}/*")))
    resource = "arn:aws:s3:::shop/payments/key"
    with_tag = {"aws:PrincipalTag/team": ["payments"]}
    assert evaluate([policy], "s3:GetObject", resource, with_tag).decision is Decision.ALLOWED
    assert evaluate([policy], "s3:GetObject", resource, {}).decision is Decision.IMPLICIT_DENY


@given(text=st.text(alphabet="ab*?.[:", max_size=12))
def test_text_without_wildcards_matches_only_itself(text):
    literal = text.replace("*", "").replace("?", "")
    assert matches(literal, literal)
    assert not matches(literal, literal + "a")
    assert matches(literal + "*", literal + text)


@settings(max_examples=200)
@given(
    statements=st.lists(
        st.tuples(st.sampled_from(["Allow", "Deny"]), st.sampled_from(["*", "ecs:*", "ecs:RunTask", "iam:*"])),
        max_size=6,
    ),
    order=st.randoms(use_true_random=False),
)
def test_the_order_of_statements_and_policies_does_not_matter(statements, order):
    documents = [
        Policy(str(n), _document({"Effect": e, "Action": a, "Resource": "*"})) for n, (e, a) in enumerate(statements)
    ]
    shuffled = list(documents)
    order.shuffle(shuffled)
    assert evaluate(documents, "ecs:RunTask", "*", {}).decision is evaluate(shuffled, "ecs:RunTask", "*", {}).decision
    covering = {effect for effect, action in statements if action != "iam:*"}
    expected = (
        Decision.EXPLICIT_DENY if "Deny" in covering else Decision.ALLOWED if covering else Decision.IMPLICIT_DENY
    )
    assert evaluate(documents, "ecs:RunTask", "*", {}).decision is expected
