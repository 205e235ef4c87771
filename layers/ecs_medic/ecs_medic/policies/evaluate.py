"""Whether policy documents allow one action on one resource.

The same function judges identity policies, permissions boundaries, trust policies and endpoint policies: each is a
list of statements. It computes what the documents *say*; who else has a say (an SCP, a resource's own policy) is the
caller's to know.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from ecs_medic.facts.iam import PolicyDocument
from ecs_medic.policies.conditions import conditions_hold
from ecs_medic.policies.patterns import action_matches, resource_matches
from ecs_medic.policies.principals import principal_matches
from ecs_medic.policies.ternary import Ternary, all_of, any_of, negate


class Decision(StrEnum):
    """What the documents come to."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit_deny"
    IMPLICIT_DENY = "implicit_deny"
    """Nothing allows it."""
    UNDECIDED = "undecided"
    """A condition, a variable or a malformed statement leaves it open."""


def evaluate(
    documents: Iterable[PolicyDocument],
    action: str,
    resource: str = "*",
    *,
    principal: str | None = None,
    context: Mapping[str, str] | None = None,
) -> Decision:
    """What the documents together decide about `action` on `resource`. Never raises on a document's content.

    `principal` (a role's or a session's ARN, or a service's name) matters only where statements name principals.
    `context` are condition keys with their values; a key that is not in it is unknown.
    """
    known = {key.lower(): value for key, value in (context or {}).items()}
    allows: list[Ternary] = []
    denies: list[Ternary] = []
    for document in documents:
        for statement in _statements(document):
            effect = statement.get("Effect") if statement is not None else None
            if statement is None or effect not in ("Allow", "Deny"):
                # Nobody can say what the author meant: it may allow, and it may deny.
                allows.append(None)
                denies.append(None)
                continue
            applies = _applies(statement, action, resource, principal, known)
            (allows if effect == "Allow" else denies).append(applies)
    return _decide(any_of(allows), any_of(denies))


def open_conditions(
    documents: Iterable[PolicyDocument],
    action: str,
    resource: str = "*",
    *,
    principal: str | None = None,
    context: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """The condition keys that leave it open: those of statements that speak of this call, and that `context` lacks."""
    known = {key.lower(): value for key, value in (context or {}).items()}
    found: dict[str, None] = {}
    for document in documents:
        for statement in _statements(document):
            block = statement.get("Condition") if statement is not None else None
            if statement is None or not isinstance(block, Mapping):
                continue
            plain = {name: value for name, value in statement.items() if name != "Condition"}
            if (
                _applies(plain, action, resource, principal, known) is False
                or conditions_hold(block, known) is not None
            ):
                continue
            keys = (key for keys in block.values() if isinstance(keys, Mapping) for key in keys)
            found.update(dict.fromkeys(str(key) for key in keys if str(key).lower() not in known))
    return tuple(found)


def _decide(allowed: Ternary, denied: Ternary) -> Decision:
    if denied:
        return Decision.EXPLICIT_DENY
    if allowed is False:
        return Decision.IMPLICIT_DENY
    if allowed is None or denied is None:
        return Decision.UNDECIDED
    return Decision.ALLOWED


def _statements(document: object) -> Iterator[Mapping[str, object] | None]:
    """Every statement; None for what is not one."""
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    items = statements if isinstance(statements, list | tuple) else [statements]
    for item in items:
        yield item if isinstance(item, Mapping) else None


def _applies(
    statement: Mapping[str, object], action: str, resource: str, principal: str | None, context: Mapping[str, str]
) -> Ternary:
    return all_of(
        (
            _action_covered(statement, action),
            _principal_covered(statement, principal),
            _resource_covered(statement, resource, context),
            conditions_hold(statement["Condition"], context) if "Condition" in statement else True,
        )
    )


def _action_covered(statement: Mapping[str, object], action: str) -> Ternary:
    wanted, excepted = _strings(statement.get("Action")), _strings(statement.get("NotAction"))
    if wanted is not None:
        return any_of(action_matches(pattern, action) for pattern in wanted)
    if excepted is not None:
        return negate(any_of(action_matches(pattern, action) for pattern in excepted))
    return None


def _resource_covered(statement: Mapping[str, object], resource: str, context: Mapping[str, str]) -> Ternary:
    if "Resource" in statement:
        patterns = _strings(statement["Resource"])
        return None if patterns is None else any_of(resource_matches(one, resource, context) for one in patterns)
    if "NotResource" in statement:
        patterns = _strings(statement["NotResource"])
        return (
            None if patterns is None else negate(any_of(resource_matches(one, resource, context) for one in patterns))
        )
    # A trust policy names no resource: it is attached to the one it speaks of.
    return True if _names_principals(statement) else None


def _principal_covered(statement: Mapping[str, object], principal: str | None) -> Ternary:
    if "Principal" in statement:
        return principal_matches(statement["Principal"], principal)
    if "NotPrincipal" in statement:
        return negate(principal_matches(statement["NotPrincipal"], principal))
    return True


def _names_principals(statement: Mapping[str, object]) -> bool:
    return "Principal" in statement or "NotPrincipal" in statement


def _strings(value: object) -> list[str] | None:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        return None
    return list(items)
