"""Calls that their caller may not make: pushes of images, and changes of services and task definitions."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import boto3

from sandbox.client import CONFIG, REGION
from sandbox.gallery import network as net
from sandbox.gallery.application import ACCOUNT, CLUSTER, Application, create_role, deploy
from sandbox.gallery.observe import refused_call
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench

PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
)


def push_denied(bench: Workbench) -> Scenario:
    """The build's role may log in and look which layers are there, as one that pulls may; it may not push."""
    repository = _repository(bench, "shop/parcels")
    pulls = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
    statements = [_allow("ecr:GetAuthorizationToken", "*"), _allow(pulls, repository)]
    builds = _session(bench, "ecr", "builds", statements, session="main-217")
    builds.get_authorization_token()
    builds.batch_check_layer_availability(repositoryName="shop/parcels", layerDigests=[f"sha256:{'0' * 64}"])
    return Scenario(
        name="push_denied",
        title="The role of a build may pull from the repository, and not push to it",
        trigger="docker push",
        event=refused_call(
            bench, "InitiateLayerUpload", lambda: builds.initiate_layer_upload(repositoryName="shop/parcels")
        ),
        cause="push_denied",
        params={
            "caller": f"arn:aws:sts::{ACCOUNT}:assumed-role/builds/main-217",
            "repository": "shop/parcels",
            "registry_id": ACCOUNT,
            "actions": [action for action in PUSH if action != "ecr:BatchCheckLayerAvailability"],
            "resources": [repository],
            "denied_by": "identity",
        },
        cluster="",
        service=None,
    )


def push_repository_missing(bench: Workbench) -> Scenario:
    """The repository's name is misspelt; the role may push to whatever is below shop/."""
    _repository(bench, "shop/almanac")
    below = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/shop/*"
    release = _session(bench, "ecr", "release", [_allow("ecr:GetAuthorizationToken", "*"), _allow(PUSH, below)])
    return Scenario(
        name="push_repository_missing",
        title="The repository that was pushed to does not exist, and one with nearly that name does",
        trigger="docker push",
        event=refused_call(
            bench, "InitiateLayerUpload", lambda: release.initiate_layer_upload(repositoryName="shop/almanach")
        ),
        cause="push_repository_missing",
        params={"repository": "shop/almanach", "registry_id": ACCOUNT},
        cluster="",
        service=None,
    )


def update_service_denied(bench: Workbench) -> Scenario:
    """The deployment's role may update another cluster's services only."""
    network = net.with_endpoints(bench, "hampers", net.START)
    deploy(bench, Application("hampers", network))
    service = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{CLUSTER}/hampers"
    others = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/staging/*"
    deploys = _session(bench, "ecs", "deploys", [_allow("ecs:UpdateService", others)])
    return Scenario(
        name="update_service_denied",
        title="The role of a deployment may not update services of this cluster",
        trigger="aws ecs update-service --force-new-deployment",
        event=refused_call(
            bench,
            "UpdateService",
            lambda: deploys.update_service(cluster=CLUSTER, service="hampers", forceNewDeployment=True),
        ),
        cause="caller_denied",
        params={
            "caller": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploys/ci",
            "call": "ecs:UpdateService",
            "actions": ["ecs:UpdateService"],
            "resources": [service],
            "denied_by": "identity",
        },
        cluster=CLUSTER,
        service="hampers",
        resources=network.ids(),
    )


def pass_role_denied(bench: Workbench) -> Scenario:
    """The caller may register task definitions, and may not hand their roles on to tasks."""
    role = create_role(bench, "bakery-execution", ())
    authors = _session(bench, "ecs", "authors", [_allow("ecs:RegisterTaskDefinition", "*")])
    container = {"name": "app", "image": "public.ecr.aws/docker/library/busybox:stable", "essential": True}
    return Scenario(
        name="pass_role_denied",
        title="The caller may register task definitions, and not pass their execution role",
        trigger="aws ecs register-task-definition",
        event=refused_call(
            bench,
            "RegisterTaskDefinition",
            lambda: authors.register_task_definition(
                family="bakery", executionRoleArn=role, containerDefinitions=[container]
            ),
        ),
        cause="caller_denied",
        params={
            "call": "ecs:RegisterTaskDefinition",
            "actions": ["iam:PassRole"],
            "resources": [role],
            "denied_by": "identity",
        },
        cluster="",
        service=None,
    )


def _repository(bench: Workbench, name: str) -> str:
    return str(bench.client("ecr").create_repository(repositoryName=name)["repository"]["repositoryArn"])


def _allow(actions: str | Iterable[str], resource: str) -> Mapping[str, Any]:
    listed = actions if isinstance(actions, str) else list(actions)
    return {"Effect": "Allow", "Action": listed, "Resource": resource}


def _session(
    bench: Workbench, service: str, role: str, statements: list[Mapping[str, Any]], *, session: str = "ci"
) -> Any:
    """A client with the credentials of a session of a new role that may do this much."""
    arn = create_role(bench, role, (), trusts="ec2.amazonaws.com")
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    bench.client("iam").put_role_policy(RoleName=role, PolicyName="permissions", PolicyDocument=document)
    given = bench.client("sts").assume_role(RoleArn=arn, RoleSessionName=session)["Credentials"]
    own: Any = boto3.session.Session()
    return own.client(
        service,
        endpoint_url=bench.sandbox.aws_url,
        region_name=REGION,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        config=CONFIG,
    )


BUILDERS: tuple[Builder, ...] = (push_denied, push_repository_missing, update_service_denied, pass_role_denied)
