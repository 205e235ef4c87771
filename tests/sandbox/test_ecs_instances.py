"""Tasks on EC2 and Managed Instances in the embedded account: places, carriers, and agents."""

import pytest

from sandbox.gallery import Workbench
from sandbox.gallery import network as net
from sandbox.gallery.application import SSMMESSAGES, Application, deploy, network_configuration, prepare
from sandbox.gallery.instances import AGENT, add_instance, managed_provider
from tests.sandbox.refusals import refusal


@pytest.fixture
def bench(account):
    return Workbench(account)


def tasks(bench, cluster):
    ecs = bench.client("ecs")
    arns = [
        arn
        for status in ("RUNNING", "STOPPED")
        for arn in ecs.list_tasks(cluster=cluster, desiredStatus=status)["taskArns"]
    ]
    return ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []


def registered(bench, cluster):
    ecs = bench.client("ecs")
    arns = ecs.list_container_instances(cluster=cluster)["containerInstanceArns"]
    [found] = ecs.describe_container_instances(cluster=cluster, containerInstances=arns)["containerInstances"]
    return found


def left(instance, name):
    return next(one["integerValue"] for one in instance["remainingResources"] if one["name"] == name)


@pytest.mark.parametrize("mode", ["awsvpc", "bridge", "host"])
def test_a_task_on_ec2_runs_on_its_instance(bench, mode):
    network, _ = net.with_nat(bench, "desk")
    add_instance(bench, "desk", network.subnet, [network.task_group])
    deploy(bench, Application("desk", network, cluster="desk", launch_type="EC2", network_mode=mode))
    [task] = tasks(bench, "desk")
    instance = registered(bench, "desk")
    assert (task["lastStatus"], task["launchType"]) == ("RUNNING", "EC2")
    assert task["containerInstanceArn"] == instance["containerInstanceArn"]
    assert "platformVersion" not in task
    assert bool(task["attachments"]) == (mode == "awsvpc")
    assert (left(instance, "CPU"), instance["runningTasksCount"]) == (2048 - 256, 1)


def test_a_stopped_task_gives_its_place_back(bench):
    network, _ = net.with_nat(bench, "desk")
    add_instance(bench, "desk", network.subnet, [network.task_group])
    deploy(bench, Application("desk", network, cluster="desk", launch_type="EC2", network_mode="bridge"))
    bench.client("ecs").update_service(cluster="desk", service="desk", desiredCount=0)
    instance = registered(bench, "desk")
    assert (left(instance, "CPU"), left(instance, "MEMORY")) == (2048, 3904)


def test_a_managed_instance_is_started_for_the_task(bench):
    network, _ = net.with_nat(bench, "desk")
    provider = managed_provider(bench, "desk", network.subnet, network.task_group)
    deploy(
        bench,
        Application("desk", network, cluster="desk", launch_type="MANAGED_INSTANCES", capacity_provider=provider),
    )
    [task] = tasks(bench, "desk")
    assert (task["launchType"], task["capacityProviderName"]) == ("MANAGED_INSTANCES", provider)
    assert registered(bench, "desk")["capacityProviderName"] == provider
    described = bench.client("ecs").describe_capacity_providers(capacityProviders=[provider])["capacityProviders"]
    assert described[0]["managedInstancesProvider"]["instanceLaunchTemplate"]["networkConfiguration"]["subnets"] == [
        network.subnet
    ]


def test_on_managed_instances_the_execution_role_pulls_over_the_instances_interface(bench):
    network, _ = net.with_nat(bench, "desk")
    provider = managed_provider(bench, "desk", network.subnet, network.task_group)
    deploy(
        bench,
        Application(
            "desk",
            network,
            cluster="desk",
            launch_type="MANAGED_INSTANCES",
            capacity_provider=provider,
            execution_actions=("logs:CreateLogStream",),
        ),
    )
    [task] = tasks(bench, "desk")
    assert task["stoppedReason"] == "Task failed to start"
    assert "assumed-role/desk-execution/" in task["containers"][0]["reason"]


def test_on_ec2_the_instances_role_pulls(bench):
    network, _ = net.with_nat(bench, "desk")
    add_instance(bench, "desk", network.subnet, [network.task_group], AGENT)
    deploy(bench, Application("desk", network, cluster="desk", launch_type="EC2"))
    [task] = tasks(bench, "desk")
    instance = registered(bench, "desk")["ec2InstanceId"]
    assert f"assumed-role/desk-instance/{instance} is not authorized" in task["containers"][0]["reason"]


def test_exec_uses_the_tasks_interface_or_else_the_hosts(bench):
    network, nat = net.with_nat(bench, "desk")
    isolated = net.add_subnet(bench, network, "10.0.9.0/24")
    add_instance(bench, "desk", network.subnet, [network.task_group])
    for name, mode in (("own", "awsvpc"), ("shared", "bridge")):
        app = Application(
            name,
            network,
            cluster="desk",
            launch_type="EC2",
            network_mode=mode,
            enable_exec=True,
            task_actions=SSMMESSAGES,
        )
        app.network.subnet = isolated if mode == "awsvpc" else app.network.subnet
        deploy(bench, app)
    ecs = bench.client("ecs")
    own, shared = (ecs.list_tasks(cluster="desk", serviceName=name)["taskArns"][0] for name in ("own", "shared"))
    request = {"cluster": "desk", "command": "/bin/sh", "interactive": True}
    assert ecs.execute_command(task=shared, **request)["session"]["sessionId"]
    assert refusal(ecs.execute_command, task=own, **request).code == "TargetNotConnectedException"
    assert nat


def test_no_public_address_is_given_outside_of_fargate(bench):
    network, _ = net.with_nat(bench, "desk")
    network.public_ip = "ENABLED"
    add_instance(bench, "desk", network.subnet, [network.task_group])
    app = Application("desk", network, cluster="desk", launch_type="EC2")
    prepare(bench, app)
    refused = refusal(
        bench.client("ecs").create_service,
        cluster="desk",
        serviceName="desk",
        taskDefinition="desk",
        launchType="EC2",
        desiredCount=1,
        networkConfiguration=network_configuration(network),
    )
    assert "Assign public IP is not supported for this launch type" in refused.message


def test_run_task_tells_what_lacks(bench):
    network, _ = net.with_nat(bench, "desk")
    app = Application("desk", network, cluster="desk", launch_type="EC2", network_mode="bridge", cpu="4096")
    prepare(bench, app)
    ecs = bench.client("ecs")
    request = {"cluster": "desk", "taskDefinition": "desk", "launchType": "EC2"}
    refused = refusal(ecs.run_task, **request)
    assert (refused.code, refused.message) == (
        "InvalidParameterException",
        "No Container Instances were found in your cluster.",
    )
    add_instance(bench, "desk", network.subnet, [network.task_group])
    assert [one["reason"] for one in ecs.run_task(**request)["failures"]] == ["RESOURCE:CPU"]


def test_a_service_without_a_place_says_so_once(bench, account):
    network, _ = net.with_nat(bench, "desk")
    add_instance(bench, "desk", network.subnet, [network.task_group], connected=False)
    deploy(
        bench, Application("desk", network, cluster="desk", launch_type="EC2", network_mode="bridge", desired_count=3)
    )
    events = [e["detail"] for e in account.events() if e["detail"].get("eventName") == "SERVICE_TASK_PLACEMENT_FAILURE"]
    assert [event["reason"] for event in events] == ["AGENT"]
    [service] = bench.client("ecs").describe_services(cluster="desk", services=["desk"])["services"]
    assert "doesn't have the agent connected" in service["events"][0]["message"]


def test_a_capacity_provider_of_managed_instances_belongs_to_a_cluster(bench):
    template = {"networkConfiguration": {"subnets": ["subnet-1"]}, "ec2InstanceProfileArn": "arn:aws:iam::1:x"}
    managed = {"infrastructureRoleArn": "arn:aws:iam::123456789012:role/x", "instanceLaunchTemplate": template}
    refused = refusal(bench.client("ecs").create_capacity_provider, name="managed", managedInstancesProvider=managed)
    assert refused.code == "InvalidParameterException"


def test_definitions_keep_their_network_mode_and_what_they_are_fit_for(bench):
    ecs = bench.client("ecs")
    container = {"name": "app", "image": "nginx", "memory": 128}
    registered_as = ecs.register_task_definition(
        family="job",
        requiresCompatibilities=["MANAGED_INSTANCES"],
        networkMode="host",
        containerDefinitions=[container],
    )["taskDefinition"]
    assert registered_as["networkMode"] == "host"
    assert registered_as["compatibilities"] == ["EC2", "MANAGED_INSTANCES"]
