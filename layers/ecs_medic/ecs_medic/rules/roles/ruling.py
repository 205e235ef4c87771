"""What the rules on missing permissions share: the calls of one role, judged together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ecs_medic.catalogue.fix import role_fix
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
    message says that a call was denied, so that it did not; `refused` is the call's action where the message names it,
    which then says nothing of the others. `context` are condition keys that the call is known to carry.
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
    refused: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)

    def is_reported(self, action: str) -> bool:
        """Whether AWS's message is about this very action; a message that is cut short may end within its name."""
        return self.reported and (self.refused is None or action.lower().startswith(self.refused.lower()))


def ruling(facts: Facts, case: Case) -> Iterator[Outcome]:
    """A finding where any call is denied, ruled out where all are allowed, and what was not checked on the way.

    A role that nothing asked for yields nothing; of another account's, a namesake may have been read.
    """
    if _is_of_another_account(case.role_arn, facts.account):
        yield _not_checked_elsewhere(facts, case)
        return
    if facts.role(case.role_arn) is NOT_READ:
        return
    judged = [
        permission(
            facts.role(case.role_arn),
            action,
            resource,
            resource_policy=_resource_policy(facts, case, resource),
            reported=case.is_reported(action),
            context=case.context,
        )
        for action, resource in case.calls
    ]
    denied = [one for one in judged if one.standing is Standing.DENIED]
    if denied:
        yield _finding(case, denied)
    elif judged and not case.reported and all(one.standing is Standing.ALLOWED for one in judged):
        yield RuledOut(case.cause, tuple(dict.fromkeys(seen for one in judged for seen in one.evidence)))
    yield from _open_questions(case, judged)


def _is_of_another_account(role_arn: str, account: str) -> bool:
    fields = role_arn.split(":")
    return len(fields) > 4 and fields[4] != account


def _not_checked_elsewhere(facts: Facts, case: Case) -> NotChecked:
    actions = ", ".join(dict.fromkeys(action for action, _ in case.calls))
    return NotChecked(
        f"{case.cause}: whether {case.role_arn} may call {actions}",
        f"the role belongs to another account than the task, {facts.account}",
    )


def _open_questions(case: Case, judged: Sequence[Permission]) -> Iterator[NotChecked]:
    """One for each read that would have decided, or made certain."""
    asked = [(one, one.unread) for one in judged if not one.shown and one.unread and one.unread is not NOT_READ]
    actions = ", ".join(_actions(one for one, _ in asked))
    for unread in dict.fromkeys(unread for _, unread in asked):
        check = f"{case.cause}: whether {case.role_arn} may call {actions}"
        yield NotChecked(check, unread.reason, unread.missing_permission)


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
    """The policy that has a say beside the role's own.

    None across accounts, where the role's must allow it anyway and the resource's shows itself to nobody.
    """
    fields = resource.split(":")
    same_account = len(fields) > 4 and fields[4] == case.role_arn.split(":")[4]
    if not case.shares_decision or not same_account:
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
        summary=f"{params['role_name']} may not {case.what}: "
        f"{', '.join(actions)} {'is' if len(actions) == 1 else 'are'} {_DENIED[who]}.",
        subject=case.role_arn,
        phase=case.phase,
        fix=_fix(case, denied, who, params),
        params=params,
        evidence=tuple(dict.fromkeys(seen for one in denied for seen in one.evidence)),
    )


_DENIED = {
    DeniedBy.IDENTITY: "not granted by its policies",
    DeniedBy.BOUNDARY: "denied by its permissions boundary",
    DeniedBy.RESOURCE: "denied by the resource's own policy",
    DeniedBy.SCP: "denied by a service control policy of the organization",
    DeniedBy.UNKNOWN: "denied, though its own policies allow it",
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
    if who is DeniedBy.RESOURCE:
        resources = ", ".join(dict.fromkeys(one.resource for one in denied if one.denied_by is DeniedBy.RESOURCE))
        return Fix(
            f"Remove the Deny of {actions} from the policy of {resources}, or except {params['role_name']} from it; "
            "no Allow of the role's can override it.",
        )
    if who is DeniedBy.UNKNOWN:
        return Fix(
            f"Find out who denies {actions}: the role's own policies allow it, so look at its permissions boundary, "
            "at service control policies and at conditions.",
        )
    denying = sorted({name for one in denied for name in one.denying_policies})
    if denying:
        return Fix(f"Remove the Deny of {actions} from {', '.join(denying)}; another Allow cannot override it.")
    return role_fix(case.cause, params, least_policy((one.action, one.resource) for one in denied))


def _denier(denied: Sequence[Permission]) -> DeniedBy:
    found = {one.denied_by for one in denied}
    order = (DeniedBy.SCP, DeniedBy.BOUNDARY, DeniedBy.RESOURCE, DeniedBy.IDENTITY)
    return next((who for who in order if who in found), DeniedBy.UNKNOWN)


def _actions(permissions: Iterable[Permission]) -> list[str]:
    return list(dict.fromkeys(one.action for one in permissions))
