"""Whose role pulls and logs, by launch type."""

from dataclasses import replace

import pytest

from ecs_medic.facts.ecs import ContainerInstance
from ecs_medic.facts.fact import NOT_READ, Absent, Known
from ecs_medic.needs.carriers import carriers
from ecs_medic.needs.need import Carrier
from tests.builders import EXECUTION_ROLE, definition, facts, task

HOST_ROLE = "arn:aws:iam::123456789012:role/ecsInstanceRole"
OVERRIDE = {"ecs.capability.execution-role-awslogs": ""}


def on(launch_type, *, attributes=None, host_role=HOST_ROLE):
    read = facts(task=task(launch_type=launch_type, platform_version=None))
    instance = ContainerInstance("arn", "i-0aaa", attributes=attributes or {})
    role = Known(host_role, "iam:GetInstanceProfile") if host_role else Absent("ec2:DescribeInstances", "no profile")
    return carriers(replace(read, container_instance=Known(instance, "x"), host_role=role), definition())


@pytest.mark.parametrize(
    ("launch_type", "start", "pull", "logs"),
    [
        ("FARGATE", Carrier.TASK, EXECUTION_ROLE, EXECUTION_ROLE),
        ("EC2", Carrier.HOST, HOST_ROLE, HOST_ROLE),
        ("MANAGED_INSTANCES", Carrier.HOST, EXECUTION_ROLE, EXECUTION_ROLE),
    ],
)
def test_who_carries_a_start(launch_type, start, pull, logs):
    found = on(launch_type)
    assert (found.start, found.pull_role, found.log_role) == (start, pull, logs)
    assert (found.application, found.execution_role) == (Carrier.TASK, EXECUTION_ROLE)


def test_an_agent_set_to_log_with_the_execution_role():
    found = on("EC2", attributes=OVERRIDE)
    assert (found.pull_role, found.log_role) == (HOST_ROLE, EXECUTION_ROLE)


def test_a_host_whose_role_is_not_known():
    assert on("EC2", host_role=None).pull_role is None
    assert facts().host_role is NOT_READ
