"""Hypothesis builds EventBridge events from their schema, and spoils them.

The shapes are those of `events/`, and one of each kind with every field that AWS documents. A recipe says which shape
and how to spoil it, in a few small numbers: twenty thousand events are then made in seconds, and a failing one still
shrinks.
"""

# ruff: noqa: E501 - tables

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.hostile.texts import CANARY, INJECTIONS, hostile

EVENTS = Path(__file__).parent.parent.parent / "events"
ACCOUNT, REGION = "123456789012", "eu-west-1"
_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
_TASK = f"{_ARN}:task/shop/0f1e2d3c4b5a69788796a5b4c3d2e1f0"
_TIME = "2026-01-15T09:00:04Z"

type Json = dict[str, Any] | list[Any] | str | int | float | bool | None
type Path_ = tuple[str | int, ...]


def _envelope(detail_type: str, detail: dict[str, Json], source: str = "aws.ecs", **more: Json) -> dict[str, Json]:
    return {
        "version": "0",
        "id": "81325622-b352-4ea8-935e-1fafbebc5521",
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": _TIME,
        "region": REGION,
        "resources": [],
        "detail": detail,
        **more,
    }


def _call(name: str, service: str, **more: Json) -> dict[str, Json]:
    caller = f"arn:aws:sts::{ACCOUNT}:assumed-role/developer/alex"
    detail: dict[str, Json] = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": caller,
            "accountId": ACCOUNT,
            "invokedBy": "cloudformation.amazonaws.com",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/developer"}},
        },
        "eventTime": _TIME,
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": "192.0.2.10",
        "userAgent": "aws-cli/2.31.0",
        "errorCode": "AccessDeniedException",
        "errorMessage": f"User: {caller} is not authorized to perform: {service}:{name} on resource: {_ARN}:service/shop/"
        f"orders because no identity-based policy allows the {service}:{name} action",
        "requestParameters": {"cluster": "shop", "service": "orders"},
        "responseElements": None,
        "eventID": "1a3d7249-6535-4156-adfc-8c7327a2a636",
        "eventType": "AwsApiCall",
    }
    return _envelope("AWS API Call via CloudTrail", detail | more, f"aws.{service}")


def _task() -> dict[str, Json]:
    container: dict[str, Json] = {
        "containerArn": f"{_ARN}:container/shop/0f1e/b8bfad1b",
        "taskArn": _TASK,
        "name": "app",
        "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/orders:1.4.2",
        "imageDigest": "sha256:" + "ab" * 32,
        "runtimeId": "0f1e2d3c4b5a69788796a5b4c3d2e1f0-527074092",
        "lastStatus": "STOPPED",
        "exitCode": 1,
        "reason": "CannotPullContainerError: pull access denied for orders, repository does not exist",
        "healthStatus": "UNHEALTHY",
        "gpuIds": ["0"],
        "cpu": "null",
        "managedAgents": [
            {"name": "ExecuteCommandAgent", "status": "STOPPED", "reason": "Received Container Stopped event",
             "lastStartedAt": _TIME}
        ],
        "networkBindings": [{"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": 32768, "protocol": "tcp"}],
        "networkInterfaces": [{"attachmentId": "35aff66f", "privateIpv4Address": "10.0.1.128", "ipv6Address": "::1"}],
    }  # fmt: skip
    detail: dict[str, Json] = {
        "attachments": [
            {"id": "35aff66f", "type": "eni", "status": "DELETED", "details": [{"name": "subnetId", "value": "subnet-6f27"}]}
        ],
        "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
        "availabilityZone": "eu-west-1a",
        "capacityProviderName": "FARGATE_SPOT",
        "clusterArn": f"{_ARN}:cluster/shop",
        "connectivity": "DISCONNECTED",
        "containerInstanceArn": f"{_ARN}:container-instance/shop/0f1e",
        "containers": [container, {**container, "name": "proxy", "exitCode": 0, "reason": None}],
        "createdAt": _TIME,
        "desiredStatus": "STOPPED",
        "enableExecuteCommand": "false",
        "ephemeralStorage": {"sizeInGiB": 20},
        "executionStoppedAt": _TIME,
        "group": "service:orders",
        "lastStatus": "STOPPED",
        "launchType": "FARGATE",
        "overrides": {"containerOverrides": [{"name": "app", "command": ["sh"]}], "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/x"},
        "platformFamily": "Linux",
        "platformVersion": "1.4.0",
        "startedBy": "ecs-svc/9563027351456650510",
        "stopCode": "TaskFailedToStart",
        "stoppedAt": _TIME,
        "stoppedReason": "Task failed to start",
        "stoppingAt": _TIME,
        "tags": [{"key": "ecs-medic:channel", "value": "C0OPS"}, {"key": "ecs-medic:owner", "value": "U0ALICE"}],
        "taskArn": _TASK,
        "taskDefinitionArn": f"{_ARN}:task-definition/orders:7",
        "version": 4,
    }  # fmt: skip
    return _envelope("ECS Task State Change", detail, resources=[_TASK])


def _service(name: str, kind: str, detail_type: str = "ECS Service Action") -> dict[str, Json]:
    detail: dict[str, Json] = {
        "eventType": kind,
        "eventName": name,
        "clusterArn": f"{_ARN}:cluster/shop",
        "deploymentId": "ecs-svc/1",
        "createdAt": _TIME,
        "updatedAt": _TIME,
        "reason": "RESOURCE:MEMORY",
        "capacityProviderArns": [f"{_ARN}:capacity-provider/x"],
        "containerInstanceArns": [f"{_ARN}:container-instance/shop/0f1e"],
    }
    return _envelope(detail_type, detail, resources=[f"{_ARN}:service/shop/orders"])


def _by_schema() -> list[dict[str, Json]]:
    push = "tag invalid: The image tag '1.4.2' already exists in the 'orders' repository and cannot be overwritten"
    return [
        *[_task()] * 12,
        *[_service("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR")] * 3,
        *[_service("SERVICE_DEPLOYMENT_FAILED", "ERROR", "ECS Deployment State Change")] * 3,
        _service("SERVICE_DEPLOYMENT_COMPLETED", "INFO", "ECS Deployment State Change"),
        *[_call("ExecuteCommand", "ecs", requestParameters={"cluster": "shop", "task": _TASK, "container": "app"})] * 3,
        *[_call("UpdateService", "ecs")] * 2,
        _call("RunTask", "ecs", requestParameters={"cluster": "shop", "taskDefinition": "orders:7", "tags": [{"key": "a", "value": "b"}]}),
        *[_call("PutImage", "ecr", errorMessage=push, errorCode="ImageTagAlreadyExistsException",
                requestParameters={"registryId": ACCOUNT, "repositoryName": "orders", "imageTag": "1.4.2"})] * 2,
        _call("GetAuthorizationToken", "ecr", requestParameters=None),
    ]  # fmt: skip


@cache
def bases() -> tuple[str, ...]:
    """Every shape as JSON: those of `events/`, and those of the schema, which have more fields and come oftener."""
    gallery = [path.read_text("utf-8") for path in sorted(EVENTS.glob("*.json"))]
    return (*gallery, *(json.dumps(event) for event in _by_schema()))


_READ = frozenset(
    {
        "errorMessage", "errorCode", "stoppedReason", "reason", "name", "taskArn", "clusterArn", "taskDefinitionArn",
        "group", "launchType", "stopCode", "eventName", "cluster", "task", "container", "service", "arn", "image",
        "repositoryName", "imageTag", "availabilityZone", "startedBy", "deploymentId", "resources", "containers",
        "time", "stoppedAt", "exitCode", "version", "region", "id", "eventID", "requestParameters", "userAgent",
        "attachments", "managedAgents", "tags", "registryId", "stoppingAt", "taskDefinition", "serviceName",
    }
)  # fmt: skip
"""Fields that something reads: spoilt three times as often as the others."""


@cache
def _places(base: int) -> tuple[Path_, ...]:
    return _places_in(json.loads(bases()[base]))


def _weight(path: Path_, value: Json) -> int:
    """How often a place is spoilt: the envelope, without which nothing else is read, and what nothing reads, seldom."""
    if path[0] != "detail" or len(path) == 1:
        return 1
    telling = any(part in _READ for part in path[-2:])
    return (12 if isinstance(value, str) else 5) if telling else 2


def _places_in(event: Json) -> tuple[Path_, ...]:
    found: list[Path_] = []

    def walk(value: Json, path: Path_) -> None:
        if path:
            found.extend([path] * _weight(path, value))
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, item in items:
            walk(item, (*path, name))

    walk(event, ())
    return tuple(found)


class Spoilt(NamedTuple):
    """Where, by what means, and which of its variants."""

    place: int
    means: int
    variant: int


class Recipe(NamedTuple):
    """One event: a shape, what is spoilt in it, and the number of its first canary."""

    base: int
    spoilt: tuple[Spoilt, ...]


_OTHERS: tuple[Json, ...] = (
    None, True, False, 0, -1, 1, 255, 256, 2**31, 2**63, -(2**63), 10**40, 10**4000, 0.5, -0.0, 1e308, float("inf"), float("-inf"),
    float("nan"), "", " ", "null", "true", "0", "-1", "NaN", "1e999", "٣", "０", [], {}, [None], [[]], [{}], {"": ""}, {"a": None},
    [1, "a", None, {"b": []}], {"name": 5}, {"Fn::Sub": "${x}"}, "{}", "[]", '{"a": 1}',
)  # fmt: skip
_TIMES: tuple[Json, ...] = (
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00", "9999-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-15", "2026-W03-4", "20260115T090004Z", "09:00", "now", 0, -1, 1768467604,
    1768467604.5, 1e18, -62135596800, 253402300799, "1768467604", "2026-01-15T09:00:04", "2026-01-15T09:00:04+23:59", "2026-01-15 09:00",
    "2026-01-15T24:00:00Z", "2026-06-30T23:59:60Z", "-2026-01-15T09:00:00Z", "+12026-01-15T09:00:00Z", float("nan"), float("inf"),
)  # fmt: skip
_LENGTHS = (64, 255, 256, 1_024, 2_000, 5_999, 6_001, 16_384, 16_385, 66_000, 262_144)
_FILLERS = (
    "a",
    " ",
    "\n",
    "<",
    "`",
    "&",
    "é",
    "🦄",
    "e\u0301",
    "\x1b[",
    "=",
    "password=",
    "/",
    "arn:aws:",
    "a b ",
    ":",
    "*",
    "\\",
    '"',
    "x-",
    "\ud800",
)
_KEYS = (
    "stoppedReason",
    "reason",
    "errorMessage",
    "exitCode",
    "tags",
    "name",
    "resources",
    "__proto__",
    "",
    "detail",
    "time",
    "$ref",
)


def _swap(found: Json, variant: int) -> Json:
    return _OTHERS[variant % len(_OTHERS)]


def _text(found: Json, variant: int) -> Json:
    return hostile(variant, variant)


def _spliced(found: Json, variant: int) -> Json:
    """The same text with something hostile in it, so that its beginning, or its end, still says what it is."""
    text = found if isinstance(found, str) else ""
    middle = len(text) // 2
    if variant % 3 == 2 and (space := text.find(" ", middle)) >= 0:
        # As a word of its own: a secret that stands there already is still to be known, by its name and its length.
        return f"{text[:space]} {hostile(variant, variant)} {text[space:]}"
    cut = (len(text), 0, middle)[variant % 3]
    return text[:cut] + hostile(variant, variant) + text[cut:]


def _without_spaces(found: Json, variant: int) -> Json:
    """At the end of a name or an ARN, which hold none."""
    text = found if isinstance(found, str) else ""
    return text + "".join(INJECTIONS[variant % len(INJECTIONS)].text(f"{CANARY}{variant}").split())


def _several(found: Json, variant: int) -> Json:
    text = found if isinstance(found, str) else ""
    return " ".join([text, *(hostile(variant * 7 + one, variant + one) for one in range(2 + variant % 9))])


def _when(found: Json, variant: int) -> Json:
    return _TIMES[variant % len(_TIMES)]


def _long(found: Json, variant: int) -> Json:
    filler = _FILLERS[variant % len(_FILLERS)]
    length = _LENGTHS[variant // len(_FILLERS) % (len(_LENGTHS) if variant % 4 == 0 else 5)]
    text = (found if isinstance(found, str) else "") + filler * (length // len(filler) + 1)
    return text[:length]


def _many(found: Json, variant: int) -> Json:
    one = found[0] if isinstance(found, list) and found else found
    return [one] * (2_000 if variant % 16 == 0 else 2 + variant % 40)


def _deep(found: Json, variant: int) -> Json:
    value: Json = hostile(variant, variant)
    for level in range(30 if variant % 4 else 100 + variant % 800):
        value = [value] if (level + variant) % 2 else {"a": value}
    return value


_GONE = object()


def _gone(found: Json, variant: int) -> Any:
    return _GONE


def _more_keys(found: Json, variant: int) -> Json:
    more = {_KEYS[variant % len(_KEYS)]: hostile(variant, variant), hostile(variant + 1, variant): variant}
    return {**found, **more} if isinstance(found, dict) else more


_MEANS: tuple[Callable[[Json, int], Json], ...] = (
    *[_spliced] * 6, *[_text] * 3, *[_without_spaces] * 3, *[_several] * 2, *[_swap] * 2, _when, _gone, _more_keys, _long, _deep, _many,
)  # fmt: skip


def made(recipe: Recipe) -> Json:
    """The event that a recipe describes."""
    event: Json = json.loads(bases()[recipe.base])
    places = _places(recipe.base)
    for one in recipe.spoilt:
        _spoil(event, places[one.place % len(places)], one)
    return event


def _spoil(event: Json, path: Path_, how: Spoilt) -> None:
    parent: Any = event
    try:
        for part in path[:-1]:
            parent = parent[part]
        found = parent[path[-1]]
    except (LookupError, TypeError):
        return
    if isinstance(parent, str):
        return
    value: Any = _MEANS[how.means % len(_MEANS)](found, how.variant)
    if value is _GONE:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value


@cache
def task_events() -> tuple[int, ...]:
    """The numbers of the shapes that tell of a task's state."""
    return tuple(n for n, base in enumerate(bases()) if json.loads(base)["detail-type"] == "ECS Task State Change")


@cache
def other_events() -> tuple[int, ...]:
    """Those that tell of services, deployments and calls of the API."""
    return tuple(sorted({*range(len(bases()))} - {*task_events()}))


def recipes(shapes: Sequence[int]) -> st.SearchStrategy[Recipe]:
    """One spoilt event of one of these shapes."""
    return st.binary(min_size=_BYTES, max_size=_BYTES).map(lambda drawn: _recipe(drawn, shapes))


def batches(size: int, shapes: Sequence[int]) -> st.SearchStrategy[list[Recipe]]:
    """So many spoilt events at once."""
    return st.binary(min_size=size * _BYTES, max_size=size * _BYTES).map(
        lambda drawn: [_recipe(drawn[start : start + _BYTES], shapes) for start in range(0, size * _BYTES, _BYTES)]
    )


_MOST_SPOILT = 5
_BYTES = 2 + 5 * _MOST_SPOILT
"""Drawn for one event: its shape, how much is spoilt, and for each of that a place, the means and a variant."""


def _recipe(drawn: bytes, shapes: Sequence[int]) -> Recipe:
    spoilt = tuple(
        Spoilt(
            int.from_bytes(drawn[at : at + 2]), drawn[at + 2], int.from_bytes(drawn[at + 3 : at + 5]) % _MOST_VARIANTS
        )
        for at in range(2, 2 + 5 * (1 + drawn[1] % _MOST_SPOILT), 5)
    )
    return Recipe(shapes[drawn[0] % len(shapes)], spoilt)


_MOST_VARIANTS = 5_000


def replaced(event: Mapping[str, Any], recipe: Recipe) -> Any:
    """Another event than the recipe's own, spoilt in the same way."""
    copy: Json = json.loads(json.dumps(event))
    places = _places_in(copy)
    for one in recipe.spoilt:
        _spoil(copy, places[one.place % len(places)], one)
    return copy
