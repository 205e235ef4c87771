"""A task as ECS keeps it. Attributes are named after the members of the API's Task, so that moto serialises them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

EXEC_AGENT = "ExecuteCommandAgent"


@dataclass(slots=True)
class Task:
    """One task with all its containers; `containers` and `attachments` are in the API's own form."""

    task_arn: str
    cluster_arn: str
    task_definition_arn: str
    group: str
    launch_type: str
    created_at: datetime
    containers: list[dict[str, Any]]
    cpu: str
    memory: str
    availability_zone: str
    enable_execute_command: bool
    overrides: dict[str, Any]
    attachments: list[dict[str, Any]] = field(default_factory=list)
    attributes: list[dict[str, str]] = field(
        default_factory=lambda: [{"name": "ecs.cpu-architecture", "value": "x86_64"}]
    )
    tags: list[dict[str, str]] = field(default_factory=list)
    started_by: str | None = None
    capacity_provider_name: str | None = None
    platform_version: str | None = "1.4.0"
    platform_family: str | None = "Linux"
    ephemeral_storage: dict[str, int] | None = field(default_factory=lambda: {"sizeInGiB": 20})
    container_instance_arn: str | None = None
    version: int = 0
    last_status: str = "PROVISIONING"
    desired_status: str = "RUNNING"
    connectivity: str | None = None
    connectivity_at: datetime | None = None
    pull_started_at: datetime | None = None
    pull_stopped_at: datetime | None = None
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    execution_stopped_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_code: str | None = None
    stopped_reason: str | None = None
    health_status: str = "UNKNOWN"
    protected_until: datetime | None = None

    @property
    def id(self) -> str:
        """The last part of the ARN."""
        return self.task_arn.rsplit("/", 1)[-1]

    @property
    def cluster_name(self) -> str:
        """Short name of the cluster."""
        return self.cluster_arn.rsplit("/", 1)[-1]

    @property
    def service_name(self) -> str | None:
        """The service that started it, if any."""
        kind, _, name = self.group.partition(":")
        return name if kind == "service" else None

    def protected_at(self, moment: datetime) -> bool:
        """Whether it is protected from scale-in then."""
        return self.protected_until is not None and moment < self.protected_until

    def container(self, name: str) -> dict[str, Any] | None:
        """The container of that name."""
        return next((c for c in self.containers if c["name"] == name), None)

    def eni_detail(self, name: str) -> str | None:
        """A detail of the network interface attachment, for example `subnetId`."""
        for attachment in self.attachments:
            for detail in attachment["details"]:
                if detail["name"] == name:
                    return str(detail["value"])
        return None


def exec_agent(container: dict[str, Any]) -> dict[str, Any] | None:
    """The container's ECS Exec agent, if it has one."""
    return next((a for a in container.get("managedAgents", []) if a["name"] == EXEC_AGENT), None)
