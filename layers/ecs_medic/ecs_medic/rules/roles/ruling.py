"""What the rules on missing permissions share: the calls of one role, judged together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Fact
from ecs_medic.facts.iam import PolicyDocument
from ecs_medic.finding import Confidence, Finding, Fix, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.policies.permission import DeniedBy, Permission, Standing, permission
from ecs_medic.vocabulary import Id


@dataclass(frozen=True, slots=True)
class Case:
    """A cause, and the calls (action, resource) that a role must be allowed for it not to be one.

    `shares_decision`: a policy of the resource itself may allow the call in the role's stead; `reported`: AWS's own
    message says that the call was denied, so that it did not.
    """

    cause: Id
    phase: Phase
    role_arn: str
    calls: tuple[tuple[str, str], ...]
    params: Mapping[str, JsonValue]
    what: str
    """What the role is needed for: "pull shop/orders:1"."""
    shares_decision: bool = False
    reported: bool = False


def ruling(facts: Facts, case: Case) -> Iterator[Outcome]:
    """A finding where any call is denied, not checked where any is unknown, ruled out where all are allowed.

    A role that nothing asked for yields nothing.
    """
    if facts.role(case.role_arn) is NOT_READ:
        return
    judged = [
        permission(facts.role(case.role_arn), action, resource, resource_policy=_resource_policy(facts, case, resource))
        for action, resource in case.calls
    ]
    denied = [one for one in judged if one.standing is Standing.DENIED]
    unknown = [one for one in judged if one.standing is Standing.UNKNOWN and one.unread is not NOT_READ]
    if denied:
        yield _finding(case, denied)
    for one in unknown[:1]:
        unread = one.unread
        yield NotChecked(
            f"{case.cause}: whether {case.role_arn} may call {', '.join(_actions(unknown))}",
            unread.reason if unread else "not read",
            unread.missing_permission if unread else None,
        )
    if judged and all(one.standing is Standing.ALLOWED for one in judged):
        yield RuledOut(case.cause, tuple(dict.fromkeys(seen for one in judged for seen in one.evidence)))


def least_policy(calls: Iterable[tuple[str, str]]) -> dict[str, JsonValue]:
    """The least policy that allows exactly these calls: one statement for each resource."""
    by_resource: dict[str, list[str]] = {}
    for action, resource in calls:
        actions = by_resource.setdefault(resource, [])
        if action not in actions:
            actions.append(action)
    statements: list[JsonValue] = [
        {"Effect": "Allow", "Action": list[JsonValue](actions), "Resource": resource}
        for resource, actions in by_resource.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _resource_policy(facts: Facts, case: Case, resource: str) -> Fact[PolicyDocument] | None:
    """The policy that has a say beside the role's own: none across accounts, where the role's must allow it anyway."""
    fields = resource.split(":")
    same_account = len(fields) > 4 and fields[4] == case.role_arn.split(":")[4]
    if not case.shares_decision or case.reported or not same_account:
        return None
    return facts.resource_policy(resource)


def _finding(case: Case, denied: Sequence[Permission]) -> Finding:
    who = _denier(denied)
    actions = _actions(denied)
    params: dict[str, JsonValue] = {
        **case.params,
        "role_arn": case.role_arn,
        "role_name": case.role_arn.rsplit("/", 1)[-1],
        "actions": list[JsonValue](actions),
        "resources": list[JsonValue](dict.fromkeys(one.resource for one in denied)),
        "denied_by": who.value,
    }
    shown = any(one.shown for one in denied)
    return Finding(
        cause=case.cause,
        confidence=Confidence.CONFIRMED if shown else Confidence.LIKELY,
        summary=f"{params['role_name']} may not {case.what}: {', '.join(actions)} {_DENIED[who]}.",
        subject=case.role_arn,
        phase=case.phase,
        fix=_fix(case, denied, who, params),
        params=params,
        evidence=tuple(dict.fromkeys(seen for one in denied for seen in one.evidence)),
    )


_DENIED = {
    DeniedBy.IDENTITY: "is not granted by its policies",
    DeniedBy.BOUNDARY: "is denied by its permissions boundary",
    DeniedBy.SCP: "is denied by a service control policy of the organization",
    DeniedBy.UNKNOWN: "is denied, though its own policies allow it",
}


def _fix(case: Case, denied: Sequence[Permission], who: DeniedBy, params: Mapping[str, JsonValue]) -> Fix:
    """A change of the role is advised only where it can help."""
    actions = ", ".join(_actions(denied))
    if who is DeniedBy.SCP:
        return Fix(
            f"Have whoever manages the organization's service control policies allow {actions} for this account; "
            "no change of the role can help.",
        )
    if who is DeniedBy.BOUNDARY:
        return Fix(
            f"Allow {actions} in the permissions boundary of {params['role_name']}; "
            "no change of the role's own policies can help.",
            cli=(f"aws iam get-role --role-name {params['role_name']} --query Role.PermissionsBoundary",),
        )
    if who is DeniedBy.UNKNOWN:
        return Fix(
            f"Find out who denies {actions}: the role's own policies allow it, so look at its permissions boundary, "
            "at service control policies and at conditions.",
        )
    denying = sorted({name for one in denied for name in one.denying_policies})
    if denying:
        return Fix(f"Remove the Deny of {actions} from {', '.join(denying)}; another Allow cannot override it.")
    return fix_for(case.cause, params, policy=least_policy((one.action, one.resource) for one in denied))


def _denier(denied: Sequence[Permission]) -> DeniedBy:
    found = {one.denied_by for one in denied}
    order = (DeniedBy.SCP, DeniedBy.BOUNDARY, DeniedBy.IDENTITY)
    return next((who for who in order if who in found), DeniedBy.UNKNOWN)


def _actions(permissions: Iterable[Permission]) -> list[str]:
    return list(dict.fromkeys(one.action for one in permissions))
