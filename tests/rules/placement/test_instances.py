"""Instances that are not there, never joined, or have lost their agent."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecs_medic.facts.fact import NOT_READ, Unknown
from ecs_medic.facts.placement import Instance
from ecs_medic.finding import Confidence
from ecs_medic.rules.placement.ecs_agent_disconnected import ecs_agent_disconnected
from ecs_medic.rules.placement.instance_never_registered import instance_never_registered
from ecs_medic.rules.placement.no_container_instances import no_container_instances
from ecs_medic.vocabulary import Id
from tests.builders import NOW, assert_not_checked, assert_quiet, assert_silent, known, the_finding
from tests.rules.placement.instances import (
    DENIED,
    OTHER_ARN,
    PROFILE,
    cluster,
    ec2,
    event,
    group,
    instance,
    with_service,
)

NONE = event(Id.NO_CONTAINER_INSTANCES)


def old(identifier: str, minutes: int = 30, **changes: Any) -> Instance:
    well = Instance(
        identifier, "running", "m5.large", "subnet-1", NOW - timedelta(minutes=minutes), PROFILE, interfaces=1
    )
    return replace(well, **changes)


def test_an_empty_cluster():
    finding = the_finding(no_container_instances, NONE, cluster())
    assert (finding.confidence, finding.subject) == (Confidence.CONFIRMED, "shop")
    assert finding.params["instances"] == 0


def test_instances_that_the_service_may_not_use():
    draining = the_finding(no_container_instances, NONE, cluster(instance(status="DRAINING")))
    assert "DRAINING" in draining.summary
    elsewhere = with_service(cluster(instance(capacity_provider="spare")), capacity_providers=("own",))
    assert "capacity provider spare" in the_finding(no_container_instances, NONE, elsewhere).summary


def test_an_instance_excludes_that_there_is_none():
    assert_quiet(no_container_instances, NONE, cluster(instance()))


def test_no_container_instances_unread():
    read = cluster()
    unread = replace(read, placement=replace(read.placement, container_instances=DENIED))
    assert_not_checked(no_container_instances, NONE, unread, "ecs:ListContainerInstances")
    assert_silent(no_container_instances, NONE, replace(read, placement=type(read.placement)()))


def test_an_instance_of_the_group_that_never_joined():
    read = cluster(scaling_groups=group("i-0ccc"), instances=ec2(old("i-0ccc")))
    finding = the_finding(instance_never_registered, NONE, read)
    assert (finding.confidence, finding.params["instance_ids"]) == (Confidence.CONFIRMED, ["i-0ccc"])
    assert "running for 30 minutes" in finding.evidence[0].observed


def test_an_instance_without_a_profile_is_told():
    read = cluster(scaling_groups=group("i-0ccc"), instances=ec2(old("i-0ccc", instance_profile_arn=None)))
    assert "i-0ccc has no instance profile" in the_finding(instance_never_registered, NONE, read).summary


@pytest.mark.parametrize("late", [old("i-0ccc", minutes=2), old("i-0ccc", state="pending")])
def test_a_young_instance_may_still_join(late):
    read = cluster(scaling_groups=group("i-0ccc"), instances=ec2(late))
    assert_silent(instance_never_registered, NONE, read)


def test_instances_that_joined_exclude_it():
    assert_quiet(instance_never_registered, NONE, cluster(instance(), scaling_groups=group("i-0aaa")))
    assert_silent(instance_never_registered, NONE, cluster(instance()))


def test_instance_never_registered_unread():
    refused = Unknown("ec2:DescribeInstances", "denied", "ec2:DescribeInstances")
    read = cluster(scaling_groups=group("i-0ccc"), instances=refused)
    assert_not_checked(instance_never_registered, NONE, read, "ec2:DescribeInstances")
    refused = Unknown("autoscaling:DescribeAutoScalingGroups", "denied", "autoscaling:DescribeAutoScalingGroups")
    read = cluster(scaling_groups=refused)
    assert_not_checked(instance_never_registered, NONE, read, "autoscaling:DescribeAutoScalingGroups")


LOST = event(Id.ECS_AGENT_DISCONNECTED, "AGENT")


def test_a_lost_agent_is_the_cause_of_its_own_symptom():
    finding = the_finding(ecs_agent_disconnected, LOST, cluster(instance(agent_connected=False)))
    assert (finding.confidence, finding.params["instance_id"]) == (Confidence.CONFIRMED, "i-0aaa")


def test_a_lost_agent_is_blamed_elsewhere_only_where_the_task_fits_nowhere_else():
    lost = instance(agent_connected=False)
    about = event(Id.PLACEMENT_FAILED)
    only_room = cluster(lost, instance(OTHER_ARN, cpu=0))
    assert the_finding(ecs_agent_disconnected, about, only_room).confidence is Confidence.LIKELY
    assert_silent(ecs_agent_disconnected, about, cluster(lost, instance(OTHER_ARN)))


def test_connected_agents_exclude_it_unless_aws_says_so():
    assert_quiet(ecs_agent_disconnected, event(Id.PLACEMENT_FAILED), cluster(instance()))
    assert_not_checked(ecs_agent_disconnected, LOST, cluster(instance()))


def test_the_tasks_own_instance_serves_where_the_others_were_not_read():
    read = replace(
        cluster(), placement=type(cluster().placement)(), container_instance=known(instance(agent_connected=False))
    )
    assert the_finding(ecs_agent_disconnected, LOST, read).cause is Id.ECS_AGENT_DISCONNECTED
    assert_silent(ecs_agent_disconnected, LOST, replace(read, container_instance=NOT_READ))
    denied = Unknown("ecs:DescribeContainerInstances", "denied", "ecs:DescribeContainerInstances")
    assert_not_checked(
        ecs_agent_disconnected, LOST, replace(read, container_instance=denied), "ecs:DescribeContainerInstances"
    )


UNREAD = Unknown("autoscaling:DescribeAutoScalingGroups", "denied", "autoscaling:DescribeAutoScalingGroups")


@pytest.mark.parametrize(
    "read",
    [
        cluster(scaling_groups=UNREAD),
        cluster(capacity_providers=UNREAD),
        cluster(scaling_groups=group("i-0ccc"), instances=UNREAD),
        cluster(scaling_groups=group("i-0ccc"), instances=known({})),
    ],
    ids=["groups", "providers", "instances", "an instance that EC2 says nothing of"],
)
def test_no_instance_has_joined_is_likely_where_some_may_run_and_have_not(read):
    assert the_finding(no_container_instances, NONE, read).confidence is Confidence.LIKELY


def test_no_instance_has_joined_is_confirmed_where_none_runs():
    assert the_finding(no_container_instances, NONE, cluster()).confidence is Confidence.CONFIRMED
    empty = cluster(scaling_groups=group())
    assert the_finding(no_container_instances, NONE, empty).confidence is Confidence.CONFIRMED
