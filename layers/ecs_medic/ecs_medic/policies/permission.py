"""May this role make this call, and if not, who says no?

Two witnesses: AWS's own simulation, which knows permissions boundary and service control policies but is approximate,
and the role's policies themselves, which show a denial when all of them were read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown
from ecs_medic.facts.iam import Policy, PolicyDocument, Role, SimulatedAction
from ecs_medic.facts.secrets import UNKNOWN_SUFFIX
from ecs_medic.finding import Evidence
from ecs_medic.policies.evaluate import Decision, evaluate
from ecs_medic.policies.principals import is_account

_SIMULATION = "iam:SimulatePrincipalPolicy"


class Standing(StrEnum):
    """Whether the call is allowed, as far as anybody can tell."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


class DeniedBy(StrEnum):
    """Who denies it.

    The role's own policies (by a Deny, or because none allows it), its boundary, an SCP, or a Deny of the resource's.
    """

    IDENTITY = "identity"
    RESOURCE = "resource_policy"
    BOUNDARY = "boundary"
    SCP = "scp"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Permission:
    """What is known of one call.

    `shown`: every policy that has a say was read, and together they show the denial. `denying_policies`: those of the
    role's that deny it outright. `unread`: what would have to be read to know, or to know for certain.
    """

    action: str
    resource: str
    standing: Standing
    evidence: tuple[Evidence, ...] = ()
    denied_by: DeniedBy | None = None
    shown: bool = False
    denying_policies: tuple[str, ...] = ()
    unread: Unknown | None = None


def permission(  # noqa: PLR0911 - one return for each witness that settles it
    role: Fact[Role],
    action: str,
    resource: str,
    *,
    resource_policy: Fact[PolicyDocument] | None = None,
    reported: bool = False,
    context: Mapping[str, str] | None = None,
) -> Permission:
    """What the witnesses say of one call. A role that does not exist is a matter of its own: unknown here.

    `resource_policy` is that of a resource in the role's own account whose policy may allow the call in the role's
    stead (a repository, a secret, a key), or deny it; None where no such policy has a say. `reported`: AWS has
    refused the call, so that no simulation can show that it is allowed, and no resource's policy allowed it either.
    `context` are condition keys that the call is known to carry, with their values.
    """
    known = context or {}
    if isinstance(role, Absent):
        return _unknown(action, resource, Unknown(role.source, f"the role does not exist: {role.detail}"))
    if isinstance(role, Unknown):
        return _unknown(action, resource, role)
    if isinstance(resource_policy, Known) and (
        denial := _denied_by_resource(role.value, action, resource, resource_policy, known)
    ):
        return denial
    simulated = _simulated(role.value, action)
    if simulated is not None and simulated.allows(resource):
        if reported:
            return _against_the_simulation(role.value, action, resource, known)
        evidence = Evidence(_SIMULATION, role.value.arn, f"{action} on {resource}: allowed")
        return Permission(action, resource, Standing.ALLOWED, (evidence,))
    if isinstance(role.value.policies, Known):
        judged = _by_policies(role.value, role.value.policies, action, resource, simulated, known)
        if resource_policy is None or reported:
            return judged
        return _with_resource_policy(judged, role.value, resource_policy)
    if simulated is not None:
        return _denied(action, resource, role.value, simulated, shown=False)
    return _unknown(action, resource, _first_unread(role.value))


def _denied_by_resource(
    role: Role, action: str, resource: str, policy: Known[PolicyDocument], known: Mapping[str, str]
) -> Permission | None:
    """A Deny in the resource's own policy, which no Allow overrides; the simulation was not asked about it."""
    decision = evaluate((policy.value,), action, resource, principal=role.arn, context=_context(role, known))
    if decision is not Decision.EXPLICIT_DENY:
        return None
    seen = Evidence(policy.source, resource, f"its own policy denies {action} to {role.arn}")
    return Permission(action, resource, Standing.DENIED, (seen,), denied_by=DeniedBy.RESOURCE, shown=True)


def _against_the_simulation(role: Role, action: str, resource: str, known: Mapping[str, str]) -> Permission:
    """The refused call that the simulation allows: denied, if likely only, where a policy of the role's says so."""
    if isinstance(role.policies, Known):
        judged = _by_policies(role, role.policies, action, resource, None, known)
        if judged.denying_policies:
            return replace(judged, shown=False)
    reason = f"AWS has refused {action}, which its simulation of the role's policies allows: something else denies it"
    return _unknown(action, resource, Unknown(_SIMULATION, reason))


def _context(role: Role, known: Mapping[str, str]) -> dict[str, str]:
    return {"aws:PrincipalArn": role.arn, "aws:SecureTransport": "true", **known}


def _by_policies(  # noqa: PLR0917 - what is asked, by whom, and what is known of it
    role: Role,
    policies: Known[tuple[Policy, ...]],
    action: str,
    resource: str,
    simulated: SimulatedAction | None,
    known: Mapping[str, str],
) -> Permission:
    context = _context(role, known)
    decision = evaluate((one.document for one in policies.value), action, resource, context=context)
    if decision is Decision.EXPLICIT_DENY:
        denying = tuple(
            one.name
            for one in policies.value
            if evaluate((one.document,), action, resource, context=context) is Decision.EXPLICIT_DENY
        )
        seen = Evidence(policies.source, role.arn, f"{', '.join(denying)} denies {action} on {resource}")
        return _denied(action, resource, role, simulated, shown=True, seen=seen, denying=denying)
    if decision is Decision.IMPLICIT_DENY:
        names = ", ".join(one.name.rsplit("/", 1)[-1] for one in policies.value) or "none at all"
        seen = Evidence(policies.source, role.arn, f"no policy allows {action} on {resource} (read: {names})")
        return _denied(action, resource, role, simulated, shown=not _is_open(resource), seen=seen)
    hangs_on_suffix = decision is Decision.UNDECIDED and _is_open(resource)
    if simulated is not None and not hangs_on_suffix:
        # The role's own policies allow it, or may: whoever denies it stands above them.
        return _denied(action, resource, role, simulated, shown=False, own_policies_allow=decision is Decision.ALLOWED)
    if decision is Decision.UNDECIDED:
        reason = f"the suffix of {resource} decides" if hangs_on_suffix else f"a condition leaves {action} open"
        return _unknown(action, resource, Unknown(policies.source, reason))
    if isinstance(role.simulation, Known):
        # The simulation was asked about other actions: this one is in nobody's question.
        return _unknown(action, resource, NOT_READ)
    above = role.simulation if isinstance(role.simulation, Unknown) else NOT_READ
    reason = f"the role's policies allow {action}; whether a boundary or an SCP denies it was not read"
    return _unknown(action, resource, Unknown(_SIMULATION, reason, above.missing_permission))


def _is_open(resource: str) -> bool:
    """Whether it is a secret whose ARN is not known to its end."""
    return resource.endswith(UNKNOWN_SUFFIX)


def _with_resource_policy(judged: Permission, role: Role, policy: Fact[PolicyDocument]) -> Permission:
    """A resource of the same account may allow what no policy of the role does, unless one of them denies it."""
    if not judged.shown or judged.denying_policies or isinstance(policy, Absent):
        return judged
    if not isinstance(policy, Known):
        return replace(judged, shown=False, unread=policy)
    decision = evaluate((_grants(policy.value),), judged.action, judged.resource, principal=role.arn)
    if decision is Decision.ALLOWED:
        seen = Evidence(policy.source, judged.resource, f"its own policy allows {judged.action} to {role.arn}")
        return Permission(judged.action, judged.resource, Standing.ALLOWED, (seen,))
    return replace(judged, shown=decision is not Decision.UNDECIDED)


def _grants(policy: PolicyDocument) -> PolicyDocument:
    """The policy without what it grants to whole accounts: that only lets the account's own policies decide."""
    statements = policy.get("Statement")
    items = statements if isinstance(statements, list | tuple) else [statements]
    return {**policy, "Statement": [one for one in items if not _is_for_an_account(one)]}


def _is_for_an_account(statement: object) -> bool:
    if not isinstance(statement, Mapping) or statement.get("Effect") != "Allow":
        return False
    principal = statement.get("Principal")
    names = principal.get("AWS") if isinstance(principal, Mapping) else None
    listed = names if isinstance(names, list | tuple) else [names]
    return all(isinstance(name, str) and is_account(name) for name in listed)


def _denied(
    action: str,
    resource: str,
    role: Role,
    simulated: SimulatedAction | None,
    *,
    shown: bool,
    seen: Evidence | None = None,
    denying: tuple[str, ...] = (),
    own_policies_allow: bool = False,
) -> Permission:
    evidence = [seen] if seen else []
    if simulated is not None:
        said = simulated.by_resource.get(resource, simulated.decision)
        evidence.append(Evidence(_SIMULATION, role.arn, f"{action} on {resource}: {said}{_above(simulated)}"))
    return Permission(
        action,
        resource,
        Standing.DENIED,
        tuple(evidence),
        denied_by=_who(simulated, own_policies_allow=own_policies_allow),
        shown=shown,
        denying_policies=denying,
        unread=role.policies if isinstance(role.policies, Unknown) else None,
    )


def _who(simulated: SimulatedAction | None, *, own_policies_allow: bool) -> DeniedBy:
    """Whoever stands highest: a change below would not help."""
    if simulated is not None and simulated.allowed_by_organizations is False:
        return DeniedBy.SCP
    if simulated is not None and simulated.allowed_by_boundary is False:
        return DeniedBy.BOUNDARY
    return DeniedBy.UNKNOWN if own_policies_allow else DeniedBy.IDENTITY


def _above(simulated: SimulatedAction) -> str:
    said = []
    if simulated.allowed_by_organizations is False:
        said.append("denied by a service control policy")
    if simulated.allowed_by_boundary is False:
        said.append("denied by the permissions boundary")
    if simulated.missing_context:
        said.append(f"conditions on {', '.join(simulated.missing_context)} not judged")
    return f" ({'; '.join(said)})" if said else ""


def _simulated(role: Role, action: str) -> SimulatedAction | None:
    return role.simulation.value.get(action.lower()) if isinstance(role.simulation, Known) else None


def _first_unread(role: Role) -> Unknown:
    facts: Iterable[object] = (role.simulation, role.policies)
    return next((fact for fact in facts if isinstance(fact, Unknown) and fact is not NOT_READ), NOT_READ)


def _unknown(action: str, resource: str, unread: Unknown) -> Permission:
    return Permission(action, resource, Standing.UNKNOWN, unread=unread)
