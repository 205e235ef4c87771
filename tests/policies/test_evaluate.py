"""The policy evaluator: known documents, and laws that hold for all of them."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.policies.evaluate import Decision, evaluate

ACTION = "ecr:BatchGetImage"
REPOSITORY = "arn:aws:ecr:eu-west-1:123456789012:repository/shop/orders"
ROLE = "arn:aws:iam::123456789012:role/service/orders-task"
SESSION = "arn:aws:sts::123456789012:assumed-role/orders-task/0123456789abcdef"


def document(*statements: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: object = ACTION, resource: object = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object = ACTION, resource: object = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("pattern", "covers"),
    [
        ("*", True),
        ("ecr:*", True),
        ("ECR:batchgetimage", True),
        ("ecr:Batch*", True),
        ("ecr:BatchGetImag?", True),
        ("ecr:Get*", False),
        ("ecr:BatchGetImag", False),
        ("ecr-public:*", False),
        ("e?r:*Image", True),
        (["s3:GetObject", "ecr:BatchGetImage"], True),
        ([], False),
    ],
)
def test_action_patterns(pattern, covers):
    expected = Decision.ALLOWED if covers else Decision.IMPLICIT_DENY
    assert evaluate([document(allow(pattern))], ACTION) is expected
    inverse = {"Effect": "Allow", "NotAction": pattern, "Resource": "*"}
    assert evaluate([document(inverse)], ACTION) is (Decision.IMPLICIT_DENY if covers else Decision.ALLOWED)


@pytest.mark.parametrize(
    ("pattern", "covers"),
    [
        ("*", True),
        (REPOSITORY, True),
        ("arn:aws:ecr:*:123456789012:repository/*", True),
        ("arn:aws:ecr:eu-west-1:123456789012:repository/shop/order?", True),
        ("arn:aws:ecr", True),
        ("arn:aws:ecr:eu-west-1:123456789012:repository/Shop/orders", False),
        ("arn:aws:ecr:us-east-1:123456789012:repository/shop/orders", False),
        ("arn:aws:ecr:eu-west-1:123456789012:repository/shop", False),
        ("arn:aws:ecr:eu-west-1:123456789012:repository/${*}", False),
        (["arn:aws:s3:::*", REPOSITORY], True),
    ],
)
def test_resource_patterns(pattern, covers):
    expected = Decision.ALLOWED if covers else Decision.IMPLICIT_DENY
    assert evaluate([document(allow(resource=pattern))], ACTION, REPOSITORY) is expected
    inverse = {"Effect": "Allow", "Action": ACTION, "NotResource": pattern}
    assert evaluate([document(inverse)], ACTION, REPOSITORY) is (Decision.IMPLICIT_DENY if covers else Decision.ALLOWED)


def test_a_single_statement_may_stand_without_its_list():
    assert evaluate([{"Statement": allow()}], ACTION) is Decision.ALLOWED


def test_deny_wins_over_allow_whatever_document_it_is_in():
    assert evaluate([document(allow()), document(deny("ecr:*"))], ACTION) is Decision.EXPLICIT_DENY
    assert evaluate([document(deny(resource="arn:aws:ecr:us-*")), document(allow())], ACTION, REPOSITORY) is (
        Decision.ALLOWED
    )


def test_no_documents_allow_nothing():
    assert evaluate([], ACTION) is Decision.IMPLICIT_DENY


@pytest.mark.parametrize(
    ("element", "principal", "expected"),
    [
        ("*", ROLE, Decision.ALLOWED),
        ("*", None, Decision.ALLOWED),
        ({"AWS": "*"}, ROLE, Decision.ALLOWED),
        ({"AWS": ["*"]}, None, Decision.ALLOWED),
        ({"AWS": ROLE}, ROLE, Decision.ALLOWED),
        ({"AWS": ROLE}, SESSION, Decision.ALLOWED),
        ({"AWS": SESSION}, SESSION, Decision.ALLOWED),
        ({"AWS": SESSION}, ROLE, Decision.UNDECIDED),
        ({"AWS": "123456789012"}, SESSION, Decision.ALLOWED),
        ({"AWS": "arn:aws:iam::123456789012:root"}, ROLE, Decision.ALLOWED),
        ({"AWS": "arn:aws:iam::111122223333:root"}, ROLE, Decision.IMPLICIT_DENY),
        ({"AWS": "arn:aws:iam::123456789012:role/payments-task"}, SESSION, Decision.IMPLICIT_DENY),
        ({"AWS": "AROAEXAMPLEEXAMPLEEXA"}, ROLE, Decision.UNDECIDED),
        ({"AWS": ROLE}, None, Decision.UNDECIDED),
        ({"Service": "ecs-tasks.amazonaws.com"}, "ecs-tasks.amazonaws.com", Decision.ALLOWED),
        ({"Service": ["ec2.amazonaws.com"]}, "ecs-tasks.amazonaws.com", Decision.IMPLICIT_DENY),
        ({"Service": "ecs-tasks.amazonaws.com"}, ROLE, Decision.IMPLICIT_DENY),
        ({"AWS": 7}, ROLE, Decision.UNDECIDED),
        (None, ROLE, Decision.UNDECIDED),
    ],
)
def test_principals(element, principal, expected):
    statement = {"Effect": "Allow", "Principal": element, "Action": ACTION, "Resource": "*"}
    assert evaluate([document(statement)], ACTION, principal=principal) is expected


def test_not_principal_spares_whom_it_names():
    statement = {"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}, "Action": "*", "Resource": "*"}
    documents = [document({**allow(), "Principal": "*"}, statement)]
    assert evaluate(documents, ACTION, principal=ROLE) is Decision.ALLOWED
    assert evaluate(documents, ACTION, principal=ROLE.replace("orders", "payments")) is Decision.EXPLICIT_DENY


def test_a_trust_policy_needs_no_resource():
    statement = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    assert evaluate([document(statement)], "sts:AssumeRole", principal="ecs-tasks.amazonaws.com") is Decision.ALLOWED


CONTEXT = {
    "aws:SourceVpc": "vpc-0123",
    "aws:SecureTransport": "true",
    "aws:PrincipalArn": ROLE,
    "aws:SourceIp": "10.0.1.7",
    "aws:CurrentTime": "2026-07-01T12:00:00Z",
    "s3:max-keys": "10",
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:SourceVpc": "vpc-0123"}}, Decision.ALLOWED),
        ({"StringEquals": {"AWS:sourcevpc": ["vpc-9", "vpc-0123"]}}, Decision.ALLOWED),
        ({"StringEquals": {"aws:SourceVpc": "vpc-*"}}, Decision.IMPLICIT_DENY),
        ({"StringEqualsIgnoreCase": {"aws:SourceVpc": "VPC-0123"}}, Decision.ALLOWED),
        ({"StringLike": {"aws:SourceVpc": "vpc-*"}}, Decision.ALLOWED),
        ({"StringNotEquals": {"aws:SourceVpc": ["vpc-9", "vpc-0123"]}}, Decision.IMPLICIT_DENY),
        ({"StringNotLike": {"aws:SourceVpc": "vpc-9*"}}, Decision.ALLOWED),
        ({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-0123"}}, Decision.ALLOWED),
        ({"ForAnyValue:StringLike": {"aws:SourceVpc": ["a*", "vpc-*"]}}, Decision.ALLOWED),
        ({"ForAllValues:StringLikeIfExists": {"aws:SourceVpc": "subnet-*"}}, Decision.IMPLICIT_DENY),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/service/*"}}, Decision.ALLOWED),
        ({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/batch/*"}}, Decision.IMPLICIT_DENY),
        ({"ArnNotEquals": {"aws:PrincipalArn": ROLE}}, Decision.IMPLICIT_DENY),
        ({"Bool": {"aws:SecureTransport": True}}, Decision.ALLOWED),
        ({"Bool": {"aws:SecureTransport": "false"}}, Decision.IMPLICIT_DENY),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/16"}}, Decision.ALLOWED),
        ({"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/16", "192.0.2.0/24"]}}, Decision.IMPLICIT_DENY),
        ({"IpAddress": {"aws:SourceIp": "somewhere"}}, Decision.UNDECIDED),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, Decision.ALLOWED),
        ({"NumericGreaterThan": {"s3:max-keys": 10}}, Decision.IMPLICIT_DENY),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}, Decision.ALLOWED),
        ({"DateLessThan": {"aws:CurrentTime": "0"}}, Decision.IMPLICIT_DENY),
        ({"Null": {"aws:SourceVpc": "false"}}, Decision.ALLOWED),
        ({"Null": {"aws:SourceVpc": True}}, Decision.IMPLICIT_DENY),
        ({"Null": {"aws:TokenIssueTime": "true"}}, Decision.UNDECIDED),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, Decision.UNDECIDED),
        ({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}, Decision.UNDECIDED),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1", "aws:SourceVpc": "vpc-9"}}, Decision.IMPLICIT_DENY),
        ({"StringEquals": {"aws:SourceVpc": "${aws:SourceVpc}"}}, Decision.ALLOWED),
        ({"StringEquals": {"aws:SourceVpc": "${aws:PrincipalTag/vpc}"}}, Decision.UNDECIDED),
        ({"BinaryEquals": {"aws:SourceVpc": "eA=="}}, Decision.UNDECIDED),
        ({"StringEquals": "aws:SourceVpc"}, Decision.UNDECIDED),
        ("none", Decision.UNDECIDED),
    ],
)
def test_conditions_are_judged_only_where_the_key_is_known(condition, expected):
    assert evaluate([document(allow(Condition=condition))], ACTION, context=CONTEXT) is expected


def test_an_undecided_deny_spoils_an_allow_but_not_a_refusal():
    maybe = deny(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})
    assert evaluate([document(allow(), maybe)], ACTION) is Decision.UNDECIDED
    assert evaluate([document(maybe)], ACTION) is Decision.IMPLICIT_DENY


def test_an_unknown_variable_is_undecided_only_where_it_could_match():
    home = "arn:aws:s3:::bucket/${aws:username}/*"
    assert evaluate([document(allow("s3:GetObject", home))], "s3:GetObject", "arn:aws:s3:::bucket/ann/x") is (
        Decision.UNDECIDED
    )
    assert evaluate([document(allow("s3:GetObject", home))], "s3:GetObject", "arn:aws:s3:::other/ann/x") is (
        Decision.IMPLICIT_DENY
    )
    known = {"aws:username": "ann"}
    assert (
        evaluate([document(allow("s3:GetObject", home))], "s3:GetObject", "arn:aws:s3:::bucket/ann/x", context=known)
        is Decision.ALLOWED
    )


@pytest.mark.parametrize(
    "malformed",
    [
        {},
        {"Statement": None},
        {"Statement": ["text"]},
        {"Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Resource": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": "*"}]},
        {"Statement": [{"Effect": "Allow", "Action": {"a": 1}, "Resource": "*"}]},
        {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": 5}, allow()]},
        {"Statement": [{"Effect": ["Allow"], "Action": "*", "Resource": "*"}]},
        "text",
        None,
    ],
)
def test_a_malformed_document_is_undecided(malformed):
    assert evaluate([malformed], ACTION) is Decision.UNDECIDED


def test_many_wildcards_take_no_time():
    pattern = "arn:aws:s3:::" + "*a" * 40 + "*b"
    assert evaluate([document(allow("*", pattern))], ACTION, "arn:aws:s3:::" + "a" * 2000) is Decision.IMPLICIT_DENY


WORDS = st.text(alphabet=string.ascii_letters + "*?:/", max_size=12)
ACTIONS = st.sampled_from(["*", "ecr:*", ACTION, "ecr:Get*", "s3:GetObject", "e?r:Batch*"])
RESOURCES = st.sampled_from(["*", REPOSITORY, "arn:aws:ecr:*:*:repository/*", "arn:aws:s3:::*"])
CONDITIONS = st.sampled_from(
    [None, {"StringEquals": {"aws:SourceVpc": "vpc-0123"}}, {"StringEquals": {"aws:Unknown": "x"}}, {"Odd": 1}]
)


@st.composite
def statements(draw, effects=("Allow", "Deny")):
    statement = {"Effect": draw(st.sampled_from(effects))}
    statement[draw(st.sampled_from(["Action", "NotAction"]))] = draw(ACTIONS | st.lists(ACTIONS, max_size=3) | WORDS)
    statement[draw(st.sampled_from(["Resource", "NotResource"]))] = draw(RESOURCES | st.lists(RESOURCES, max_size=2))
    if (condition := draw(CONDITIONS)) is not None:
        statement["Condition"] = condition
    return statement


POLICIES = st.lists(statements(), max_size=5)


def decide(items: list[dict[str, object]]) -> Decision:
    return evaluate([document(*items)], ACTION, REPOSITORY, context=CONTEXT)


@given(POLICIES)
def test_a_plain_deny_dominates(items):
    assert decide([*items, deny()]) is Decision.EXPLICIT_DENY


@given(POLICIES, statements(effects=("Allow",)))
def test_an_allow_takes_nothing_away(items, more):
    before, after = decide(items), decide([*items, more])
    if before in {Decision.ALLOWED, Decision.EXPLICIT_DENY, Decision.UNDECIDED}:
        assert after in {before, Decision.ALLOWED} if before is Decision.UNDECIDED else after is before
    else:
        assert after is not Decision.EXPLICIT_DENY


@given(POLICIES, statements(effects=("Deny",)))
def test_a_deny_gives_nothing(items, more):
    before, after = decide(items), decide([*items, more])
    if before is not Decision.ALLOWED:
        assert after is not Decision.ALLOWED
    if before in {Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY}:
        assert after in {Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY}


@given(POLICIES)
def test_order_and_splitting_into_documents_change_nothing(items):
    split = [document(item) for item in reversed(items)] or [document()]
    assert evaluate(split, ACTION, REPOSITORY, context=CONTEXT) is decide(items)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Statement", "Effect", "Action", "Resource", "Principal", "Condition", "StringLike", "AWS", "aws:x"]
            )
            | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_document_raises(anything):
    assert evaluate([anything], ACTION, REPOSITORY, principal=ROLE, context=CONTEXT) in Decision


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_pattern_of_stars_around_a_text_finds_it(before, text):
    value = before + text
    pattern = "*" + text.replace("$", "${$}").replace("*", "${*}").replace("?", "${?}")
    assert evaluate([document(allow("*", pattern))], ACTION, value) is Decision.ALLOWED
