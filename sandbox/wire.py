"""Which AWS call an HTTP request is, and what an AWS error looks like in that call's protocol."""

import functools
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import botocore.session
from moto.core.request import Request
from moto.core.routing import get_service_router
from werkzeug.exceptions import NotFound

from sandbox.json_types import Json

# Names under which requests are signed, where they differ from the name of the boto3 client.
CLIENT_BY_SIGNING_NAME: Mapping[str, str] = {
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}
CLASSIC_LOAD_BALANCING_VERSION = "2012-06-01"

# Prefixes of IAM actions, where they differ from the name of the boto3 client.
IAM_PREFIX_BY_CLIENT: Mapping[str, str] = {
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "stepfunctions": "states",
}
# Actions that are not called like their operation.
IAM_ACTION: Mapping[tuple[str, str], str] = {
    ("lambda", "Invoke"): "lambda:InvokeFunction",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "HeadObject"): "s3:GetObject",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "ListObjects"): "s3:ListBucket",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
}

# DynamoDB names the reasons of a cancelled transaction in its message, and lists them beside it.
_CANCELLED = re.compile(r"\[(?P<reasons>\w+(?:, \w+)*)\]")
_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")


@dataclass(frozen=True, slots=True)
class AwsCall:
    """One AWS request: boto3 client name, operation in PascalCase, protocol of botocore's model, region."""

    service: str
    operation: str
    protocol: str
    region: str
    parameters: Mapping[str, Json] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """The IAM action, for example `elasticloadbalancing:DescribeTargetHealth`."""
        renamed = IAM_ACTION.get((self.service, self.operation))
        return renamed or f"{IAM_PREFIX_BY_CLIENT.get(self.service, self.service)}:{self.operation}"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A finished HTTP response."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def status_line(self) -> str:
        """Status code and phrase as WSGI wants them."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"


@functools.cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


@functools.cache
def protocol_of(service: str) -> str:
    """Botocore's protocol for a client name; `json` for one that botocore does not know."""
    try:
        return str(_session().get_service_model(service).resolved_protocol)
    except Exception:  # noqa: BLE001 - an unknown or unsigned service is no reason to fail a request
        return "json"


def recognise(environ: Mapping[str, Any], body: bytes) -> AwsCall | None:
    """The AWS call behind a WSGI request, or None when it is not a signed AWS request."""
    credential = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if credential is None:
        return None
    signing_name = credential["service"]
    service = CLIENT_BY_SIGNING_NAME.get(signing_name, signing_name)
    region = credential["region"]
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return AwsCall(service, target.rsplit(".", 1)[-1], protocol_of(service), region, _json_parameters(body))
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if "Action" not in form:
        form = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    if "Action" in form and "Version" in form:
        if service == "elbv2" and form["Version"] == CLASSIC_LOAD_BALANCING_VERSION:
            service = "elb"
        parameters: dict[str, Json] = {k: v for k, v in form.items() if k not in {"Action", "Version"}}
        protocol = protocol_of(service)
        return AwsCall(service, form["Action"], protocol if protocol == "ec2" else "query", region, parameters)
    return AwsCall(service, _rest_operation(service, environ), protocol_of(service), region)


def _json_parameters(body: bytes) -> dict[str, Json]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _rest_operation(service: str, environ: Mapping[str, Any]) -> str:
    try:
        operation, _ = get_service_router(service).match(Request(dict(environ)))
    except (NotFound, NotImplementedError):
        return "Unknown"
    except Exception:  # noqa: BLE001 - botocore raises its own errors for services it does not know
        return "Unknown"
    return str(operation.name)


def request_id() -> str:
    """A request id in AWS's form; not from moto's seeded source, so that a fault never shifts the ids that follow."""
    return str(uuid.uuid4())


def error(call: AwsCall, status: int, code: str, message: str) -> HttpAnswer:
    """An AWS error as this call's service really sends it."""
    rid = request_id()
    if call.protocol == "ec2":
        xml = (
            f"<Response><Errors><Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error></Errors>"
            f"<RequestID>{rid}</RequestID></Response>"
        )
        return _xml(status, rid, xml)
    if call.protocol == "rest-xml":
        xml = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        return _xml(status, rid, f"{xml}<RequestId>{rid}</RequestId></Error>")
    if call.protocol == "query":
        fault = "Sender" if status < 500 else "Receiver"
        xml = (
            f"<ErrorResponse><Error><Type>{fault}</Type><Code>{escape(code)}</Code>"
            f"<Message>{escape(message)}</Message></Error><RequestId>{rid}</RequestId></ErrorResponse>"
        )
        return _xml(status, rid, xml)
    if call.protocol == "rest-json":
        return _json_error(status, rid, code, {"Message": message})
    prefix = "com.amazon.coral.service#" if call.service in {"dynamodb", "sqs"} else ""
    body: dict[str, Json] = {"__type": prefix + code, "Message": message, "message": message}
    if cancelled := _CANCELLED.search(message if code == "TransactionCanceledException" else ""):
        body["CancellationReasons"] = [{"Code": reason} for reason in cancelled["reasons"].split(", ")]
    answer = _json_error(status, rid, code, body)
    if call.service == "sqs":
        fault = "Sender" if status < 500 else "Receiver"
        return HttpAnswer(answer.status, (*answer.headers, ("x-amzn-query-error", f"{code};{fault}")), answer.body)
    return answer


def _xml(status: int, rid: str, xml: str) -> HttpAnswer:
    headers = (("Content-Type", "text/xml;charset=UTF-8"), ("x-amzn-RequestId", rid))
    return HttpAnswer(status, headers, b'<?xml version="1.0" encoding="UTF-8"?>\n' + xml.encode())


def _json_error(status: int, rid: str, code: str, body: Mapping[str, Json]) -> HttpAnswer:
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", rid), ("x-amzn-ErrorType", code))
    return HttpAnswer(status, headers, json.dumps(body).encode())
