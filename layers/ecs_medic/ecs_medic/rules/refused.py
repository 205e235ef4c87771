"""What the rules on refused calls share: the caller's policies decide where they were read, AWS's words where not."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Evidence, Finding, Fix, JsonValue, NotChecked, Outcome, Phase
from ecs_medic.incident import Incident, SymptomConfidence
from ecs_medic.policies.evaluate import open_conditions
from ecs_medic.policies.permission import DeniedBy
from ecs_medic.policies.refusal import ABOVE, Refusal, remedy_beyond
from ecs_medic.rules.callers import granting_commands, name_of
from ecs_medic.rules.roles.ruling import Case, ruling
from ecs_medic.vocabulary import Id

_FIRST_THE_CONDITIONS = (
    "First see whether the request meets the conditions on {keys}, under which a policy of the caller's speaks of this "
    "call already; then nothing needs to be allowed."
)

type Calls = tuple[tuple[str, str], ...]

_BY_THE_CALLER = frozenset({DeniedBy.IDENTITY, DeniedBy.UNKNOWN})
"""What AWS's own words may know better."""


@dataclass(frozen=True, slots=True)
class RefusedCase:
    """A call that IAM refused, and what would have to be allowed for it.

    `calls` are (action, resource); `grant` makes the fix that allows some of them, commands aside. `shares_decision`:
    the resource's own policy may allow them in the caller's stead. `context` are the condition keys that are known.
    """

    cause: Id
    phase: Phase
    what: str
    """What the caller wanted: "push to shop/orders"."""
    subject: str
    calls: Calls
    refusal: Refusal | None
    params: Mapping[str, JsonValue]
    grant: Callable[[Calls], Fix]
    shares_decision: bool = False
    context: Mapping[str, str] = field(default_factory=dict)


def refused(incident: Incident, facts: Facts, case: RefusedCase) -> Iterator[Outcome]:
    """A finding with the missing actions, or what is left to say. Where nothing was refused, what is allowed by now."""
    call = incident.refused_call
    principal = call.principal_arn if call else None
    reported = incident.symptom is case.cause
    found: list[Finding] = []
    if principal:
        judged = Case(
            cause=case.cause,
            phase=case.phase,
            role_arn=principal,
            calls=case.calls,
            params=case.params,
            what=case.what,
            shares_decision=case.shares_decision,
            reported=reported,
            refused=case.refusal.action if case.refusal else None,
            context=case.context,
        )
        for outcome in ruling(facts, judged):
            if isinstance(outcome, Finding):
                found.append(outcome)
            else:
                yield _about_the_caller(outcome, facts)
    if not found and not reported:
        return
    conditions = _open_conditions(facts, case, principal)
    completed = [_completed(one, case, principal) for one in found] or [_in_awss_words(incident, case, principal)]
    yield from (_under(conditions, one) for one in completed)
    if conditions:
        yield NotChecked(
            f"{case.cause}: the conditions on {', '.join(conditions)}",
            "the event does not tell what the request carried of these condition keys",
        )


def _about_the_caller(outcome: Outcome, facts: Facts) -> Outcome:
    """The caller of a call may be of another account by right; what it may do is read there."""
    if isinstance(outcome, NotChecked) and outcome.reason.startswith("the role belongs to another account"):
        return replace(outcome, reason=f"the caller is of another account than {facts.account}")
    return outcome


def _completed(finding: Finding, case: RefusedCase, principal: str | None) -> Finding:
    """With what the case knows, and the fix that helps against whoever denies it; AWS's words on that come first."""
    params = {**finding.params, **case.params}
    actions = _texts(params.get("actions"))
    denied_by, told = params.get("denied_by"), None
    if case.refusal and case.refusal.denied_by and case.refusal.action in actions:
        told = params["denied_by"] = case.refusal.denied_by
    found = replace(finding, params=params)
    if told in ABOVE and denied_by in _BY_THE_CALLER:
        return replace(found, fix=_beyond(case, principal) or finding.fix)
    if finding.fix.policy is None:
        return found
    missing = tuple(one for one in case.calls if one[0] in actions)
    return replace(found, fix=_beyond(case, principal) or _granted(case, principal, missing))


def _in_awss_words(incident: Incident, case: RefusedCase, principal: str | None) -> Finding:
    """What AWS says, where the caller's policies do not show it; which other calls are missing, nobody knows."""
    refusal, call = case.refusal, incident.refused_call
    who = name_of(principal) or (call.caller_arn if call else None) or "The caller"
    action = refusal.action if refusal else call.action if call else ""
    denier = ABOVE.get(refusal.denied_by or "") if refusal else None
    sure = incident.symptom_confidence is SymptomConfidence.CERTAIN
    words = incident.message.stopped_reason or incident.message.error_code or ""
    return Finding(
        cause=case.cause,
        confidence=Confidence.LIKELY if sure else Confidence.POSSIBLE,
        summary=f"{who} may not {case.what}: AWS refused {action}{f', denied by {denier}' if denier else ''}.",
        subject=principal or case.subject,
        phase=case.phase,
        fix=_beyond(case, principal) or _granted(case, principal, case.calls),
        params={
            **case.params,
            "actions": [action],
            "resources": list[JsonValue](dict.fromkeys(on for one, on in case.calls if one == action)),
            "denied_by": (refusal.denied_by if refusal else None) or "unknown",
        },
        evidence=(Evidence("event", case.subject, words),) if words else (),
    )


def _beyond(case: RefusedCase, principal: str | None) -> Fix | None:
    """What helps where no further Allow of the caller's does, by AWS's words."""
    refusal = case.refusal
    words = remedy_beyond(refusal, name_of(principal) or "the caller", refusal.action) if refusal else None
    return Fix(words) if words else None


def _granted(case: RefusedCase, principal: str | None, missing: Calls) -> Fix:
    fix = case.grant(missing)
    return replace(fix, cli=(*granting_commands(case.cause, principal, fix.policy), *fix.cli))


def _open_conditions(facts: Facts, case: RefusedCase, principal: str | None) -> tuple[str, ...]:
    """The condition keys by which a policy of the caller's decides, and whose values nobody knows."""
    role = facts.role(principal) if principal else None
    if not isinstance(role, Known) or not isinstance(role.value.policies, Known):
        return ()
    documents = [one.document for one in role.value.policies.value]
    context = {"aws:PrincipalArn": role.value.arn, "aws:SecureTransport": "true", **case.context}
    refused_action = case.refusal.action if case.refusal else None
    keys: dict[str, None] = {}
    for action, resource in case.calls:
        if refused_action in {None, action}:
            keys.update(dict.fromkeys(open_conditions(documents, action, resource, context=context)))
    return tuple(keys)


def _under(conditions: tuple[str, ...], finding: Finding) -> Finding:
    """A policy speaks of the call already, under conditions: then the request may be what has to change."""
    if not conditions or finding.fix.policy is None:
        return finding
    keys = ", ".join(conditions)
    fix = replace(
        finding.fix,
        steps=(
            _FIRST_THE_CONDITIONS.format(keys=keys),
            *finding.fix.steps,
        ),
    )
    confidence = Confidence.LIKELY if finding.confidence is Confidence.CONFIRMED else finding.confidence
    params = {**finding.params, "conditions": list[JsonValue](conditions)}
    return replace(finding, fix=fix, params=params, confidence=confidence)


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def caller_params(incident: Incident) -> dict[str, JsonValue]:
    """Who called what, where."""
    call = incident.refused_call
    return {
        "region": incident.region,
        "account": incident.account,
        "partition": incident.partition,
        "caller": call.caller_arn if call else None,
        "call": call.action if call else None,
    }
