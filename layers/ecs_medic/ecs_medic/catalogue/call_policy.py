"""The least policy for a refused call: its resource without what changes with every call, its condition keys kept.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
"""

import re
from collections.abc import Iterable, Mapping

from ecs_medic.finding import JsonValue

_PASS_ROLE = "iam:PassRole"
_TAG_RESOURCE = "ecs:TagResource"
_ON_A_CLUSTER = frozenset({"ecs:RunTask", "ecs:StartTask"})
"""Asked for on the task definition, so that only a condition keeps the caller to a cluster."""
_REVISION = re.compile(r"(:task-definition/[^:/]+):\d+$")
_TASK = re.compile(r"(:task/[^/]+)/[0-9a-f]{32}$")
_TASKS = "ecs-tasks.amazonaws.com"


def call_policy(
    calls: Iterable[tuple[str, str]],
    *,
    cluster_arn: str | None = None,
    operation: str | None = None,
    passed_to: str = _TASKS,
) -> dict[str, JsonValue]:
    """A policy that allows these calls (action, resource), one statement for each resource and condition.

    `operation` is the API call that was made: what it does on its way is allowed on that way only. `passed_to` is the
    service to which roles are handed on.
    """
    gathered: dict[tuple[str, str], tuple[list[str], Mapping[str, JsonValue]]] = {}
    for action, resource in calls:
        condition = _condition(action, cluster_arn, operation, passed_to)
        actions, _ = gathered.setdefault((lasting(resource), repr(condition)), ([], condition))
        if action not in actions:
            actions.append(action)
    statements: list[JsonValue] = []
    for (resource, _), (actions, condition) in gathered.items():
        statement: dict[str, JsonValue] = {"Effect": "Allow", "Action": list[JsonValue](actions), "Resource": resource}
        statements.append({**statement, "Condition": dict(condition)} if condition else statement)
    return {"Version": "2012-10-17", "Statement": statements}


def lasting(resource: str) -> str:
    """The resource as a policy names it: revisions and task ids are new every time."""
    return _TASK.sub(r"\1/*", _REVISION.sub(r"\1:*", resource))


def _condition(action: str, cluster_arn: str | None, operation: str | None, passed_to: str) -> Mapping[str, JsonValue]:
    if action == _PASS_ROLE:
        return {"StringEquals": {"iam:PassedToService": passed_to}}
    if action == _TAG_RESOURCE and operation and operation != "TagResource":
        return {"StringEquals": {"ecs:CreateAction": operation}}
    if action in _ON_A_CLUSTER and cluster_arn:
        return {"ArnEquals": {"ecs:cluster": cluster_arn}}
    return {}
