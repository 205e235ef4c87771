"""The endpoint's answers for a pretended task, in the form that AWS documents for its launch type.

Sources: "Amazon ECS task metadata v4 examples" for EC2 and for Fargate, and the response page for Managed Instances, of
the ECS developer guide.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecs_medic_notify.local.definition import LocalContainer, LocalDefinition

_ADDRESS, _GATEWAY, _SUBNET = "192.0.2.10", "192.0.2.1", "192.0.2.0/24"
"""Of the block that is kept for documentation: nothing is reachable there."""


@dataclass(frozen=True)
class LocalTask:
    """A pretended task: its definition, where it claims to run, and since when."""

    definition: LocalDefinition
    cluster: str
    zone: str
    region: str
    account: str
    started: datetime
    service: str | None = None

    @property
    def task_id(self) -> str:
        """32 hexadecimal digits, the same every time for the same task definition and cluster."""
        return _digest(f"{self.cluster}/{self.definition.family}:{self.definition.revision}")[:32]

    @property
    def task_arn(self) -> str:
        """The task's ARN."""
        return f"arn:{self._partition}:ecs:{self.region}:{self.account}:task/{self.cluster}/{self.task_id}"

    @property
    def cluster_as_told(self) -> str:
        """On Fargate and Managed Instances the ARN, on EC2 the short name."""
        if self.definition.launch_type == "EC2":
            return self.cluster
        return f"arn:{self._partition}:ecs:{self.region}:{self.account}:cluster/{self.cluster}"

    @property
    def _partition(self) -> str:
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def docker_id(self, container: LocalContainer) -> str:
        """On EC2 64 hexadecimal digits, else the task's id and ten digits."""
        digest = _digest(f"{self.task_id}/{container.name}")
        return digest if self.definition.launch_type == "EC2" else f"{self.task_id}-{int(digest, 16) % 10**10:010}"

    def container_arn(self, container: LocalContainer) -> str:
        """The container's ARN."""
        digits = _digest(f"{self.task_arn}/{container.name}")
        groups = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))
        return (
            f"arn:{self._partition}:ecs:{self.region}:{self.account}:container/{self.cluster}/{self.task_id}/{groups}"
        )


def task_answer(task: LocalTask) -> dict[str, Any]:
    """What `/task` answers."""
    definition = task.definition
    limits = {name: value for name, value in (("CPU", definition.cpu), ("Memory", definition.memory)) if value}
    answer: dict[str, Any] = {
        "Cluster": task.cluster_as_told,
        "TaskARN": task.task_arn,
        "Family": definition.family,
        "Revision": str(definition.revision),
        "DesiredStatus": "RUNNING",
        "KnownStatus": "RUNNING",
        "PullStartedAt": _moment(task.started),
        "PullStoppedAt": _moment(task.started),
        "AvailabilityZone": task.zone,
        "LaunchType": definition.launch_type,
        "Containers": [container_answer(task, one) for one in definition.containers],
    }
    if limits:
        answer["Limits"] = limits
    if task.service:
        answer["ServiceName"] = task.service
    if definition.launch_type == "FARGATE":
        answer["EphemeralStorageMetrics"] = {"Utilized": 0, "Reserved": 20496}
        answer["ClockDrift"] = {
            "ClockErrorBound": 0.5,
            "ReferenceTimestamp": task.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "ClockSynchronizationStatus": "SYNCHRONIZED",
        }
    else:
        answer["VPCID"] = f"vpc-{_digest(task.cluster)[:17]}"
    return answer


def container_answer(task: LocalTask, container: LocalContainer) -> dict[str, Any]:
    """What the container's own address answers."""
    answer: dict[str, Any] = {
        "DockerId": task.docker_id(container),
        "Name": container.name,
        "DockerName": docker_name(task, container),
        "Image": container.image,
        "ImageID": f"sha256:{_digest(container.image)}",
        "Labels": {
            **dict(container.labels),
            "com.amazonaws.ecs.cluster": task.cluster_as_told,
            "com.amazonaws.ecs.container-name": container.name,
            "com.amazonaws.ecs.task-arn": task.task_arn,
            "com.amazonaws.ecs.task-definition-family": task.definition.family,
            "com.amazonaws.ecs.task-definition-version": str(task.definition.revision),
        },
        "DesiredStatus": "RUNNING",
        "KnownStatus": "RUNNING",
        "Limits": {"CPU": container.cpu or 0, "Memory": container.memory or 0},
        "CreatedAt": _moment(task.started),
        "StartedAt": _moment(task.started),
        "Type": "NORMAL",
        "ContainerARN": task.container_arn(container),
        "Networks": [_network(task)],
    }
    if container.log_driver:
        answer["LogDriver"] = container.log_driver
        answer["LogOptions"] = _log_options(task, container)
    return answer


def docker_name(task: LocalTask, container: LocalContainer) -> str:
    """On EC2, the agent makes the name unique on the instance."""
    if task.definition.launch_type != "EC2":
        return container.name
    unique = _digest(f"{task.task_id}/{container.name}")[:20]
    return f"ecs-{task.definition.family}-{task.definition.revision}-{container.name}-{unique}"


def _log_options(task: LocalTask, container: LocalContainer) -> dict[str, str]:
    options = dict(container.log_options)
    if container.log_driver == "awslogs":
        prefix = options.pop("awslogs-stream-prefix", None)
        parts = (prefix, container.name, task.task_id) if prefix else (task.docker_id(container),)
        options["awslogs-stream"] = "/".join(parts)
    return options


def _network(task: LocalTask) -> dict[str, Any]:
    mode = task.definition.network_mode
    if mode == "host":
        return {"NetworkMode": mode}
    if mode != "awsvpc":
        return {"NetworkMode": mode, "IPv4Addresses": [] if mode == "none" else [_ADDRESS]}
    return {
        "NetworkMode": mode,
        "IPv4Addresses": [_ADDRESS],
        "AttachmentIndex": 0,
        "MACAddress": "0a:00:c0:00:02:0a",
        "IPv4SubnetCIDRBlock": _SUBNET,
        "PrivateDNSName": f"ip-{_ADDRESS.replace('.', '-')}.{task.region}.compute.internal",
        "SubnetGatewayIpv4Address": f"{_GATEWAY}/24",
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}000Z"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
