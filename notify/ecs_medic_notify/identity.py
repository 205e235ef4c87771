"""Who is speaking: the few facts by which people tell one job from another."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from ecs_medic_notify.endpoint import Metadata

_CLUSTER_ARN = re.compile(r"arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:cluster/(?P<name>\S+)")
_ZONE = re.compile(r"(?P<region>[a-z]{2,}(?:-[a-z]+)+-\d+)(?:-[a-z]+-\d+)?[a-z]")


@dataclass(frozen=True)
class Identity:
    """The task's and the container's names; None where the endpoint did not say.

    `task_definition` is `family:revision`, `cluster` and `task` are short names, `zone` is an Availability Zone.
    """

    task_definition: str | None
    container: str | None
    cluster: str | None
    task: str | None
    zone: str | None
    region: str | None = None
    account: str | None = None
    launch_type: str | None = None
    service: str | None = None
    image: str | None = None
    task_arn: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """By field name, for JSON."""
        return asdict(self)


def identity_of(read: Metadata) -> Identity:
    """The identity that the metadata tell."""
    task, container = read.task, read.container
    definition = f"{task.family}:{task.revision}" if task.family and task.revision else task.family
    zone = _ZONE.fullmatch(task.availability_zone or "")
    return Identity(
        task_definition=definition,
        container=container.name if container else None,
        cluster=_short(task.cluster),
        task=task.task_id,
        zone=task.availability_zone,
        region=task.region or (zone["region"] if zone else None),
        account=task.account,
        launch_type=task.launch_type,
        service=task.service_name,
        image=container.image if container else None,
        task_arn=task.task_arn,
    )


def _short(cluster: str | None) -> str | None:
    match = _CLUSTER_ARN.fullmatch(cluster or "")
    return match["name"] if match else cluster
