"""A task in both of the forms in which AWS describes it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.facts.from_task import task_from_description
from tests.builders import CLUSTER_ARN, TASK_ARN

DESCRIBED = {
    "taskArn": TASK_ARN,
    "clusterArn": CLUSTER_ARN,
    "launchType": "FARGATE",
    "enableExecuteCommand": True,
    "createdAt": datetime(2026, 7, 1, tzinfo=UTC),
    "overrides": {"taskRoleArn": "arn:aws:iam::123456789012:role/override", "containerOverrides": []},
    "attachments": [
        {"type": "Service Connect", "status": "ATTACHED", "details": []},
        {
            "type": "ElasticNetworkInterface",
            "status": "ATTACHED",
            "details": [{"name": "subnetId", "value": "subnet-1"}, {"name": "networkInterfaceId", "value": "eni-1"}],
        },
    ],
    "containers": [
        {
            "name": "app",
            "lastStatus": "RUNNING",
            "exitCode": 0,
            "cpu": "256",
            "managedAgents": [{"name": "ExecuteCommandAgent", "lastStatus": "RUNNING", "reason": None}],
        }
    ],
    "tags": [{"key": "team", "value": "shop"}],
    "version": 4,
}
IN_AN_EVENT = {
    **DESCRIBED,
    "enableExecuteCommand": "true",
    "createdAt": "2026-07-01T00:00:00Z",
    "attachments": [{**DESCRIBED["attachments"][1], "type": "eni"}],  # type: ignore[index]
    "containers": [
        {
            "name": "app",
            "lastStatus": "RUNNING",
            "exitCode": "0",
            "cpu": "null",
            "managedAgents": [{"name": "ExecuteCommandAgent", "status": "RUNNING"}],
        }
    ],
    "version": "4",
}


@pytest.mark.parametrize("description", [DESCRIBED, IN_AN_EVENT], ids=["DescribeTasks", "event"])
def test_both_forms_say_the_same(description):
    task = task_from_description(description)
    assert task.arn == TASK_ARN
    assert task.enable_execute_command is True
    assert task.created_at == datetime(2026, 7, 1, tzinfo=UTC)
    assert task.task_role_override == "arn:aws:iam::123456789012:role/override"
    assert task.version == 4
    assert task.tags == {"team": "shop"}
    interface = task.interface_attachment
    assert interface is not None
    assert interface.details["subnetId"] == "subnet-1"
    app = task.container("app")
    assert app is not None
    assert app.exit_code == 0
    assert app.exec_agent is not None
    assert app.exec_agent.last_status == "RUNNING"


@pytest.mark.parametrize(
    ("value", "expected"), [("false", False), (False, False), (None, None), ("maybe", None), (1, None)]
)
def test_an_unreadable_flag_is_not_false(value, expected):
    assert task_from_description({"enableExecuteCommand": value}).enable_execute_command is expected


def test_no_word_of_agents_is_not_no_agents():
    task = task_from_description({"containers": [{"name": "silent"}, {"name": "none", "managedAgents": []}]})
    assert [container.managed_agents for container in task.containers] == [None, ()]


NAMES = sorted({*DESCRIBED, "name", "value", "status", "details", "managedAgents", "stoppedAt", "exitCode", "key"})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_no_description_raises(description):
    task_from_description(description)
