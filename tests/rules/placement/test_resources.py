"""What no instance has: CPU, memory, ports, attributes, network interfaces."""

from dataclasses import replace

import pytest

from ecs_medic.facts.ecs import Resources
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.facts.placement import Instance
from ecs_medic.finding import Confidence, NotChecked
from ecs_medic.rules.placement.demand import amount
from ecs_medic.rules.placement.host_port_in_use import host_port_in_use
from ecs_medic.rules.placement.insufficient_cpu import insufficient_cpu
from ecs_medic.rules.placement.insufficient_eni import insufficient_eni
from ecs_medic.rules.placement.insufficient_memory import insufficient_memory
from ecs_medic.rules.placement.missing_attribute import missing_attribute
from ecs_medic.vocabulary import Id
from tests.builders import assert_not_checked, assert_quiet, assert_silent, container_definition, outcomes, the_finding
from tests.rules.placement.instances import (
    ARN,
    DENIED,
    OTHER_ARN,
    awsvpc,
    cluster,
    ec2,
    event,
    instance,
    subnet,
    subnets,
    with_definition,
    with_service,
)

PORTS = (container_definition(host_ports=(("tcp", 8080),)),)
TAKEN = Resources(2048, 3904, ports=frozenset({22, 8080}))
LIMITS = Known({"m5.large": 3}, "ec2:DescribeInstanceTypes")


def full(interfaces: int = 3):
    read = cluster(
        instance(),
        instances=ec2(Instance("i-0aaa", "running", "m5.large", interfaces=interfaces)),
        most_interfaces=LIMITS,
    )
    return with_definition(read, network_mode="awsvpc")


FIRING = {
    Id.INSUFFICIENT_CPU: (insufficient_cpu, cluster(instance(cpu=512)), "512 of 2048 CPU units left, 1024 needed"),
    Id.INSUFFICIENT_MEMORY: (
        insufficient_memory,
        cluster(instance(memory=1024)),
        "1024 of 3904 MiB left, 2048 needed",
    ),
    Id.HOST_PORT_IN_USE: (
        host_port_in_use,
        with_definition(cluster(instance(remaining=TAKEN)), containers=PORTS),
        "port 8080 of the host is taken",
    ),
    Id.MISSING_ATTRIBUTE: (
        missing_attribute,
        with_definition(cluster(instance()), requires_attributes={"ecs.capability.task-eia": ""}),
        "no attribute ecs.capability.task-eia",
    ),
    Id.INSUFFICIENT_ENI: (insufficient_eni, full(), "an instance of type m5.large takes 3"),
}


@pytest.mark.parametrize("symptom", FIRING)
def test_the_closest_instance_and_what_it_lacks_are_named(symptom):
    rule, read, words = FIRING[symptom]
    for about in (event(symptom), event(Id.PLACEMENT_FAILED)):
        finding = the_finding(rule, about, read)
        assert (finding.cause, finding.confidence) == (symptom, Confidence.CONFIRMED)
        assert finding.params["container_instance"] == ARN
        assert words in finding.summary
        assert any(words in one.observed for one in finding.evidence)


@pytest.mark.parametrize("symptom", FIRING)
def test_an_instance_with_room_excludes_the_cause(symptom):
    rule, read, _ = FIRING[symptom]
    roomy = replace(instance(OTHER_ARN), attributes={"ecs.capability.task-eia": "", "ecs.instance-type": "m5.large"})
    placement = replace(
        read.placement,
        container_instances=Known((*read.placement.container_instances.value, roomy), "ecs:DescribeContainerInstances"),
        instances=ec2(
            Instance("i-0aaa", interfaces=3),
            Instance("i-0bbb", interfaces=1),
        ),
        most_interfaces=LIMITS,
    )
    assert_quiet(rule, event(Id.PLACEMENT_FAILED), replace(read, placement=placement))
    assert_not_checked(rule, event(symptom), replace(read, placement=placement))


@pytest.mark.parametrize("symptom", FIRING)
def test_a_refused_read_is_not_checked(symptom):
    rule, read, _ = FIRING[symptom]
    unread = replace(read, placement=replace(read.placement, container_instances=DENIED))
    assert_not_checked(rule, event(symptom), unread, "ecs:ListContainerInstances")
    gone = replace(read, task_definition=Unknown("ecs:DescribeTaskDefinition", "denied", "ecs:DescribeTaskDefinition"))
    assert_not_checked(rule, event(symptom), gone, "ecs:DescribeTaskDefinition")


@pytest.mark.parametrize("symptom", FIRING)
def test_nothing_is_said_where_nobody_asked_or_nothing_is_there(symptom):
    rule, read, _ = FIRING[symptom]
    assert_silent(rule, event(symptom), replace(read, placement=type(read.placement)()))
    assert_silent(rule, event(symptom), cluster())
    assert_silent(rule, event(symptom), cluster(instance(agent_connected=False)))


def test_the_instance_that_the_message_names_is_the_closest():
    read = cluster(instance(cpu=900), instance(OTHER_ARN, cpu=100))
    reason = f"The closest matching (container-instance {OTHER_ARN.rsplit('/', 1)[-1]}) has insufficient CPU units."
    assert the_finding(insufficient_cpu, event(Id.INSUFFICIENT_CPU), read).params["container_instance"] == ARN
    named = the_finding(insufficient_cpu, event(Id.INSUFFICIENT_CPU, reason), read)
    assert (named.params["container_instance"], named.params["remaining"]) == (OTHER_ARN, 100)


def test_draining_instances_and_those_of_other_providers_do_not_count():
    other = instance(OTHER_ARN, capacity_provider="spare")
    read = cluster(instance(cpu=512, capacity_provider="own"), other, instance(status="DRAINING"))
    read = with_service(read, capacity_providers=("own",), launch_type=None)
    assert the_finding(insufficient_cpu, event(Id.INSUFFICIENT_CPU), read).params["instances"] == 1


def test_containers_are_added_up_where_the_task_has_no_size():
    two = tuple(container_definition(name, cpu=600, memory=900, memory_reservation=500) for name in ("app", "proxy"))
    read = with_definition(cluster(instance(cpu=1199, memory=1000)), cpu=None, memory=None, containers=two)
    assert the_finding(insufficient_cpu, event(Id.INSUFFICIENT_CPU), read).params["needed"] == 1200
    assert_quiet(insufficient_memory, event(Id.PLACEMENT_FAILED), read)


def test_an_awsvpc_task_takes_no_port_of_the_host():
    read = with_definition(cluster(instance(remaining=TAKEN)), containers=PORTS, network_mode="awsvpc")
    assert_quiet(host_port_in_use, event(Id.PLACEMENT_FAILED), read)


def test_an_instance_outside_the_zones_of_the_subnets_is_told():
    read = cluster(instance(), subnets=subnets(subnet("subnet-1", zone="eu-west-1b")))
    read = with_service(with_definition(read, network_mode="awsvpc"), awsvpc=awsvpc("subnet-1"))
    finding = the_finding(missing_attribute, event(Id.MISSING_ATTRIBUTE), read)
    assert "it runs in eu-west-1a, and the service's subnets are in eu-west-1b" in finding.summary


def test_a_missing_gpu_is_told():
    read = with_definition(cluster(instance()), containers=(container_definition(gpus=1),))
    assert "0 GPUs free, 1 needed" in the_finding(missing_attribute, event(Id.PLACEMENT_FAILED), read).summary


def test_with_trunking_nobody_knows_how_many_interfaces_are_left():
    read = full()
    trunking = instance(attributes={"ecs.awsvpc-trunk-id": "eni-1", "ecs.instance-type": "m5.large"})
    listed = Known((trunking,), "ecs:DescribeContainerInstances")
    read = replace(read, placement=replace(read.placement, container_instances=listed))
    [said] = outcomes(insufficient_eni, event(Id.INSUFFICIENT_ENI), read)
    assert isinstance(said, NotChecked)
    assert "trunking" in said.reason


def test_interfaces_that_could_not_be_counted_are_not_checked():
    refused = Unknown("ec2:DescribeInstanceTypes", "denied", "ec2:DescribeInstanceTypes")
    read = full()
    read = replace(read, placement=replace(read.placement, most_interfaces=refused))
    assert_not_checked(insufficient_eni, event(Id.INSUFFICIENT_ENI), read, "ec2:DescribeInstanceTypes")


@pytest.mark.parametrize(
    ("written", "units"),
    [("512", 512), (".5 vCPU", 512), ("2 vcpu", 2048), ("1GB", 1024), ("0.5 GB", 512), (None, 0), ("much", 0)],
)
def test_sizes_are_read_as_ecs_takes_them(written, units):
    assert amount(written) == units
