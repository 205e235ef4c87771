"""Which interface carries the traffic, from whatever is left to know."""

from typing import Any

import pytest

from ecs_medic.collect import interfaces, vpc
from ecs_medic.collect.question import Answers
from ecs_medic.facts import Absent, Fact, Known, Unknown
from ecs_medic.facts.ecs import Attachment, AwsvpcConfiguration, ContainerInstance, Deployment
from ecs_medic.facts.network import Interface, Network, SecurityGroup
from tests.builders import definition, facts, known, service, task

STOPPED_INTERFACE = Attachment("eni", "DELETED", {"subnetId": "subnet-1", "privateIPv4Address": "10.0.0.7"})
LIVING_INTERFACE = Attachment("eni", "ATTACHED", {"subnetId": "subnet-1", "networkInterfaceId": "eni-1"})


def subnets(*identifiers: str, **zones: str) -> Fact[dict[str, Any]]:
    found = [{"SubnetId": one, "VpcId": "vpc-1", "AvailabilityZone": zones.get(one[-1:], "a")} for one in identifiers]
    return Known({"Subnets": found}, "ec2:DescribeSubnets")


def task_interface(read, answers: Answers) -> Fact[Interface]:
    return interfaces.with_interfaces(read, answers).task_interface


def gone(**changes: Any):
    return facts(task=task(last_status="STOPPED", attachments=(STOPPED_INTERFACE,)), **changes)


def test_of_a_stopped_task_the_subnet_survives_and_the_service_tells_the_rest():
    found = task_interface(gone(), {("subnets", "subnet-1"): subnets("subnet-1")})
    assert isinstance(found, Known)
    assert (found.value.subnet_id, found.value.vpc_id, found.value.private_ip) == ("subnet-1", "vpc-1", "10.0.0.7")
    assert found.value.security_group_ids == Known(("sg-1",), "ecs:DescribeServices")
    assert isinstance(found.value.public_ip, Absent)


def test_the_deployment_that_started_the_task_knows_better_than_the_service_of_today():
    own = Deployment("ecs-svc/1", "ACTIVE", awsvpc=AwsvpcConfiguration(("subnet-1",), ("sg-9",), assign_public_ip=True))
    started = task(attachments=(STOPPED_INTERFACE,), started_by="ecs-svc/1")
    found = task_interface(
        facts(task=started, service=service(deployments=(own,))), {("subnets", "subnet-1"): subnets("subnet-1")}
    )
    assert isinstance(found, Known)
    assert found.value.security_group_ids == Known(("sg-9",), "ecs:DescribeServices")
    assert isinstance(found.value.public_ip, Known)


@pytest.mark.parametrize(
    "now",
    [
        Deployment("ecs-svc/2", "PRIMARY", awsvpc=AwsvpcConfiguration(("subnet-1",), ("sg-9",))),
        Deployment("ecs-svc/1", "PRIMARY", awsvpc=AwsvpcConfiguration(("subnet-2",), ("sg-9",))),
    ],
    ids=["its deployment is gone", "it ran where the deployment does not run tasks"],
)
def test_another_configuration_than_the_tasks_own_tells_nothing(now):
    started = task(attachments=(STOPPED_INTERFACE,), started_by="ecs-svc/1")
    today = service(deployments=(now,), awsvpc=now.awsvpc)
    found = task_interface(facts(task=started, service=today), {("subnets", "subnet-1"): subnets("subnet-1")})
    assert isinstance(found, Known)
    for unknown in (found.value.security_group_ids, found.value.public_ip):
        assert isinstance(unknown, Unknown)
        assert "deployment is gone" in unknown.reason


def test_of_a_standalone_task_nobody_tells_the_rest():
    alone = gone(service=Unknown("-", "not read"))
    found = task_interface(alone, {("subnets", "subnet-1"): subnets("subnet-1")})
    assert isinstance(found, Known)
    assert isinstance(found.value.security_group_ids, Unknown)
    assert isinstance(found.value.public_ip, Unknown)


@pytest.mark.parametrize("launch_type", ["EC2", "MANAGED_INSTANCES"])
def test_ecs_gives_no_public_address_to_a_tasks_interface_on_an_instance(launch_type):
    read = facts(
        task=task(launch_type=launch_type, attachments=(STOPPED_INTERFACE,)),
        service=service(awsvpc=AwsvpcConfiguration(("subnet-1",), ("sg-1",), assign_public_ip=True)),
    )
    found = task_interface(read, {("subnets", "subnet-1"): subnets("subnet-1")})
    assert isinstance(found, Known)
    assert isinstance(found.value.public_ip, Absent)


def test_a_living_interface_tells_everything_and_its_subnet_is_not_asked():
    read = facts(task=task(attachments=(LIVING_INTERFACE,)))
    assert set(interfaces.questions(read, {}, host=True)) == {("interface", "eni-1")}
    described = {
        "NetworkInterfaceId": "eni-1",
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "Groups": [{"GroupId": "sg-1"}],
        "Association": {"PublicIp": "192.0.2.7"},
    }
    answers: Answers = {("interface", "eni-1"): known({"NetworkInterfaces": [described]})}
    found = task_interface(read, answers)
    assert isinstance(found, Known)
    assert isinstance(found.value.public_ip, Known)
    assert set(interfaces.questions(read, answers, host=True)) == {("interface", "eni-1")}


def test_an_interface_that_does_not_answer_leaves_subnet_and_service():
    read = facts(task=task(attachments=(LIVING_INTERFACE,)))
    refused: Answers = {("interface", "eni-1"): Unknown("ec2:DescribeNetworkInterfaces", "denied")}
    assert ("subnets", "subnet-1") in interfaces.questions(read, refused, host=True)
    found = task_interface(read, {**refused, ("subnets", "subnet-1"): subnets("subnet-1")})
    assert isinstance(found, Known)
    assert isinstance(found.value.security_group_ids, Known)


@pytest.mark.parametrize(("zone", "expected"), [("eu-west-1a", "subnet-1"), ("eu-west-1b", "subnet-2"), (None, None)])
def test_without_an_attachment_the_zone_tells_which_of_the_services_subnets(zone, expected):
    both = AwsvpcConfiguration(("subnet-1", "subnet-2"), ("sg-1",))
    read = facts(task=task(attachments=(), availability_zone=zone), service=service(awsvpc=both))
    answer = subnets("subnet-1", "subnet-2", **{"1": "eu-west-1a", "2": "eu-west-1b"})
    found = task_interface(read, {("subnets", "subnet-1", "subnet-2"): answer})
    if expected is None:
        assert not isinstance(found, Known)
    else:
        assert isinstance(found, Known)
        assert found.value.subnet_id == expected


def test_a_task_on_its_hosts_network_has_no_interface_of_its_own():
    read = facts(task=task(attachments=()), task_definition=definition(network_mode="bridge"))
    assert isinstance(task_interface(read, {}), Absent)


def test_a_denied_subnet_names_the_permission():
    refused = Unknown("ec2:DescribeSubnets", "denied", "ec2:DescribeSubnets")
    found = task_interface(gone(), {("subnets", "subnet-1"): refused})
    assert isinstance(found, Unknown)
    assert found.missing_permission == "ec2:DescribeSubnets"


def test_a_container_instance_carries_with_its_primary_interface():
    read = facts(
        task=task(launch_type="EC2", container_instance_arn="arn"),
        container_instance=known(ContainerInstance("arn", "i-1")),
    )
    assert ("instance", "i-1") in interfaces.questions(read, {}, host=True)
    primary = {
        "NetworkInterfaceId": "eni-p",
        "SubnetId": "subnet-2",
        "VpcId": "vpc-1",
        "Attachment": {"DeviceIndex": 0},
    }
    second = {"NetworkInterfaceId": "eni-s", "SubnetId": "subnet-3", "VpcId": "vpc-1", "Attachment": {"DeviceIndex": 1}}
    instance = {"InstanceId": "i-1", "NetworkInterfaces": [second, primary]}
    answers: Answers = {("instance", "i-1"): known({"Reservations": [{"Instances": [instance]}]})}
    host = interfaces.with_interfaces(read, answers).host_interface
    assert isinstance(host, Known)
    assert host.value.id == "eni-p"
    assert host.value.belongs_to == "container instance"


def test_no_group_given_means_the_default_group_of_the_vpc():
    interface = known(Interface("subnet-1", "vpc-1", security_group_ids=known(())))
    groups = {"sg-d": SecurityGroup("sg-d", "default", "vpc-1"), "sg-x": SecurityGroup("sg-x", "x", "vpc-1")}
    found = vpc.with_default_group(interface, {"vpc-1": Network("vpc-1", security_groups=known(groups))})
    assert isinstance(found, Known)
    assert found.value.security_group_ids == Known(("sg-d",), "test:Read")
    unread = vpc.with_default_group(interface, {})
    assert isinstance(unread, Known)
    assert isinstance(unread.value.security_group_ids, Unknown)
