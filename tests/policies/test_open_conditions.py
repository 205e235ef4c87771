"""The condition keys that keep a call from being judged."""

import pytest

from ecs_medic.policies.evaluate import Decision, evaluate, open_conditions
from tests.builders import CLUSTER_ARN, SERVICE_ARN, allow, deny, document

UPDATE = "ecs:UpdateService"
TAG = {"StringEquals": {"aws:ResourceTag/team": "shop"}}
CLUSTER = {"ArnEquals": {"ecs:cluster": CLUSTER_ARN}}


@pytest.mark.parametrize(
    ("statement", "context", "expected"),
    [
        (allow(UPDATE, Condition=TAG), {}, ("aws:ResourceTag/team",)),
        (deny(UPDATE, Condition=TAG), {}, ("aws:ResourceTag/team",)),
        (allow("ecs:*", Condition={**TAG, **CLUSTER}), {"ecs:cluster": CLUSTER_ARN}, ("aws:ResourceTag/team",)),
        (allow(UPDATE, Condition=CLUSTER), {"ECS:Cluster": CLUSTER_ARN}, ()),
        # A condition that does not hold whatever the other one says leaves nothing open.
        (allow(UPDATE, Condition={**TAG, **CLUSTER}), {"ecs:cluster": "arn:aws:ecs:eu-west-1:1:cluster/x"}, ()),
        (allow(UPDATE), {}, ()),
        (allow("ecs:RunTask", Condition=TAG), {}, ()),
        (allow(UPDATE, SERVICE_ARN.replace("orders", "web"), Condition=TAG), {}, ()),
        ("no statement", {}, ()),
    ],
)
def test_only_keys_that_nobody_knows_of_statements_that_speak_of_the_call(statement, context, expected):
    documents = (document(statement),)
    assert open_conditions(documents, UPDATE, SERVICE_ARN, context=context) == expected
    if expected:
        assert evaluate(documents, UPDATE, SERVICE_ARN, context=context) in {Decision.UNDECIDED, Decision.IMPLICIT_DENY}
