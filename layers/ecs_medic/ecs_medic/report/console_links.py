"""Addresses of the AWS console for the things that a report names."""

from urllib.parse import quote

from ecs_medic.report.model import Incident

_HOSTS = {"cn": "{region}.console.amazonaws.cn", "us-gov": "console.amazonaws-us-gov.com"}
_COMMERCIAL = "{region}.console.aws.amazon.com"


def cluster_url(incident: Incident) -> str:
    """The cluster's page."""
    return _ecs(incident, f"clusters/{_part(incident.cluster)}/services")


def service_url(incident: Incident) -> str | None:
    """The service's health page, where the incident has a service."""
    if not incident.service:
        return None
    return _ecs(incident, f"clusters/{_part(incident.cluster)}/services/{_part(incident.service)}/health")


def task_url(incident: Incident) -> str | None:
    """The task's page; ECS keeps a stopped task for about an hour."""
    if not incident.task_id:
        return None
    return _ecs(incident, f"clusters/{_part(incident.cluster)}/tasks/{_part(incident.task_id)}/configuration")


def task_definition_url(incident: Incident) -> str | None:
    """The page of the task definition's revision."""
    if not incident.task_definition:
        return None
    family, _, revision = incident.task_definition.rpartition(":")
    if not family:
        return None
    return _ecs(incident, f"task-definitions/{_part(family)}/{_part(revision)}")


def _part(name: str) -> str:
    return quote(name, safe="", errors="replace")


def _ecs(incident: Incident, page: str) -> str:
    region = _part(incident.region)
    host = next((host for prefix, host in _HOSTS.items() if region.startswith(f"{prefix}-")), _COMMERCIAL)
    return f"https://{host.format(region=region)}/ecs/v2/{page}?region={region}"
