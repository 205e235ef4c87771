"""Which calls are in question where AWS has refused one, and with which condition keys they came.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
"""

from collections.abc import Mapping

from ecs_medic.incident import Incident, Kind
from ecs_medic.needs.push import TOKEN, push_calls
from ecs_medic.vocabulary import Id

PASS_ROLE = "iam:PassRole"
PASSED_TO = "iam:PassedToService"
TASKS = "ecs-tasks.amazonaws.com"
"""The service to which the roles of tasks are passed."""

_REFUSED = frozenset({Id.PUSH_DENIED, Id.CALLER_DENIED})

type Call = tuple[str, str]
"""(action, resource)."""


def is_refused_call(incident: Incident) -> bool:
    """Whether IAM has refused the call, as opposed to the service itself."""
    return incident.refused_call is not None and incident.symptom in _REFUSED


def calls_in_question(incident: Incident) -> tuple[Call, ...]:
    """Of a push all of its calls, since it takes them all; else the one that AWS says it refused."""
    call = incident.refused_call
    if call is None:
        return ()
    if incident.kind is Kind.ECR_PUSH:
        return push_calls(incident)
    action = call.denied_action or call.action
    named = _resource(incident) if action == call.action else "*"
    return ((action, call.denied_resource or named),)


def simulations(calls: tuple[Call, ...]) -> tuple[tuple[Call, ...], ...]:
    """The calls that may be asked about together: an action without resources would spoil the answers of the others."""
    alone = tuple(one for one in calls if one[0] == TOKEN)
    others = tuple(one for one in calls if one[0] != TOKEN)
    return tuple(group for group in (alone, others) if group)


def context_of(incident: Incident) -> Mapping[str, str]:
    """The condition keys that the call is known to have carried."""
    call = incident.refused_call
    known = dict(call.context) if call else {}
    if any(action == PASS_ROLE for action, _ in calls_in_question(incident)):
        known[PASSED_TO] = TASKS
    return known


def passed_role(incident: Incident) -> str | None:
    """The role that the caller may not hand on, by ARN."""
    if incident.kind is not Kind.API_CALL:
        return None
    passed = (resource for action, resource in calls_in_question(incident) if action == PASS_ROLE)
    return next((arn for arn in passed if ":role/" in arn and "*" not in arn), None)


def _resource(incident: Incident) -> str:
    """What the call is asked for on, where AWS's words do not say: as far as the event names it."""
    own = f"arn:{incident.partition}:ecs:{incident.region}:{incident.account}"
    call = incident.refused_call
    if call and call.operation.endswith("Service") and incident.service and incident.cluster:
        return f"{own}:service/{incident.cluster}/{incident.service}"
    if call and call.operation in {"RunTask", "StartTask", "RegisterTaskDefinition"} and incident.family:
        return f"{own}:task-definition/{incident.family}:*"
    return "*"
