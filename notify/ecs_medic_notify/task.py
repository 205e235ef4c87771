"""The task metadata endpoint's answers as values; whatever is missing or of another type is None or empty.

Sources: the pages "Amazon ECS task metadata v4 JSON response" for EC2, for Fargate and for Managed Instances of the ECS
developer guide, and "task metadata endpoint version 3". Version 3 has no launch type, service, log options, container
ARN, and of a network only mode and IPv4 addresses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_LABEL = "com.amazonaws.ecs."
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:\d\d)")
_MOST = 1e15
"""No limit, exit code or count of a task is as large; also keeps infinity and NaN out."""
_ARN = re.compile(r"arn:[a-z-]+:ecs:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):task/\S+")


@dataclass(frozen=True)
class Limits:
    """What may be used at most. `cpu` is in vCPU for a task and in CPU units (1024 a vCPU) for a container; `memory`
    is in MiB.
    """

    cpu: float | None = None
    memory: int | None = None


@dataclass(frozen=True)
class Network:
    """One network of a container."""

    network_mode: str | None = None
    ipv4_addresses: tuple[str, ...] = ()
    ipv6_addresses: tuple[str, ...] = ()
    attachment_index: int | None = None
    mac_address: str | None = None
    ipv4_subnet_cidr_block: str | None = None
    private_dns_name: str | None = None
    subnet_gateway_ipv4_address: str | None = None


@dataclass(frozen=True)
class Container:
    """One container of the task. `type` is NORMAL for those of the task definition."""

    docker_id: str | None = None
    name: str | None = None
    docker_name: str | None = None
    image: str | None = None
    image_id: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    desired_status: str | None = None
    known_status: str | None = None
    exit_code: int | None = None
    limits: Limits | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    type: str | None = None
    log_driver: str | None = None
    log_options: Mapping[str, str] = field(default_factory=dict)
    container_arn: str | None = None
    networks: tuple[Network, ...] = ()
    restart_count: int | None = None


@dataclass(frozen=True)
class Task:
    """The task. `cluster` is an ARN or a short name, as the endpoint gave it; `revision` is a string there too."""

    cluster: str | None = None
    service_name: str | None = None
    vpc_id: str | None = None
    task_arn: str | None = None
    family: str | None = None
    revision: str | None = None
    desired_status: str | None = None
    known_status: str | None = None
    limits: Limits | None = None
    pull_started_at: datetime | None = None
    pull_stopped_at: datetime | None = None
    execution_stopped_at: datetime | None = None
    availability_zone: str | None = None
    availability_zone_id: str | None = None
    launch_type: str | None = None
    containers: tuple[Container, ...] = ()

    @property
    def region(self) -> str | None:
        """The Region, from the task's ARN."""
        match = _ARN.fullmatch(self.task_arn or "")
        return match["region"] if match else None

    @property
    def account(self) -> str | None:
        """The account's number, from the task's ARN."""
        match = _ARN.fullmatch(self.task_arn or "")
        return match["account"] if match else None

    @property
    def task_id(self) -> str | None:
        """The last part of the task's ARN."""
        return self.task_arn.rsplit("/", 1)[-1] or None if self.task_arn else None


def task_of(answer: Mapping[str, Any]) -> Task:
    """The task that `/task` describes; what only its containers' labels tell is taken from there."""
    containers = tuple(container_of(one) for one in _list(answer.get("Containers")) if isinstance(one, Mapping))
    return Task(
        cluster=_text(answer.get("Cluster")) or _labelled(containers, "cluster"),
        service_name=_text(answer.get("ServiceName")),
        vpc_id=_text(answer.get("VPCID")),
        task_arn=_text(answer.get("TaskARN")) or _labelled(containers, "task-arn"),
        family=_text(answer.get("Family")) or _labelled(containers, "task-definition-family"),
        revision=_text(answer.get("Revision")) or _labelled(containers, "task-definition-version"),
        desired_status=_text(answer.get("DesiredStatus")),
        known_status=_text(answer.get("KnownStatus")),
        limits=_limits(answer.get("Limits")),
        pull_started_at=_moment(answer.get("PullStartedAt")),
        pull_stopped_at=_moment(answer.get("PullStoppedAt")),
        execution_stopped_at=_moment(answer.get("ExecutionStoppedAt")),
        availability_zone=_text(answer.get("AvailabilityZone")),
        availability_zone_id=_text(answer.get("AvailabilityZoneID")),
        launch_type=_text(answer.get("LaunchType")),
        containers=containers,
    )


def container_of(answer: Mapping[str, Any]) -> Container:
    """The container that the endpoint itself, or an entry of the task's `Containers`, describes."""
    labels = _pairs(answer.get("Labels"))
    return Container(
        docker_id=_text(answer.get("DockerId")),
        name=_text(answer.get("Name")) or labels.get(f"{_LABEL}container-name"),
        docker_name=_text(answer.get("DockerName")),
        image=_text(answer.get("Image")),
        image_id=_text(answer.get("ImageID")),
        labels=labels,
        desired_status=_text(answer.get("DesiredStatus")),
        known_status=_text(answer.get("KnownStatus")),
        exit_code=_whole(answer.get("ExitCode")),
        limits=_limits(answer.get("Limits")),
        created_at=_moment(answer.get("CreatedAt")),
        started_at=_moment(answer.get("StartedAt")),
        finished_at=_moment(answer.get("FinishedAt")),
        type=_text(answer.get("Type")),
        log_driver=_text(answer.get("LogDriver")),
        log_options=_pairs(answer.get("LogOptions")),
        container_arn=_text(answer.get("ContainerARN")),
        networks=tuple(_network(one) for one in _list(answer.get("Networks")) if isinstance(one, Mapping)),
        restart_count=_whole(answer.get("RestartCount")),
    )


def _network(answer: Mapping[str, Any]) -> Network:
    return Network(
        network_mode=_text(answer.get("NetworkMode")),
        ipv4_addresses=_texts(answer.get("IPv4Addresses")),
        ipv6_addresses=_texts(answer.get("IPv6Addresses")),
        attachment_index=_whole(answer.get("AttachmentIndex")),
        mac_address=_text(answer.get("MACAddress")),
        ipv4_subnet_cidr_block=_text(answer.get("IPv4SubnetCIDRBlock")),
        private_dns_name=_text(answer.get("PrivateDNSName")),
        subnet_gateway_ipv4_address=_text(answer.get("SubnetGatewayIpv4Address")),
    )


def _labelled(containers: tuple[Container, ...], name: str) -> str | None:
    """What the agent's own label says, where all containers that have it agree."""
    values = {one.labels.get(f"{_LABEL}{name}") for one in containers} - {None}
    return values.pop() if len(values) == 1 else None


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in map(_text, _list(value)) if text is not None)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _pairs(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {str(key): text for key, one in value.items() if (text := _text(one)) is not None}


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < _MOST else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number == int(number) else None


def _limits(value: Any) -> Limits | None:
    if not isinstance(value, Mapping):
        return None
    limits = Limits(cpu=_number(value.get("CPU")), memory=_whole(value.get("Memory")))
    return limits if limits != Limits() else None


def _moment(value: Any) -> datetime | None:
    """A time of the endpoint, which has nanoseconds; None where it is none."""
    match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    seconds, fraction, zone = match.groups()
    try:
        return datetime.fromisoformat(f"{seconds}.{(fraction or '0'):0<6}{'+00:00' if zone == 'Z' else zone}")
    except ValueError:
        return None
