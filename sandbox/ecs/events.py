"""The EventBridge events that ECS and CloudTrail publish, in AWS's documented shape."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.ecs.task import Task
from sandbox.ecs.world import World, iso, uuid

type Event = dict[str, Any]

_TASK_FIELDS: tuple[tuple[str, str], ...] = (
    ("attributes", "attributes"),
    ("availabilityZone", "availability_zone"),
    ("capacityProviderName", "capacity_provider_name"),
    ("clusterArn", "cluster_arn"),
    ("connectivity", "connectivity"),
    ("connectivityAt", "connectivity_at"),
    ("containerInstanceArn", "container_instance_arn"),
    ("cpu", "cpu"),
    ("createdAt", "created_at"),
    ("desiredStatus", "desired_status"),
    ("enableExecuteCommand", "enable_execute_command"),
    ("ephemeralStorage", "ephemeral_storage"),
    ("executionStoppedAt", "execution_stopped_at"),
    ("group", "group"),
    ("launchType", "launch_type"),
    ("lastStatus", "last_status"),
    ("memory", "memory"),
    ("overrides", "overrides"),
    ("platformVersion", "platform_version"),
    ("pullStartedAt", "pull_started_at"),
    ("pullStoppedAt", "pull_stopped_at"),
    ("startedAt", "started_at"),
    ("startedBy", "started_by"),
    ("stoppingAt", "stopping_at"),
    ("stoppedAt", "stopped_at"),
    ("stoppedReason", "stopped_reason"),
    ("stopCode", "stop_code"),
    ("taskArn", "task_arn"),
    ("taskDefinitionArn", "task_definition_arn"),
    ("version", "version"),
)


def task_state_change(world: World, task: Task, at: datetime) -> Event:
    """ECS Task State Change; differs from DescribeTasks in the attachment's type and the agents' `status`."""
    detail: dict[str, Any] = {"attachments": [{**a, "type": "eni"} for a in task.attachments]}
    for name, attribute in _TASK_FIELDS:
        value = getattr(task, attribute)
        if value is not None:
            detail[name] = iso(value) if isinstance(value, datetime) else value
    detail["containers"] = [_container(c) for c in task.containers]
    detail["overrides"] = {
        "containerOverrides": [{"name": c["name"]} for c in task.containers],
        **task.overrides,
    }
    detail["updatedAt"] = iso(at)
    in_order = dict(sorted(detail.items()))
    return _envelope(world, "ECS Task State Change", at, [task.task_arn], in_order)


def _container(container: Mapping[str, Any]) -> dict[str, Any]:
    shown = {k: v for k, v in container.items() if v is not None and k not in {"managedAgents", "healthStatus"}}
    if agents := container.get("managedAgents"):
        shown["managedAgents"] = [{"name": a["name"], "status": a["lastStatus"]} for a in agents]
    return shown


def service_action(
    world: World, service_arn: str, cluster_arn: str, at: datetime, *, kind: str, name: str, reason: str | None = None
) -> Event:
    """ECS Service Action; `kind` is INFO, WARN or ERROR, `name` for example SERVICE_STEADY_STATE."""
    detail = {"eventType": kind, "eventName": name, "clusterArn": cluster_arn, "createdAt": iso(at)}
    if reason is not None:
        detail["reason"] = reason
    return _envelope(world, "ECS Service Action", at, [service_arn], detail)


def deployment_state_change(
    world: World, service_arn: str, at: datetime, *, kind: str, name: str, deployment_id: str, reason: str
) -> Event:
    """ECS Deployment State Change; `name` is SERVICE_DEPLOYMENT_IN_PROGRESS, _COMPLETED or _FAILED."""
    detail = {
        "eventType": kind,
        "eventName": name,
        "deploymentId": deployment_id,
        "updatedAt": iso(at),
        "reason": reason,
    }
    return _envelope(world, "ECS Deployment State Change", at, [service_arn], detail)


def api_call(
    world: World,
    at: datetime,
    *,
    name: str,
    identity: Mapping[str, Any],
    request: Mapping[str, Any] | None,
    error: tuple[str, str] | None,
    response: Mapping[str, Any] | None,
    user_agent: str,
    service: str = "ecs",
    read_only: bool = False,
) -> Event:
    """An API call as CloudTrail reports it; `error` is (code, message), and then there are no response elements."""
    detail: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": dict(identity),
        "eventTime": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": world.region,
        "sourceIPAddress": "192.0.2.10",
        "userAgent": user_agent,
    }
    if error is not None:
        detail["errorCode"], detail["errorMessage"] = error
    detail |= {
        "requestParameters": None if request is None else dict(request),
        "responseElements": None if response is None else dict(response),
        "requestID": uuid(),
        "eventID": uuid(),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": world.account,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": _host(service, world.region),
        },
    }
    return {**_envelope(world, "AWS API Call via CloudTrail", at, [], detail), "source": f"aws.{service}"}


def _host(service: str, region: str) -> str:
    return f"api.ecr.{region}.amazonaws.com" if service == "ecr" else f"{service}.{region}.amazonaws.com"


def _envelope(world: World, detail_type: str, at: datetime, resources: list[str], detail: Event) -> Event:
    return {
        "version": "0",
        "id": uuid(),
        "detail-type": detail_type,
        "source": "aws.ecs",
        "account": world.account,
        "time": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "region": world.region,
        "resources": resources,
        "detail": detail,
    }
