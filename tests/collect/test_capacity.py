"""What decides about a place, read over the wire: few calls, and each refusal told."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.collect import collect
from ecs_medic.diagnosis import diagnose
from ecs_medic.events.parse import parse
from ecs_medic.facts.fact import Absent, Known, Unknown
from ecs_medic.finding import Confidence
from ecs_medic.vocabulary import Id
from sandbox.gallery import Workbench, build
from sandbox.gallery import network as net
from sandbox.gallery.application import ACCOUNT, Application, deploy
from sandbox.gallery.instances import add_instance, managed_provider
from sandbox.gallery.observe import service_event

MOST_CALLS, MOST_WAVES = 20, 5
INSTANCES = (
    "managed_instance_network_blocked",
    "instance_role_cannot_pull",
    "instance_subnet_isolated",
    "insufficient_memory",
    "host_port_in_use",
    "no_container_instances",
    "ecs_agent_disconnected",
    "instance_never_registered",
)


class CountingReader(Reader):
    """A reader that also counts its waves."""

    waves = 0

    def together(self, calls):
        self.waves += bool(calls)
        return super().together(calls)


@pytest.fixture
def reader(account):
    return CountingReader("eu-west-1", account=ACCOUNT)


def read(event, reader):
    return collect(parse(event), reader, datetime.now(UTC))


@pytest.mark.parametrize("name", INSTANCES)
def test_verdict_and_bounds(account, reader, name):
    scenario = build(account, name)
    facts = read(scenario.event, reader)
    assert len(facts.calls) <= MOST_CALLS
    assert reader.waves <= MOST_WAVES
    verdict = diagnose(parse(scenario.event), Reader("eu-west-1"), datetime.now(UTC)).verdict
    assert (verdict.cause, verdict.confidence) == (scenario.cause, scenario.confidence)
    assert scenario.params.items() <= verdict.params.items()


def test_sizes_ports_and_attributes_of_an_instance(account, reader):
    facts = read(build(account, "host_port_in_use").event, reader)
    assert isinstance(facts.placement.container_instances, Known)
    [instance] = facts.placement.container_instances.value
    assert (instance.registered.cpu, instance.remaining.cpu) == (2048, 1792)
    assert (instance.registered.memory, instance.remaining.memory) == (3904, 3392)
    assert 8080 in instance.remaining.ports - instance.registered.ports
    assert (instance.availability_zone, instance.instance_type) == ("eu-west-1a", "m5.large")
    assert isinstance(facts.task_definition, Known)
    assert facts.task_definition.value.containers[0].host_ports == (("tcp", 8080),)


def test_the_role_of_the_host_pulls_and_logs(account, reader):
    facts = read(build(account, "instance_role_cannot_pull").event, reader)
    assert facts.host_role == Known(f"arn:aws:iam::{ACCOUNT}:role/recipes-instance", "iam:GetInstanceProfile")


def test_a_host_whose_profile_may_not_be_read_is_not_checked(account, reader):
    scenario = build(account, "instance_role_cannot_pull")
    account.fault("iam", "GetInstanceProfile", "access_denied")
    report = diagnose(parse(scenario.event), reader, datetime.now(UTC))
    assert report.verdict.confidence is not Confidence.CONFIRMED
    assert "iam:GetInstanceProfile" in {gap.missing_permission for gap in report.not_checked}


def test_a_profile_that_is_gone_is_absent(account, reader):
    scenario = build(account, "instance_role_cannot_pull")
    iam = account.client("iam")
    iam.remove_role_from_instance_profile(InstanceProfileName="recipes-instance", RoleName="recipes-instance")
    iam.delete_instance_profile(InstanceProfileName="recipes-instance")
    assert isinstance(read(scenario.event, reader).host_role, Absent)


@pytest.mark.parametrize("operation", ["ListContainerInstances", "DescribeContainerInstances"])
def test_instances_that_may_not_be_read_leave_aws_word(account, reader, operation):
    scenario = build(account, "insufficient_memory")
    account.fault("ecs", operation, "access_denied")
    report = diagnose(parse(scenario.event), reader, datetime.now(UTC))
    assert (report.verdict.cause, report.verdict.confidence) == (Id.INSUFFICIENT_MEMORY, Confidence.LIKELY)
    assert f"ecs:{operation}" in {gap.missing_permission for gap in report.not_checked}


def scaling_provider(account, cluster, subnet, *instances):
    """A capacity provider whose Auto Scaling group has these instances."""
    client = account.client("autoscaling")
    client.create_auto_scaling_group(
        AutoScalingGroupName=cluster,
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=0,
        InstanceId=instances[0],
        VPCZoneIdentifier=subnet,
    )
    client.attach_instances(AutoScalingGroupName=cluster, InstanceIds=list(instances))
    arn = client.describe_auto_scaling_groups(AutoScalingGroupNames=[cluster])["AutoScalingGroups"][0][
        "AutoScalingGroupARN"
    ]
    ecs = account.client("ecs")
    ecs.create_capacity_provider(name=f"{cluster}-scaling", autoScalingGroupProvider={"autoScalingGroupArn": arn})
    return f"{cluster}-scaling"


def test_an_instance_of_the_group_that_is_not_in_the_cluster(account, reader):
    bench = Workbench(account)
    network = net.with_endpoints(bench, "audio")
    instance = bench.client("ec2").run_instances(
        ImageId="ami-0e5c2a5b7d1f4c3a9", MinCount=1, MaxCount=1, InstanceType="m5.large", SubnetId=network.subnet
    )["Instances"][0]["InstanceId"]
    provider = scaling_provider(account, "audio", network.subnet, instance)
    app = Application(
        "audio", network, cluster="audio", launch_type="EC2", network_mode="bridge", capacity_provider=provider
    )
    deploy(bench, app)
    event = service_event(bench, "audio", "SERVICE_TASK_PLACEMENT_FAILURE", cluster="audio")
    facts = read(event, reader)
    assert isinstance(facts.placement.scaling_groups, Known)
    assert facts.placement.scaling_groups.value[0].instance_ids == (instance,)
    assert isinstance(facts.placement.instances, Known)
    assert facts.placement.instances.value[instance].state == "running"
    assert reader.waves <= MOST_WAVES
    later = datetime.now(UTC) + timedelta(days=365)
    report = diagnose(parse(event), Reader("eu-west-1"), later)
    assert Id.INSTANCE_NEVER_REGISTERED in {finding.cause for finding in report.findings}


def test_an_infrastructure_role_that_ecs_may_not_assume(account, reader):
    bench = Workbench(account)
    network, _ = net.with_nat(bench, "video")
    provider = managed_provider(bench, "video", network.subnet, network.task_group)
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    bench.client("iam").update_assume_role_policy(
        RoleName="video-infrastructure", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    app = Application(
        "video", network, cluster="video", launch_type="MANAGED_INSTANCES", capacity_provider=provider, memory="99999"
    )
    deploy(bench, app)
    event = dict(service_event(bench, "video", "SERVICE_TASK_PLACEMENT_FAILURE", cluster="video"))
    event["detail"] = {
        **event["detail"],
        "reason": "unable to launch instance: the infrastructure role is not authorized to perform: iam:PassRole",
    }
    report = diagnose(parse(event), reader, datetime.now(UTC))
    assert (report.verdict.cause, report.verdict.confidence) == (
        Id.MANAGED_INSTANCE_ROLE_MISCONFIGURED,
        Confidence.CONFIRMED,
    )
    assert reader.waves <= MOST_WAVES + 1


def test_interfaces_of_instances_are_counted(account, reader):
    bench = Workbench(account)
    network, _ = net.with_nat(bench, "maps")
    add_instance(bench, "maps", network.subnet, [network.task_group])
    app = Application("maps", network, cluster="maps", launch_type="EC2", cpu="4096")
    deploy(bench, app)
    event = dict(service_event(bench, "maps", "SERVICE_TASK_PLACEMENT_FAILURE", cluster="maps"))
    event["detail"] = {**event["detail"], "reason": "RESOURCE:ENI"}
    facts = read(event, reader)
    assert facts.placement.most_interfaces == Known({"m5.large": 3}, "ec2:DescribeInstanceTypes")
    assert isinstance(facts.placement.instances, Known)
    assert [one.interfaces for one in facts.placement.instances.value.values()] == [1]


def test_protected_tasks_are_not_known_where_ecs_does_not_say(account, reader):
    bench = Workbench(account)
    network = net.with_endpoints(bench, "chat")
    deploy(bench, Application("chat", network))
    event = dict(service_event(bench, "chat", "SERVICE_STEADY_STATE"))
    reason = "was unable to scale in due to (reason The number of protected tasks are more than the desired count.)"
    event["detail"] = {
        **event["detail"],
        "eventType": "WARN",
        "eventName": "SERVICE_SCALE_IN_PROTECTED",
        "reason": reason,
    }
    account.fault("ecs", "GetTaskProtection", "access_denied")
    facts = read(event, reader)
    assert isinstance(facts.placement.protected_tasks, Unknown)
    assert facts.placement.protected_tasks.missing_permission == "ecs:GetTaskProtection"
