"""Whole events in the shapes that AWS documents, as functions, so that a test can change one thing."""

from typing import Any

ACCOUNT = "111122223333"
REGION = "eu-west-1"
CLUSTER_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/shop"
TASK_ID = "0123456789abcdef0123456789abcdef"
TASK_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/shop/{TASK_ID}"

type Json = dict[str, Any]


def envelope(detail_type: str, detail: Json, *, resources: list[str] | None = None) -> Json:
    return {
        "version": "0",
        "id": "11111111-2222-3333-4444-555555555555",
        "detail-type": detail_type,
        "source": "aws.ecs",
        "account": ACCOUNT,
        "time": "2026-03-01T12:00:00Z",
        "region": REGION,
        "resources": [TASK_ARN] if resources is None else resources,
        "detail": detail,
    }


def stopped_task(**changes: Any) -> Json:
    detail: Json = {
        "attachments": [
            {"id": "vol", "type": "AmazonElasticBlockStorage", "status": "DELETED", "details": []},
            {
                "id": "net",
                "type": "eni",
                "status": "DELETED",
                "details": [
                    {"name": "subnetId", "value": "subnet-0aaa"},
                    {"name": "networkInterfaceId", "value": "eni-0bbb"},
                    {"name": "privateIPv4Address", "value": "10.0.1.17"},
                ],
            },
        ],
        "clusterArn": CLUSTER_ARN,
        "containers": [
            {
                "containerArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:container/shop/{TASK_ID}/c1",
                "name": "app",
                "lastStatus": "STOPPED",
                "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/orders:1",
                "exitCode": 1,
                "cpu": "null",
            }
        ],
        "group": "service:orders",
        "launchType": "FARGATE",
        "lastStatus": "STOPPED",
        "desiredStatus": "STOPPED",
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "stoppedAt": "2026-03-01T11:59:58.1Z",
        "taskArn": TASK_ARN,
        "taskDefinitionArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/orders:7",
        "enableExecuteCommand": "false",
        "version": 5,
    }
    detail.update(changes)
    return envelope("ECS Task State Change", {key: value for key, value in detail.items() if value is not ...})


def refused_exec(**changes: Any) -> Json:
    detail: Json = {
        "eventSource": "ecs.amazonaws.com",
        "eventName": "ExecuteCommand",
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.7",
        "userIdentity": {"type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/developer/alex"},
        "errorCode": "TargetNotConnectedException",
        "errorMessage": "The execute command failed due to an internal error. Try again later.",
        "requestParameters": {
            "cluster": "shop",
            "container": "app",
            "task": TASK_ID,
            "interactive": True,
            "command": "mysql -phunter2",
        },
        "responseElements": None,
    }
    detail.update(changes)
    return envelope("AWS API Call via CloudTrail", {k: v for k, v in detail.items() if v is not ...}, resources=[])


def service_event(name: str, event_type: str, *, detail_type: str = "ECS Service Action", **changes: Any) -> Json:
    detail: Json = {"eventType": event_type, "eventName": name, "clusterArn": CLUSTER_ARN, **changes}
    return envelope(detail_type, detail, resources=[f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/shop/orders"])
