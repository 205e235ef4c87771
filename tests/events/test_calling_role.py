"""The role behind a call that CloudTrail recorded, whatever else the event holds."""

import pytest

from ecs_medic.events.calling_role import calling_role
from tests.events.samples import envelope, stopped_task

ROLE = "arn:aws:iam::123456789012:role/ecs-medic-RemedyRole"
IDENTITY = {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}}}


@pytest.mark.parametrize("name", ["ExecuteCommand", "UpdateService", "CreateVpcEndpoint", None])
def test_it_is_that_of_the_session_whatever_was_called(name):
    assert calling_role(envelope("AWS API Call via CloudTrail", {"eventName": name, "userIdentity": IDENTITY})) == ROLE


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "AWS API Call via CloudTrail",
        stopped_task(),
        envelope("ECS Task State Change", {"userIdentity": IDENTITY}),
        envelope("AWS API Call via CloudTrail", {}),
        envelope("AWS API Call via CloudTrail", {"userIdentity": {"type": "IAMUser", "arn": ROLE}}),
        envelope("AWS API Call via CloudTrail", {"userIdentity": {"sessionContext": {"sessionIssuer": ROLE}}}),
        envelope("AWS API Call via CloudTrail", {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": 1}}}}),
    ],
    ids=range(9),
)
def test_anything_else_has_none(event):
    assert calling_role(event) is None
