"""The ARNs that ECS events carry, in their old form (`task/ID`) and their new one (`task/CLUSTER/ID`)."""

import re

from ecs_medic.events.bad_event import BadEventError, shown

_ECS_ARN = re.compile(r"^arn:(?P<partition>aws[a-z-]*):ecs:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(?P<rest>\S+)$")


def ecs_arn(value: str, kind: str, field: str) -> str:
    """The value itself, if it is an ECS ARN of that kind ("task", "cluster", "service").

    Raises:
        BadEventError: it is not.
    """
    match = _ECS_ARN.match(value)
    if match is None or not match["rest"].startswith(f"{kind}/"):
        raise BadEventError(field, f"expected the ARN of an ECS {kind}, got {shown(value, 80)}")
    return value


def cluster_name(cluster: str) -> str:
    """The name in a cluster's ARN; a plain name is its own."""
    return cluster.rsplit("/", 1)[-1]


def service_name(service_arn: str) -> str:
    """The name in a service's ARN, of either form."""
    return service_arn.rsplit("/", 1)[-1]


def cluster_of(arn: str) -> str | None:
    """The cluster that a task's or service's ARN of the new form names."""
    parts = arn.split(":", 5)[-1].split("/")
    return parts[1] if len(parts) >= 3 else None
