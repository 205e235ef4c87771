"""Which addresses are tried: what this very task needs, and what a caller needs."""

from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.doctor.destinations import Nameless, wanted
from ecs_medic.doctor.overrides import BadEndpointError, overridden
from ecs_medic.doctor.surroundings import Surroundings, Where
from ecs_medic.doctor.target import Needed, Target
from ecs_medic.doctor.task_metadata import TaskHere
from ecs_medic_notify.task import task_of

ACCOUNT = "123456789012"
ARN = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task/shop/0123456789abcdef0123456789abcdef"
REGISTRY = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"
LAPTOP = Surroundings(Where.ELSEWHERE)


def place(*containers: dict[str, Any], launch_type: str = "FARGATE", exec_enabled: bool = False) -> Surroundings:
    networks = [{"NetworkMode": "awsvpc"}]
    answer = {
        "TaskARN": ARN,
        "LaunchType": launch_type,
        "Containers": [{"Type": "NORMAL", "Networks": networks} | one for one in containers],
    }
    return Surroundings(Where.TASK, TaskHere(task_of(answer)), None, exec_enabled)


def targets(where: Surroundings, account: str | None = ACCOUNT, region: str = "eu-west-1", **more: Any) -> list[Target]:
    return [one for one in wanted(where, region, account, **more) if isinstance(one, Target)]


def needed(where: Surroundings) -> list[str]:
    return [one.host for one in targets(where) if one.needed is Needed.YES]


def test_a_task_needs_what_its_containers_need():
    app = {"Name": "app", "Image": f"{REGISTRY}/shop/orders:1", "LogDriver": "awslogs", "LogOptions": {}}
    found = needed(place(app))
    assert found == [
        "api.ecr.eu-west-1.amazonaws.com",
        REGISTRY,
        "prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com",
        "logs.eu-west-1.amazonaws.com",
    ]
    assert all(one.by_platform for one in targets(place(app)) if one.needed is Needed.YES)
    other = {"Name": "app", "Image": "nginx:1", "LogDriver": "json-file"}
    assert needed(place(other)) == ["registry-1.docker.io", "auth.docker.io", "production.cloudflare.docker.com"]
    logs = {"LogDriver": "awslogs", "LogOptions": {"awslogs-region": "eu-central-1"}}
    assert "logs.eu-central-1.amazonaws.com" in needed(place(other | logs))


def test_the_agents_own_containers_need_nothing():
    pause = {"Name": "~internal~ecs~pause", "Image": "amazon/amazon-ecs-pause:0.1.0", "Type": "CNI_PAUSE"}
    assert needed(place(pause)) == []


def test_what_metadata_does_not_tell_is_tried_and_said_to_matter_only_if():
    found = {one.name: one for one in targets(place({"Name": "app", "Image": "nginx:1", "LogDriver": "json-file"}))}
    assert {"ecr.api", "ecr.dkr", "s3", "logs", "ssmmessages", "secretsmanager", "ssm", "sts"} <= found.keys()
    assert found["secretsmanager"].needed is Needed.PERHAPS
    assert found["secretsmanager"].why.startswith("if the task definition refers to secrets")
    assert (found["secretsmanager"].by_platform, found["sts"].by_platform) == (True, False)


def test_ecs_exec_is_needed_where_its_agent_is():
    app = {"Name": "app", "Image": "nginx:1"}
    (without, *_) = [one for one in targets(place(app)) if one.name == "ssmmessages"]
    (within, *_) = [one for one in targets(place(app, exec_enabled=True)) if one.name == "ssmmessages"]
    assert (without.needed, within.needed) == (Needed.PERHAPS, Needed.YES)
    assert not within.by_platform


@pytest.mark.parametrize(("launch_type", "by_host"), [("FARGATE", False), ("EC2", True), ("MANAGED_INSTANCES", True)])
def test_the_instances_interface_is_another_one_than_the_tasks(launch_type, by_host):
    app = {"Name": "app", "Image": f"{REGISTRY}/shop/orders:1"}
    found = {one.name: one for one in targets(place(app, launch_type=launch_type))}
    assert (found["ecr.api"].by_host, found["secretsmanager"].by_host) == (by_host, by_host)
    assert not found["ssmmessages"].by_host
    bridge = {"Networks": [{"NetworkMode": "bridge"}]}
    assert not any(one.by_host for one in targets(place(app | bridge, launch_type=launch_type)))


def test_a_caller_needs_ecs_and_its_sessions_and_with_docker_the_registry():
    def surely(*, docker: bool) -> set[str]:
        return {one.name for one in targets(LAPTOP, docker=docker) if one.needed is Needed.YES}

    assert surely(docker=False) == {"ecs", "ssmmessages"}
    assert surely(docker=True) == {"ecs", "ssmmessages", "ecr.api", "ecr.dkr", "s3"}


def test_a_registry_has_no_name_without_an_account():
    (only,) = wanted(LAPTOP, "eu-west-1", None, asked=["ecr.dkr"])
    assert isinstance(only, Nameless)
    assert targets(LAPTOP, asked=["ecr.dkr"])[0].host == REGISTRY


def test_what_is_asked_for_is_all_that_is_tried():
    found = targets(place({"Name": "app", "Image": "nginx:1"}), asked=["logs", "sts", "logs"])
    assert [(one.name, one.needed) for one in found] == [("logs", Needed.YES), ("sts", Needed.YES)]


def test_names_follow_the_partition():
    (found,) = targets(LAPTOP, region="cn-north-1", asked=["ecr.api"])
    assert (found.host, found.service) == ("api.ecr.cn-north-1.amazonaws.com.cn", "cn.com.amazonaws.cn-north-1.ecr.api")


API = Target("ecr.api", "api.ecr.eu-west-1.amazonaws.com", service="com.amazonaws.eu-west-1.ecr.api")


@pytest.mark.parametrize(
    ("environment", "options", "host", "port"),
    [
        ({}, {}, API.host, 443),
        ({"AWS_ENDPOINT_URL": "http://localhost:5000"}, {}, "localhost", 5000),
        ({"AWS_ENDPOINT_URL": "http://a:1", "AWS_ENDPOINT_URL_ECR": "https://b"}, {}, "b", 443),
        ({"AWS_ENDPOINT_URL_ECR": "https://b"}, {"ecr.api": "https://c:8443"}, "c", 8443),
        ({"AWS_ENDPOINT_URL_STS": "https://b"}, {}, API.host, 443),
        ({"AWS_ENDPOINT_URL": "http://a", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, {}, API.host, 443),
    ],
)
def test_overrides_are_those_that_aws_clients_follow(environment, options, host, port):
    found = overridden(API, environment, options)
    assert (found.host, found.port) == (host, port)
    assert found.is_aws is (host == API.host)
    assert found.instead_of == (None if host == API.host else API.host)


def test_docker_knows_no_override():
    dkr = replace(API, name="ecr.dkr", host=REGISTRY)
    assert overridden(dkr, {"AWS_ENDPOINT_URL": "http://localhost:5000"}, {}) == dkr


@pytest.mark.parametrize("url", ["", "localhost:5000", "ftp://a", "https://", "https://a:port", "https://[a"])
def test_an_address_that_is_none(url):
    with pytest.raises(BadEndpointError, match=r"--endpoint ecr\.api"):
        overridden(API, {}, {"ecr.api": url})
