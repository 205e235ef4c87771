"""Building blocks of a scenario's application: roles, image, log group, task definition, service."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.client import REGION
from sandbox.gallery.network import Network
from sandbox.gallery.workbench import Workbench

ACCOUNT = "123456789012"
CLUSTER = "shop"
TAG = "1.4.2"
SSMMESSAGES = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
PULL_AND_LOG = (
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchGetImage",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
)


@dataclass(slots=True)
class Application:
    """A service to be: everything has a working default, and a scenario changes what it wants broken."""

    name: str
    network: Network
    execution_actions: Sequence[str] = PULL_AND_LOG
    task_actions: Sequence[str] | None = SSMMESSAGES
    """None: no task role at all."""
    enable_exec: bool = False
    create_log_group: bool = True
    image_tag: str = TAG
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    container: Mapping[str, Any] = field(default_factory=dict)
    desired_count: int = 1
    deployment: Mapping[str, Any] = field(default_factory=dict)
    """The service's deploymentConfiguration."""
    launch_type: str = "FARGATE"
    network_mode: str = "awsvpc"
    capacity_provider: str | None = None
    """Instead of a launch type, which still says what the task definition is made for."""
    cpu: str = "256"
    memory: str = "512"
    cluster: str = CLUSTER
    volumes: Sequence[Mapping[str, Any]] = ()
    load_balancers: Sequence[Mapping[str, Any]] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def log_group(self) -> str:
        """Name of the log group that the task definition asks for."""
        return f"/shop/{self.name}"

    @property
    def repository(self) -> str:
        """The ECR repository of the image, without its tag."""
        return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{self.name}"

    @property
    def image(self) -> str:
        """The image of the task definition."""
        return f"{self.repository}:{self.image_tag}"


def deploy(bench: Workbench, app: Application) -> dict[str, Any]:
    """Creates all of it and the service, whose tasks start or fail at once; returns DescribeServices' entry."""
    prepare(bench, app)
    service: dict[str, Any] = bench.client("ecs").create_service(
        cluster=app.cluster,
        serviceName=app.name,
        taskDefinition=app.name,
        desiredCount=app.desired_count,
        enableExecuteCommand=app.enable_exec,
        **_capacity(app),
        deploymentConfiguration=dict(app.deployment),
        loadBalancers=[dict(one) for one in app.load_balancers],
        tags=[{"key": k, "value": v} for k, v in app.tags.items()],
    )["service"]
    return service


def prepare(bench: Workbench, app: Application) -> None:
    """Everything but the service: cluster, roles, image, log group, task definition."""
    ecs = bench.client("ecs")
    if not ecs.describe_clusters(clusters=[app.cluster])["clusters"]:
        ecs.create_cluster(clusterName=app.cluster)
    push_image(bench, app.name, TAG)
    if app.create_log_group:
        bench.client("logs").create_log_group(logGroupName=app.log_group)
    create_role(bench, f"{app.name}-execution", app.execution_actions)
    if app.task_actions is not None:
        create_role(bench, f"{app.name}-task", app.task_actions)
    register(bench, app)


def register(bench: Workbench, app: Application) -> str:
    """A new revision of the application's task definition, as the application is now; returns its ARN."""
    roles = {"executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{app.name}-execution"}
    if app.task_actions is not None:
        roles["taskRoleArn"] = f"arn:aws:iam::{ACCOUNT}:role/{app.name}-task"
    registered = bench.client("ecs").register_task_definition(
        family=app.name,
        requiresCompatibilities=[app.launch_type],
        networkMode=app.network_mode,
        cpu=app.cpu,
        memory=app.memory,
        containerDefinitions=[_container(app)],
        volumes=[dict(volume) for volume in app.volumes],
        **roles,
    )
    return str(registered["taskDefinition"]["taskDefinitionArn"])


def create_role(bench: Workbench, name: str, actions: Iterable[str], *, trusts: str = "ecs-tasks.amazonaws.com") -> str:
    """A role that this service may assume, with one inline policy of these actions on everything."""
    iam = bench.client("iam")
    trust = _statement(Principal={"Service": trusts}, Action="sts:AssumeRole")
    arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])
    if allowed := list(actions):
        iam.put_role_policy(
            RoleName=name, PolicyName="permissions", PolicyDocument=_statement(Action=allowed, Resource="*")
        )
    return arn


def push_image(bench: Workbench, repository: str, tag: str) -> None:
    """A repository with one small image."""
    ecr = bench.client("ecr")
    ecr.create_repository(repositoryName=repository)
    ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=json.dumps(_manifest(repository, tag)))


def network_configuration(network: Network) -> dict[str, Any]:
    """Where the service's tasks run."""
    return {
        "awsvpcConfiguration": {
            "subnets": [network.subnet],
            "securityGroups": [network.task_group],
            "assignPublicIp": network.public_ip,
        }
    }


def _capacity(app: Application) -> dict[str, Any]:
    """What the service runs on, and where its tasks' own interfaces are."""
    network = {"networkConfiguration": network_configuration(app.network)} if app.network_mode == "awsvpc" else {}
    if app.capacity_provider:
        return {"capacityProviderStrategy": [{"capacityProvider": app.capacity_provider, "weight": 1}], **network}
    return {"launchType": app.launch_type, **network}


def _container(app: Application) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": "app",
        "image": app.image,
        "essential": True,
        "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": app.log_group,
                "awslogs-region": REGION,
                "awslogs-stream-prefix": app.name,
            },
        },
    }
    if app.environment:
        container["environment"] = [{"name": k, "value": v} for k, v in app.environment.items()]
    if app.secrets:
        container["secrets"] = [{"name": k, "valueFrom": v} for k, v in app.secrets.items()]
    return container | dict(app.container)


def _statement(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def _manifest(repository: str, tag: str) -> dict[str, Any]:
    def blob(kind: str, what: str, size: int) -> dict[str, Any]:
        digest = hashlib.sha256(f"{repository}:{tag}:{what}".encode()).hexdigest()
        return {"mediaType": kind, "size": size, "digest": f"sha256:{digest}"}

    return {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": blob("application/vnd.docker.container.image.v1+json", "config", 7023),
        "layers": [blob("application/vnd.docker.image.rootfs.diff.tar.gzip", "layer", 32654)],
    }
