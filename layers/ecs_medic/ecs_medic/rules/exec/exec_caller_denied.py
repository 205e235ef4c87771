"""Whoever called may not open a session here: AWS has refused the call, or one that the client makes on the way.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.finding import Finding, Fix, JsonValue, Outcome, Phase
from ecs_medic.incident import Incident
from ecs_medic.needs.exec_caller import EXECUTE_COMMAND, is_refused, refused_calls
from ecs_medic.policies.refusal import ABOVE, Refusal, refusal_in, remedy_beyond
from ecs_medic.rules.callers import granting_commands, name_of
from ecs_medic.rules.exec.caller import caller_params
from ecs_medic.rules.reported import reported
from ecs_medic.rules.roles.ruling import Case, least_policy, ruling
from ecs_medic.vocabulary import Id

_CAUSE = Id.EXEC_CALLER_DENIED
_START_SESSION = "ssm:StartSession"


def exec_caller_denied(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Certain where the caller's policies were read and show it; else AWS's own words stand, with who denies it."""
    if not is_refused(incident):
        return
    refusal = refusal_in(incident.message.stopped_reason)
    calls = refused_calls(incident, facts, refusal.action if refusal else None, refusal.resource if refusal else None)
    params = _params(incident, facts, refusal, calls)
    principal = incident.exec_attempt.principal_arn if incident.exec_attempt else None
    found: list[Finding] = []
    if principal:
        case = Case(
            cause=_CAUSE,
            phase=Phase.EXEC,
            role_arn=principal,
            calls=calls,
            params=params,
            what="open a session here",
            reported=refusal is not None and refusal.resource is not None,
        )
        for outcome in ruling(facts, case):
            if isinstance(outcome, Finding):
                found.append(outcome)
            else:
                yield outcome
    for finding in found:
        yield replace(finding, params={**finding.params, **params}, fix=_fix_of(finding, params, principal))
    if not found:
        yield from _in_awss_words(incident, refusal, params, principal)


def _params(
    incident: Incident, facts: Facts, refusal: Refusal | None, calls: tuple[tuple[str, str], ...]
) -> dict[str, JsonValue]:
    params = caller_params(incident, facts)
    params["actions"] = list[JsonValue](dict.fromkeys(action for action, _ in calls))
    params["resources"] = list[JsonValue](dict.fromkeys(resource for _, resource in calls))
    if refusal and refusal.denied_by:
        params["denied_by"] = refusal.denied_by
    return params


def _in_awss_words(
    incident: Incident, refusal: Refusal | None, params: Mapping[str, JsonValue], principal: str | None
) -> Iterable[Finding]:
    who = name_of(principal) or "The caller"
    actions = ", ".join(map(str, _list(params, "actions")))
    denier = ABOVE.get(refusal.denied_by or "") if refusal else None
    how = f": denied by {denier}" if denier else ""
    for finding in reported(
        _CAUSE, incident, phase=Phase.EXEC, summary=f"{who} may not call {actions}{how}.", params=params
    ):
        yield replace(finding, params={**params}, fix=_fix(refusal, params, principal))


def _fix_of(finding: Finding, params: Mapping[str, JsonValue], principal: str | None) -> Fix:
    """The ruling's own advice where a Deny, a boundary or an SCP is behind it; else the policy that is missing."""
    if finding.params.get("denied_by") == "identity" and finding.fix.policy is not None:
        return _grant(params, principal)
    return finding.fix


def _fix(refusal: Refusal | None, params: Mapping[str, JsonValue], principal: str | None) -> Fix:
    actions = ", ".join(map(str, _list(params, "actions")))
    beyond = remedy_beyond(refusal, name_of(principal) or "the caller", actions) if refusal else None
    if beyond:
        return Fix(beyond)
    return _grant(params, principal)


def _grant(params: Mapping[str, JsonValue], principal: str | None) -> Fix:
    actions = [str(action) for action in _list(params, "actions")]
    if actions == [EXECUTE_COMMAND]:
        fix = fix_for(_CAUSE, params)
    else:
        resources = [str(resource) for resource in _list(params, "resources")] or ["*"]
        fix = fix_for(_CAUSE, params, policy=least_policy((one, to) for one in actions for to in resources))
        fix = replace(fix, summary=_other_call(actions))
    return replace(fix, cli=granting_commands(_CAUSE, principal, fix.policy))


def _other_call(actions: list[str]) -> str:
    if actions == [_START_SESSION]:
        return (
            "Open the session with `aws ecs execute-command`, which needs no ssm:StartSession; "
            "allow ssm:StartSession only where a session must go past ECS, for a tunnel."
        )
    return f"Allow {', '.join(actions)} for the caller, beside ecs:ExecuteCommand."


def _list(params: Mapping[str, JsonValue], name: str) -> list[JsonValue]:
    value = params.get(name)
    return value if isinstance(value, list) else []
