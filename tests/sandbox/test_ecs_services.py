"""What holds a service's scheduler back: percentages and protection; and what AWS takes from it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.client import REGION, Sandbox, SandboxError
from sandbox.gallery import network as net
from sandbox.gallery.application import ACCOUNT, CLUSTER, Application, deploy
from sandbox.gallery.network import Network
from sandbox.gallery.observe import running_task, stopped
from sandbox.gallery.workbench import Workbench

LIMITS = "because of the service deployment configuration"
PROTECTED = "The number of protected tasks are more than the desired count of tasks."


@pytest.fixture(scope="module")
def bench(running_account: Sandbox) -> Workbench:
    running_account.reset(seed=12)
    return Workbench(running_account)


@pytest.fixture(scope="module")
def network(bench: Workbench) -> Network:
    return net.with_nat(bench, "services")[0]


@pytest.fixture
def ecs(bench: Workbench) -> Any:
    return bench.client("ecs")


def tasks_of(ecs: Any, name: str) -> list[str]:
    return list(ecs.list_tasks(cluster=CLUSTER, serviceName=name)["taskArns"])


def service_of(ecs: Any, name: str) -> Any:
    return ecs.describe_services(cluster=CLUSTER, services=[name])["services"][0]


def said(ecs: Any, name: str, words: str) -> bool:
    return any(words in event["message"] for event in service_of(ecs, name)["events"])


@pytest.mark.parametrize(
    ("limits", "replaced"),
    [
        ((1, 100, 200), True),
        ((1, 0, 100), True),
        ((2, 50, 100), True),
        ((4, 100, 125), True),
        ((1, 100, 150), False),
        ((1, 50, 100), False),
        ((2, 51, 149), False),
        ((4, 76, 124), False),
    ],
)
def test_the_percentages_of_a_deployment(bench, ecs, network, limits, replaced):
    desired, minimum, maximum = limits
    name = f"rolling-{desired}-{minimum}-{maximum}"
    deployment = {"minimumHealthyPercent": minimum, "maximumPercent": maximum}
    deploy(bench, Application(name, network, desired_count=desired, deployment=deployment))
    old = tasks_of(ecs, name)
    ecs.update_service(cluster=CLUSTER, service=name, forceNewDeployment=True)
    service = service_of(ecs, name)
    assert service["runningCount"] == len(tasks_of(ecs, name)) == desired
    assert set(old).isdisjoint(tasks_of(ecs, name)) == replaced
    assert said(ecs, name, LIMITS) != replaced
    assert [d["rolloutState"] for d in service["deployments"]] == (
        ["COMPLETED"] if replaced else ["IN_PROGRESS", "COMPLETED"]
    )


def test_a_deployment_never_leaves_its_percentages(bench, ecs, network):
    name = "narrow"
    deployment = {"minimumHealthyPercent": 75, "maximumPercent": 100}
    deploy(bench, Application(name, network, desired_count=4, deployment=deployment))
    before = len(bench.events())
    ecs.update_service(cluster=CLUSTER, service=name, forceNewDeployment=True)
    running, counts = 4, []
    for event in bench.events()[before:]:
        if event["detail-type"] == "ECS Task State Change" and event["detail"]["group"] == f"service:{name}":
            running += {"RUNNING": 1, "STOPPED": -1}.get(event["detail"]["lastStatus"], 0)
            counts.append(running)
    assert (min(counts), max(counts), running) == (3, 4, 4)


def test_protected_tasks_stay_until_protection_ends(bench, ecs, network):
    deploy(bench, Application("kept", network, desired_count=3))
    kept = tasks_of(ecs, "kept")[1:]
    answer = ecs.update_task_protection(cluster=CLUSTER, tasks=kept, protectionEnabled=True, expiresInMinutes=60)
    assert [task["protectionEnabled"] for task in answer["protectedTasks"]] == [True, True]
    ecs.update_service(cluster=CLUSTER, service="kept", desiredCount=1)
    assert tasks_of(ecs, "kept") == kept
    assert said(ecs, "kept", PROTECTED)
    ecs.update_task_protection(cluster=CLUSTER, tasks=kept[:1], protectionEnabled=False)
    assert tasks_of(ecs, "kept") == kept[1:]
    assert service_of(ecs, "kept")["runningCount"] == 1


def test_a_protected_task_keeps_a_deployment_open(bench, ecs, network):
    deploy(bench, Application("open", network))
    old = tasks_of(ecs, "open")
    ecs.update_task_protection(cluster=CLUSTER, tasks=old, protectionEnabled=True)
    ecs.update_service(cluster=CLUSTER, service="open", forceNewDeployment=True)
    assert [(d["rolloutState"], d["runningCount"]) for d in service_of(ecs, "open")["deployments"]] == [
        ("IN_PROGRESS", 1),
        ("COMPLETED", 1),
    ]
    ecs.update_task_protection(cluster=CLUSTER, tasks=old, protectionEnabled=False)
    assert [d["rolloutState"] for d in service_of(ecs, "open")["deployments"]] == ["COMPLETED"]
    assert set(old).isdisjoint(tasks_of(ecs, "open"))


def test_protection_as_ecs_tells_it(bench, ecs, network):
    deploy(bench, Application("told", network))
    task = running_task(bench, "told")
    assert ecs.get_task_protection(cluster=CLUSTER, tasks=[task])["protectedTasks"] == [
        {"taskArn": task, "protectionEnabled": False}
    ]
    ecs.update_task_protection(cluster=CLUSTER, tasks=[task], protectionEnabled=True)
    (shown,) = ecs.get_task_protection(cluster=CLUSTER, tasks=[task.rsplit("/", 1)[-1]])["protectedTasks"]
    assert shown["protectionEnabled"]
    assert shown["expirationDate"]
    assert task in {one["taskArn"] for one in ecs.get_task_protection(cluster=CLUSTER)["protectedTasks"]}
    (failure,) = ecs.get_task_protection(cluster=CLUSTER, tasks=["0" * 32])["failures"]
    assert failure["reason"] == "MISSING"
    with pytest.raises(ClientError, match="expiresInMinutes"):
        ecs.update_task_protection(cluster=CLUSTER, tasks=[task], protectionEnabled=True, expiresInMinutes=2881)


def test_spot_capacity_is_taken_back_and_the_task_replaced(bench, ecs, network):
    deploy(bench, Application("cheap", network, capacity_provider="FARGATE_SPOT"))
    task = running_task(bench, "cheap")
    body = {"account": ACCOUNT, "region": REGION, "cluster": CLUSTER, "why": "spot"}
    assert bench.sandbox.ecs("take_away", service="cheap", **body) == {"tasks": [task]}
    detail = stopped(bench, "cheap")["detail"]
    assert (detail["taskArn"], detail["stopCode"]) == (task, "SpotInterruption")
    assert detail["capacityProviderName"] == "FARGATE_SPOT"
    assert running_task(bench, "cheap") != task
    deploy(bench, Application("dear", network))
    with pytest.raises(SandboxError, match="FARGATE_SPOT"):
        bench.sandbox.ecs("take_away", service="dear", **body)
