"""Whoever called ECS may not make this call, or one that goes with it: hand on a role, tag what is created.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
"""

from collections.abc import Iterable, Mapping

from ecs_medic.catalogue.call_policy import call_policy
from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Fix, JsonValue, Outcome, Phase
from ecs_medic.incident import Incident, Kind
from ecs_medic.needs.refused_call import PASS_ROLE, TASKS, calls_in_question, context_of, passed_role
from ecs_medic.policies.principals import principal_matches
from ecs_medic.policies.refusal import refusal_in
from ecs_medic.rules.refused import Calls, RefusedCase, caller_params, refused
from ecs_medic.vocabulary import Id

_CAUSE = Id.CALLER_DENIED
_CONDITION_KEYS: Mapping[str, str] = {
    "ecs:UpdateService": "ecs:cluster, ecs:enable-execute-command, ecs:task-definition and aws:ResourceTag",
    "ecs:CreateService": "ecs:cluster, ecs:enable-execute-command, ecs:task-definition and aws:RequestTag",
    "ecs:RunTask": "ecs:cluster, ecs:enable-execute-command, ecs:capacity-provider and aws:RequestTag",
    "ecs:StartTask": "ecs:cluster, ecs:container-instances, ecs:enable-execute-command and aws:RequestTag",
    "ecs:StopTask": "ecs:cluster and aws:ResourceTag",
    "ecs:RegisterTaskDefinition": "ecs:compute-compatibility, ecs:privileged and aws:RequestTag",
    "ecs:TagResource": "ecs:CreateAction and aws:RequestTag",
    PASS_ROLE: "iam:PassedToService and iam:AssociatedResourceArn",
}
"""By which a policy may limit the action, as IAM writes them."""
_OTHER_SERVICES = ("ecs.amazonaws.com", "ec2.amazonaws.com")
"""To which roles of ECS's own work, and of its instances, are handed on."""


def caller_denied(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where the caller's policies were read and show it; else AWS's own words stand, with who denies it."""
    call = incident.refused_call
    if call is None or incident.kind is not Kind.API_CALL:
        return
    calls = calls_in_question(incident)
    action, resource = calls[0]
    params: dict[str, JsonValue] = {
        **caller_params(incident),
        "cluster": incident.cluster or None,
        "service": incident.service,
        "task_definition": incident.task_definition,
    }
    where = f" on {resource.split(':', 5)[-1]}" if resource != "*" else ""
    way = "" if action == call.action else f", which {call.action} takes"
    yield from refused(
        incident,
        facts,
        RefusedCase(
            cause=_CAUSE,
            phase=Phase.SERVICE,
            what=f"call {action}{where}{way}",
            subject=resource if resource != "*" else call.action,
            calls=calls,
            refusal=refusal_in(incident.message.stopped_reason),
            params=params,
            grant=lambda missing: _grant(incident, facts, missing, params),
            context=context_of(incident),
        ),
    )


def _grant(incident: Incident, facts: Facts, missing: Calls, params: Mapping[str, JsonValue]) -> Fix:
    call = incident.refused_call
    action, resource = missing[0]
    policy = call_policy(
        missing,
        cluster_arn=context_of(incident).get("ecs:cluster"),
        operation=call.operation if call else None,
        passed_to=_taker(incident, facts),
    )
    fix = fix_for(_CAUSE, params, policy=policy)
    where = "on every resource: AWS names none for this call" if resource == "*" else f"on {resource.split(':', 5)[-1]}"
    steps = [f"The policy allows {action} {where}, and nothing else; AmazonECS_FullAccess would allow all of ECS."]
    if keys := _CONDITION_KEYS.get(action):
        steps.append(f"Where it should hold for less, {action} can be limited by {keys}.")
    return Fix(fix.summary, steps=tuple(steps), policy=policy)


def _taker(incident: Incident, facts: Facts) -> str:
    """The service to which the role is handed on: tasks, unless the role's trust policy admits only another one."""
    arn = passed_role(incident)
    role = facts.role(arn) if arn else None
    trust = role.value.trust if isinstance(role, Known) else None
    if not isinstance(trust, Known) or _trusts(trust.value, TASKS):
        return TASKS
    return next((service for service in _OTHER_SERVICES if _trusts(trust.value, service)), TASKS)


def _trusts(document: Mapping[str, object], service: str) -> bool:
    statements = document.get("Statement")
    listed = statements if isinstance(statements, list | tuple) else [statements]
    return any(
        isinstance(one, Mapping)
        and one.get("Effect") == "Allow"
        and "Principal" in one
        and principal_matches(one["Principal"], service) is True
        for one in listed
    )
