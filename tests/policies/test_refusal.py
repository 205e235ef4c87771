"""AWS's refusals, in the words that its documentation gives them."""

import pytest

from ecs_medic.policies.refusal import Refusal, refusal_in

CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop"
BEFORE = (
    f"User: arn:aws:iam::123456789012:user/ann is not authorized to perform: ecs:ExecuteCommand on resource: {CLUSTER}"
)


@pytest.mark.parametrize(
    ("words", "denied_by"),
    [
        ("identity-based policy", "identity"),
        ("resource-based policy", "resource_policy"),
        ("permissions boundary", "boundary"),
        ("service control policy", "scp"),
        ("resource control policy", "rcp"),
        ("session policy", "session"),
        ("VPC endpoint policy", "endpoint"),
    ],
)
def test_who_denies_and_how(words, denied_by):
    article = "an" if words[0] == "i" else "a"
    explicit = refusal_in(f"{BEFORE} with an explicit deny in {article} {words}")
    assert explicit == Refusal("ecs:ExecuteCommand", CLUSTER, denied_by, explicit=True)
    named = refusal_in(f"{BEFORE} with an explicit deny in {article} {words}: arn:aws:iam::123456789012:policy/p")
    assert named == explicit
    implicit = refusal_in(f"{BEFORE} because no {words} allows the ecs:ExecuteCommand action")
    assert implicit == Refusal("ecs:ExecuteCommand", CLUSTER, denied_by)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (BEFORE, Refusal("ecs:ExecuteCommand", CLUSTER)),
        (BEFORE.replace(" on", "\n on"), Refusal("ecs:ExecuteCommand", CLUSTER)),
        (
            f'x is not authorized to perform: s3:PutObject on resource: "{CLUSTER}" because',
            Refusal("s3:PutObject", CLUSTER),
        ),
        ("x is not authorized to perform: ecs:ListTasks", Refusal("ecs:ListTasks")),
        (
            f"{BEFORE} with an explicit deny in a new kind of policy",
            Refusal("ecs:ExecuteCommand", CLUSTER, explicit=True),
        ),
        ("Access denied", None),
        ("", None),
        (None, None),
    ],
)
def test_what_is_not_said_is_not_known(message, expected):
    assert refusal_in(message) == expected
