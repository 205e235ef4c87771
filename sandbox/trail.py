"""What CloudTrail's event history keeps: the changes that were asked for, refused ones included.

Reads and data events (objects, items, messages, log lines) are left out. Request parameters are shown as they were
sent, with a small first letter; CloudTrail's own forms for EC2 wrap them further.
"""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.json_types import Json
from sandbox.moto_patches.cloudtrail_lookup import REGION
from sandbox.wire import IAM_PREFIX_BY_CLIENT, AwsCall, HttpAnswer

CHANGES = (
    *(
        "Add",
        "Apply",
        "Associate",
        "Attach",
        "Authorize",
        "Batch",
        "Cancel",
        "Create",
        "Delete",
        "Deregister",
        "Detach",
    ),
    *("Disable", "Disassociate", "Enable", "Execute", "Modify", "Put", "Register", "Release", "Remove", "Replace"),
    *("Reset", "Revoke", "Run", "Set", "Start", "Stop", "Tag", "Terminate", "Untag", "Update"),
)
DATA_EVENTS = frozenset(
    {
        ("dynamodb", "BatchWriteItem"),
        ("dynamodb", "DeleteItem"),
        ("dynamodb", "PutItem"),
        ("dynamodb", "UpdateItem"),
        ("ecr", "BatchGetImage"),
        ("ecr", "BatchCheckLayerAvailability"),
        ("events", "PutEvents"),
        ("logs", "PutLogEvents"),
        ("s3", "DeleteObject"),
        ("s3", "PutObject"),
        ("cloudwatch", "PutMetricData"),
    }
)
READS = ("BatchGet", "BatchCheck", "BatchDescribe")
# Global services record in us-east-1.
GLOBAL = frozenset({"iam", "sts", "route53", "cloudfront", "organizations"})
SOURCES = {**IAM_PREFIX_BY_CLIENT, "cloudwatch": "monitoring"}
RESOURCE_TYPES = {
    "acl": "AWS::EC2::NetworkAcl",
    "eni": "AWS::EC2::NetworkInterface",
    "igw": "AWS::EC2::InternetGateway",
    "nat": "AWS::EC2::NatGateway",
    "rtb": "AWS::EC2::RouteTable",
    "sg": "AWS::EC2::SecurityGroup",
    "subnet": "AWS::EC2::Subnet",
    "vpc": "AWS::EC2::VPC",
    "vpce": "AWS::EC2::VPCEndpoint",
}
NAMED_BY_PARAMETER = {
    "RoleName": "AWS::IAM::Role",
    "PolicyArn": "AWS::IAM::Policy",
    "logGroupName": "AWS::Logs::LogGroup",
    "SecretId": "AWS::SecretsManager::Secret",
    "repositoryName": "AWS::ECR::Repository",
    "service": "AWS::ECS::Service",
    "cluster": "AWS::ECS::Cluster",
}
_ID = re.compile(r"\b(acl|eni|igw|nat|rtb|sg|subnet|vpc|vpce)-[0-9a-f]{8,17}\b")
_JSON_CODE = re.compile(rb'"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"')
_XML_CODE = re.compile(rb"<Code>([^<]+)</Code>")


def entry(call: AwsCall, answer: HttpAnswer) -> dict[str, Any] | None:
    """The event that CloudTrail would keep for this call, in LookupEvents' form; None for what it does not keep."""
    if not is_change(call):
        return None
    now = datetime.now(UTC)
    region = "us-east-1" if call.service in GLOBAL else call.region
    source = f"{SOURCES.get(call.service, call.service)}.amazonaws.com"
    event_id = str(uuid.uuid4())
    user = "operator"
    record: dict[str, Json] = {
        "eventVersion": "1.11",
        "eventID": event_id,
        "eventTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": source,
        "eventName": call.operation,
        "awsRegion": region,
        "eventType": "AwsApiCall",
        "eventCategory": "Management",
        "readOnly": False,
        "userIdentity": {"type": "IAMUser", "userName": user, "arn": f"arn:aws:iam::123456789012:user/{user}"},
        "sourceIPAddress": "203.0.113.10",
        "requestParameters": {name[:1].lower() + name[1:]: value for name, value in call.parameters.items()},
    }
    if code := _error_code(call, answer):
        record["errorCode"] = code
    return {
        REGION: region,
        "EventId": event_id,
        "EventName": call.operation,
        "EventTime": now.timestamp(),
        "EventSource": source,
        "Username": user,
        "ReadOnly": "false",
        "Resources": list(_resources(call.parameters)),
        "CloudTrailEvent": json.dumps(record),
    }


def is_change(call: AwsCall) -> bool:
    """Whether CloudTrail's history of changes has this call."""
    if (call.service, call.operation) in DATA_EVENTS or call.operation.startswith(READS):
        return False
    return call.operation.startswith(CHANGES)


def _resources(parameters: Mapping[str, Json]) -> Iterator[dict[str, str]]:
    for name, resource_type in NAMED_BY_PARAMETER.items():
        value = parameters.get(name)
        if isinstance(value, str):
            yield {"ResourceType": resource_type, "ResourceName": value}
    for match in dict.fromkeys(m[0] for m in _ID.finditer(json.dumps(parameters))):
        yield {"ResourceType": RESOURCE_TYPES[match.partition("-")[0]], "ResourceName": match}


def _error_code(call: AwsCall, answer: HttpAnswer) -> str | None:
    if answer.status < 400:
        return None
    match = _XML_CODE.search(answer.body) or _JSON_CODE.search(answer.body)
    code = match[1].decode() if match else "InternalFailure"
    return f"Client.{code}" if call.protocol == "ec2" and answer.status < 500 else code
