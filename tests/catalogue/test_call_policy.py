"""The least policy for a refused call."""

from typing import Any

import pytest

from ecs_medic.catalogue.call_policy import call_policy, lasting

ECS = "arn:aws:ecs:eu-west-1:123456789012"
CLUSTER = f"{ECS}:cluster/shop"
ROLE = "arn:aws:iam::123456789012:role/orders-task"


def statements(*calls: tuple[str, str], **more: Any) -> Any:
    return call_policy(calls, **more)["Statement"]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (f"{ECS}:task-definition/orders:7", f"{ECS}:task-definition/orders:*"),
        (f"{ECS}:task-definition/orders:*", f"{ECS}:task-definition/orders:*"),
        (f"{ECS}:task/shop/{'0a' * 16}", f"{ECS}:task/shop/*"),
        (f"{ECS}:service/shop/orders", f"{ECS}:service/shop/orders"),
        (ROLE, ROLE),
        ("*", "*"),
    ],
)
def test_what_is_new_with_every_call_is_no_part_of_a_policy(resource, expected):
    assert lasting(resource) == expected


def test_actions_on_one_resource_share_a_statement():
    service = f"{ECS}:service/shop/orders"
    (one,) = statements(
        ("ecs:UpdateService", service), ("ecs:DescribeServices", service), ("ecs:UpdateService", service)
    )
    assert one == {"Effect": "Allow", "Action": ["ecs:UpdateService", "ecs:DescribeServices"], "Resource": service}


def test_a_role_is_handed_on_to_the_one_service_only():
    (one,) = statements(("iam:PassRole", ROLE))
    assert one["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    (other,) = statements(("iam:PassRole", ROLE), passed_to="ecs.amazonaws.com")
    assert other["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs.amazonaws.com"}}


def test_tasks_are_run_in_the_one_cluster_only_where_it_is_known():
    definition = f"{ECS}:task-definition/orders:7"
    (one,) = statements(("ecs:RunTask", definition), cluster_arn=CLUSTER)
    assert one["Condition"] == {"ArnEquals": {"ecs:cluster": CLUSTER}}
    (other,) = statements(("ecs:RunTask", definition))
    assert "Condition" not in other


def test_tags_are_written_only_by_the_call_that_creates():
    (one,) = statements(("ecs:TagResource", f"{ECS}:task/shop/*"), operation="RunTask")
    assert one["Condition"] == {"StringEquals": {"ecs:CreateAction": "RunTask"}}
    (other,) = statements(("ecs:TagResource", f"{ECS}:task/shop/*"), operation="TagResource")
    assert "Condition" not in other
