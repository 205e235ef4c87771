"""The life of tasks and services: states, events, network interfaces, deployments."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.client import Sandbox
from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy, network_configuration, prepare
from sandbox.gallery.network import Network
from sandbox.gallery.observe import running_task, stopped
from sandbox.gallery.workbench import Workbench

BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


@pytest.fixture(scope="module")
def bench(running_account: Sandbox) -> Workbench:
    running_account.reset(seed=2)
    return Workbench(running_account)


@pytest.fixture(scope="module")
def network(bench: Workbench) -> Network:
    return net.with_nat(bench, "shared")[0]


@pytest.fixture
def ecs(bench: Workbench) -> Any:
    return bench.client("ecs")


def task_events(bench: Workbench, task_arn: str) -> list[dict[str, Any]]:
    events = [e["detail"] for e in bench.events() if e["detail-type"] == "ECS Task State Change"]
    return [e for e in events if e["taskArn"] == task_arn]


def named_events(bench: Workbench, service: str) -> list[str]:
    return [
        e["detail"]["eventName"]
        for e in bench.events()
        if e["resources"] and e["resources"][0].endswith(f":service/{CLUSTER}/{service}")
    ]


def service_of(ecs: Any, name: str) -> dict[str, Any]:
    service: dict[str, Any] = ecs.describe_services(cluster=CLUSTER, services=[name])["services"][0]
    return service


def test_a_running_task_is_described_as_ecs_does(bench, ecs, network):
    app = Application("whole", network, enable_exec=True)
    app.container = {"memoryReservation": 128}
    deploy(bench, app)
    arn = running_task(bench, "whole")
    task = ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"][0]
    assert task["lastStatus"] == task["desiredStatus"] == "RUNNING"
    assert (task["launchType"], task["platformVersion"], task["platformFamily"]) == ("FARGATE", "1.4.0", "Linux")
    assert (task["cpu"], task["memory"], task["connectivity"]) == ("256", "512", "CONNECTED")
    assert task["group"] == "service:whole"
    assert task["startedBy"].startswith("ecs-svc/")
    assert task["enableExecuteCommand"] is True
    assert task["createdAt"] < task["pullStartedAt"] < task["pullStoppedAt"] < task["startedAt"]
    container = task["containers"][0]
    assert container["managedAgents"][0]["lastStatus"] == "RUNNING"
    assert container["managedAgents"][0]["name"] == "ExecuteCommandAgent"
    assert container["taskArn"] == arn
    assert ":container/shop/" in container["containerArn"]
    assert container["imageDigest"].startswith("sha256:")
    details = {d["name"]: d["value"] for d in task["attachments"][0]["details"]}
    assert task["attachments"][0]["type"] == "ElasticNetworkInterface"
    eni = bench.client("ec2").describe_network_interfaces(NetworkInterfaceIds=[details["networkInterfaceId"]])
    assert eni["NetworkInterfaces"][0]["PrivateIpAddress"] == details["privateIPv4Address"]
    assert details["privateIPv4Address"].startswith("10.0.1.")
    assert container["networkInterfaces"][0]["privateIpv4Address"] == details["privateIPv4Address"]


def test_each_state_has_its_event_and_its_version(bench, ecs, network):
    deploy(bench, Application("states", network))
    arn = running_task(bench, "states")
    ecs.stop_task(cluster=CLUSTER, task=arn)
    events = task_events(bench, arn)
    assert [(e["lastStatus"], e["version"]) for e in events] == [
        ("PROVISIONING", 1),
        ("PENDING", 2),
        ("RUNNING", 3),
        ("DEACTIVATING", 4),
        ("STOPPED", 5),
    ]
    final = events[-1]
    assert (final["stopCode"], final["stoppedReason"]) == ("UserInitiated", "Task stopped by user")
    assert final["attachments"][0]["type"] == "eni"
    assert final["attachments"][0]["status"] == "DELETED"
    assert {d["name"] for d in final["attachments"][0]["details"]} >= {"subnetId", "networkInterfaceId"}
    assert final["stoppedAt"].endswith("Z")
    eni = next(d["value"] for d in final["attachments"][0]["details"] if d["name"] == "networkInterfaceId")
    with pytest.raises(ClientError, match="InvalidNetworkInterfaceID"):
        bench.client("ec2").describe_network_interfaces(NetworkInterfaceIds=[eni])


def test_a_stopped_task_of_a_service_is_replaced(bench, ecs, network):
    deploy(bench, Application("replaced", network))
    first = running_task(bench, "replaced")
    ecs.stop_task(cluster=CLUSTER, task=first, reason="by hand")
    assert running_task(bench, "replaced") != first
    assert stopped(bench, "replaced")["detail"]["stoppedReason"] == "by hand"
    assert service_of(ecs, "replaced")["runningCount"] == 1


def test_describing_changes_nothing(bench, ecs, network):
    deploy(bench, Application("still", network))
    arn = running_task(bench, "still")
    views = [ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"] for _ in range(4)]
    assert all(view == views[0] for view in views)
    services = [service_of(ecs, "still") for _ in range(3)]
    assert all(view == services[0] for view in services)


def test_unknown_tasks_are_failures(ecs, bench, network):
    deploy(bench, Application("known", network))
    unknown = "f" * 32
    answer = ecs.describe_tasks(cluster=CLUSTER, tasks=[running_task(bench, "known"), unknown])
    assert len(answer["tasks"]) == 1
    assert answer["failures"] == [
        {"arn": f"arn:aws:ecs:eu-west-1:123456789012:task/shop/{unknown}", "reason": "MISSING"}
    ]
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.describe_tasks(cluster=CLUSTER, tasks=[unknown] * 101)
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.describe_tasks(cluster="nowhere", tasks=[unknown])


def test_a_stopped_task_is_forgotten_after_an_hour(ecs, bench, network):
    deploy(bench, Application("forgotten", network))
    arn = running_task(bench, "forgotten")
    ecs.stop_task(cluster=CLUSTER, task=arn)
    assert ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"]
    bench.begin(seed=3, clock="2100-01-01T00:00:00+00:00")
    try:
        assert ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["failures"][0]["reason"] == "MISSING"
    finally:
        bench.begin(seed=4, clock=None)


def test_list_tasks_filters(ecs, bench, network):
    deploy(bench, Application("listed", network, desired_count=2))
    running = ecs.list_tasks(cluster=CLUSTER, serviceName="listed")["taskArns"]
    assert len(running) == 2
    assert ecs.list_tasks(cluster=CLUSTER, family="listed")["taskArns"] == running
    assert ecs.list_tasks(cluster=CLUSTER, family="other")["taskArns"] == []
    deployment = service_of(ecs, "listed")["deployments"][0]["id"]
    assert ecs.list_tasks(cluster=CLUSTER, startedBy=deployment)["taskArns"] == running
    pages = ecs.get_paginator("list_tasks").paginate(
        cluster=CLUSTER, serviceName="listed", PaginationConfig={"PageSize": 1}
    )
    assert [page["taskArns"] for page in pages] == [[running[0]], [running[1]]]
    ecs.stop_task(cluster=CLUSTER, task=running[0])
    assert ecs.list_tasks(cluster=CLUSTER, serviceName="listed", desiredStatus="STOPPED")["taskArns"] == running[:1]


def test_run_task_needs_neither_container_memory_nor_dns_names_nor_groups(ecs, bench):
    network = net.with_nat(bench, "plain")[0]
    bench.client("ec2").modify_vpc_attribute(VpcId=network.vpc, EnableDnsHostnames={"Value": False})
    prepare(bench, Application("plain", network))
    answer = ecs.run_task(
        cluster=CLUSTER,
        taskDefinition="plain",
        launchType="FARGATE",
        count=2,
        startedBy="someone",
        tags=[{"key": "team", "value": "shop"}],
        networkConfiguration={"awsvpcConfiguration": {"subnets": [network.subnet]}},
    )
    assert [task["lastStatus"] for task in answer["tasks"]] == ["RUNNING", "RUNNING"]
    assert {task["group"] for task in answer["tasks"]} == {"family:plain"}
    arns = [task["taskArn"] for task in answer["tasks"]]
    tagged = ecs.describe_tasks(cluster=CLUSTER, tasks=arns, include=["TAGS"])["tasks"]
    assert tagged[0]["tags"] == [{"key": "team", "value": "shop"}]
    assert len({task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"] for task in tagged}) == 2


def test_a_public_address_comes_with_the_network_interface(ecs, bench):
    network = net.isolated(bench, "public")
    net.add_internet_gateway(bench, network, network.route_table)
    network.public_ip = "ENABLED"
    assert deploy(bench, Application("public", network))["runningCount"] == 1
    task = ecs.describe_tasks(cluster=CLUSTER, tasks=[running_task(bench, "public")])["tasks"][0]
    eni = next(d["value"] for d in task["attachments"][0]["details"] if d["name"] == "networkInterfaceId")
    shown = bench.client("ec2").describe_network_interfaces(NetworkInterfaceIds=[eni])["NetworkInterfaces"][0]
    assert shown["Association"]["PublicIp"]


def test_all_containers_run_and_an_essential_one_ends_the_task(ecs, bench, network):
    app = Application("sidecar", network, create_log_group=True)
    prepare(bench, app)
    definition = ecs.describe_task_definition(taskDefinition="sidecar")["taskDefinition"]
    main = definition["containerDefinitions"][0]
    side = {"name": "side", "image": "public.ecr.aws/docker/library/busybox:1", "essential": False}
    for code in (None, "3"):
        extra = {"environment": [{"name": "SANDBOX_EXIT_CODE", "value": code}]} if code else {}
        ecs.register_task_definition(
            family="sidecar",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            executionRoleArn=definition["executionRoleArn"],
            containerDefinitions=[{**main, **extra}, side],
        )
        task = ecs.run_task(
            cluster=CLUSTER,
            taskDefinition="sidecar",
            launchType="FARGATE",
            networkConfiguration=network_configuration(network),
        )["tasks"][0]
        assert [c["name"] for c in task["containers"]] == ["app", "side"]
        assert task["lastStatus"] == ("STOPPED" if code else "RUNNING")
        assert [c.get("exitCode") for c in task["containers"]] == ([3, 143] if code else [None, None])


def test_a_forced_deployment_decides_afresh_and_retires_the_old_tasks(ecs, bench, network):
    deploy(bench, Application("rolling", network))
    old = running_task(bench, "rolling")
    before = service_of(ecs, "rolling")["deployments"][0]["id"]
    ecs.update_service(cluster=CLUSTER, service="rolling", forceNewDeployment=True)
    service = service_of(ecs, "rolling")
    assert running_task(bench, "rolling") != old
    assert [d["status"] for d in service["deployments"]] == ["PRIMARY"]
    after = service["deployments"][0]
    assert after["id"] != before
    assert after["rolloutState"] == "COMPLETED"
    detail = stopped(bench, "rolling")["detail"]
    assert detail["stopCode"] == "ServiceSchedulerInitiated"
    assert detail["stoppedReason"] == f"Scaling activity initiated by (deployment {after['id']})"
    assert named_events(bench, "rolling")[-3:] == [
        "SERVICE_DEPLOYMENT_IN_PROGRESS",
        "SERVICE_DEPLOYMENT_COMPLETED",
        "SERVICE_STEADY_STATE",
    ]


def test_a_failed_deployment_leaves_the_old_tasks_running(ecs, bench, network):
    deploy(bench, Application("careful", network))
    bench.client("logs").delete_log_group(logGroupName="/shop/careful")
    old = running_task(bench, "careful")
    ecs.update_service(cluster=CLUSTER, service="careful", forceNewDeployment=True)
    service = service_of(ecs, "careful")
    assert [(d["status"], d["runningCount"], d["failedTasks"]) for d in service["deployments"]] == [
        ("PRIMARY", 0, 1),
        ("ACTIVE", 1, 0),
    ]
    assert service["runningCount"] == 1
    assert running_task(bench, "careful") == old
    bench.client("logs").create_log_group(logGroupName="/shop/careful")
    ecs.update_service(cluster=CLUSTER, service="careful", forceNewDeployment=True)
    assert [d["rolloutState"] for d in service_of(ecs, "careful")["deployments"]] == ["COMPLETED"]


def test_enabling_exec_alone_starts_no_deployment(ecs, bench, network):
    deploy(bench, Application("enabling", network))
    task = running_task(bench, "enabling")
    service = ecs.update_service(cluster=CLUSTER, service="enabling", enableExecuteCommand=True)["service"]
    assert service["enableExecuteCommand"] is True
    assert running_task(bench, "enabling") == task
    ecs.update_service(cluster=CLUSTER, service="enabling", forceNewDeployment=True)
    fresh = ecs.describe_tasks(cluster=CLUSTER, tasks=[running_task(bench, "enabling")])["tasks"][0]
    assert fresh["enableExecuteCommand"] is True


def test_scaling_out_and_in(ecs, bench, network):
    deploy(bench, Application("scaled", network))
    first = running_task(bench, "scaled")
    for count in (3, 1, 0):
        ecs.update_service(cluster=CLUSTER, service="scaled", desiredCount=count)
        assert len(ecs.list_tasks(cluster=CLUSTER, serviceName="scaled")["taskArns"]) == count
        assert service_of(ecs, "scaled")["runningCount"] == count
        if count:
            assert running_task(bench, "scaled") == first
    ecs.delete_service(cluster=CLUSTER, service="scaled")
    assert service_of(ecs, "scaled")["status"] == "INACTIVE"


def test_the_circuit_breaker_rolls_back(ecs, bench, network):
    app = Application("breaking", network, deployment=BREAKER)
    deploy(bench, app)
    good = service_of(ecs, "breaking")["taskDefinition"]
    definition = ecs.describe_task_definition(taskDefinition="breaking")["taskDefinition"]
    wrong = {**definition["containerDefinitions"][0], "image": f"{app.repository}:9.9.9"}
    ecs.register_task_definition(
        family="breaking",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        executionRoleArn=definition["executionRoleArn"],
        containerDefinitions=[wrong],
    )
    ecs.update_service(cluster=CLUSTER, service="breaking", taskDefinition="breaking")
    service = service_of(ecs, "breaking")
    assert service["taskDefinition"] == good
    assert [(d["status"], d["rolloutState"]) for d in service["deployments"]] == [("PRIMARY", "COMPLETED")]
    assert named_events(bench, "breaking")[-5:] == [
        "SERVICE_TASK_START_IMPAIRED",
        "SERVICE_DEPLOYMENT_FAILED",
        "SERVICE_DEPLOYMENT_IN_PROGRESS",
        "SERVICE_DEPLOYMENT_COMPLETED",
        "SERVICE_STEADY_STATE",
    ]
    messages = [event["message"] for event in service["events"]]
    assert any("deployment failed: tasks failed to start." in message for message in messages)
    assert any("unable to consistently start tasks" in message for message in messages)


def test_a_role_that_cannot_be_assumed_launches_nothing(ecs, bench, network):
    prepare(bench, Application("untrusted", network))
    others = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    nobody = {"Version": "2012-10-17", "Statement": [others]}
    bench.client("iam").update_assume_role_policy(RoleName="untrusted-task", PolicyDocument=json.dumps(nobody))
    placement = {"launchType": "FARGATE", "networkConfiguration": network_configuration(network)}
    with pytest.raises(ecs.exceptions.ClientException, match="unable to assume the role"):
        ecs.run_task(cluster=CLUSTER, taskDefinition="untrusted", **placement)
    ecs.create_service(
        cluster=CLUSTER, serviceName="untrusted", taskDefinition="untrusted", desiredCount=1, **placement
    )
    service = service_of(ecs, "untrusted")
    assert service["runningCount"] == 0
    assert "ECS was unable to assume the role" in service["events"][0]["message"]
    assert ecs.list_tasks(cluster=CLUSTER, serviceName="untrusted", desiredStatus="STOPPED")["taskArns"] == []


def test_a_full_subnet_takes_no_more_tasks(ecs, bench):
    network = net.with_nat(bench, "tiny")[0]
    ec2 = bench.client("ec2")
    subnet = ec2.create_subnet(VpcId=network.vpc, CidrBlock="10.0.9.0/28")["Subnet"]["SubnetId"]
    ec2.associate_route_table(RouteTableId=network.route_table, SubnetId=subnet)
    network.subnet = subnet
    service = deploy(bench, Application("tiny", network, desired_count=12))
    assert service["runningCount"] == 16 - 5
    assert "does not have enough free addresses" in service["events"][0]["message"]
    tasks = ecs.describe_tasks(cluster=CLUSTER, tasks=ecs.list_tasks(cluster=CLUSTER, serviceName="tiny")["taskArns"])
    addresses = {task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"] for task in tasks["tasks"]}
    assert addresses == {f"10.0.9.{number}" for number in range(4, 15)}


def test_fargate_wants_an_execution_role_for_ecr_and_awslogs(ecs):
    for container in (
        {"name": "app", "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:1"},
        {
            "name": "app",
            "image": "nginx",
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/shop/orders"}},
        },
        {"name": "app", "image": "nginx", "secrets": [{"name": "PASSWORD", "valueFrom": "/shop/password"}]},
    ):
        with pytest.raises(ecs.exceptions.ClientException, match=r"execution role ARN|executionRoleArn"):
            ecs.register_task_definition(
                family="roleless", requiresCompatibilities=["FARGATE"], containerDefinitions=[container]
            )


def test_the_api_refuses_what_ecs_refuses(ecs, bench, network):
    deploy(bench, Application("strict", network))
    placement = {"launchType": "FARGATE", "networkConfiguration": network_configuration(network)}
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="not idempotent"):
        ecs.create_service(cluster=CLUSTER, serviceName="strict", taskDefinition="strict", **placement)
    with pytest.raises(ecs.exceptions.ServiceNotFoundException):
        ecs.update_service(cluster=CLUSTER, service="nowhere")
    elsewhere = {"awsvpcConfiguration": {"subnets": ["subnet-00000000000000000"]}}
    with pytest.raises(ecs.exceptions.InvalidParameterException, match=r"InvalidSubnetID\.NotFound"):
        ecs.update_service(cluster=CLUSTER, service="strict", networkConfiguration=elsewhere)
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="Network Configuration must be provided"):
        ecs.run_task(cluster=CLUSTER, taskDefinition="strict", launchType="FARGATE")


def test_cluster_counts_agree_with_the_tasks(ecs, bench, network):
    deploy(bench, Application("counted", network))
    cluster = ecs.describe_clusters(clusters=[CLUSTER])["clusters"][0]
    assert cluster["runningTasksCount"] == len(ecs.list_tasks(cluster=CLUSTER)["taskArns"])
    active = ecs.describe_services(cluster=CLUSTER, services=["counted"])["services"]
    assert cluster["activeServicesCount"] >= len(active) == 1
    assert cluster["pendingTasksCount"] == 0
