"""Who a resource policy speaks of.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import re
from collections.abc import Mapping

from ecs_medic.policies.ternary import Ternary, any_of

_ROLE = re.compile(r"arn:[^:]+:iam::(\d{12}):role/(?:.*/)?([^/]+)")
_SESSION = re.compile(r"arn:[^:]+:sts::(\d{12}):assumed-role/([^/]+)/.+")
_ACCOUNT = re.compile(r"(?:arn:[^:]+:iam::)?(\d{12})(?::root)?")


def principal_matches(element: object, principal: str | None) -> Ternary:
    """Whether a `Principal` element covers the principal: a role's ARN, a session's ARN, or a service's name.

    An account stands for everyone in it, a role for its sessions. What is malformed, and ids of deleted principals,
    stay undecided.
    """
    if element == "*":
        return True
    if not isinstance(element, Mapping):
        return None
    if principal is None:
        return True if _everyone(element.get("AWS")) else None
    answers: list[Ternary] = []
    for kind, values in element.items():
        names = [values] if isinstance(values, str) else values
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            return None
        answers.extend(_one_matches(str(kind), name, principal) for name in names)
    return any_of(answers)


def is_account(name: str) -> bool:
    """Whether a principal stands for a whole account."""
    return _ACCOUNT.fullmatch(name) is not None


def _everyone(values: object) -> bool:
    return values == "*" or (isinstance(values, list | tuple) and "*" in values)


def _one_matches(kind: str, name: str, principal: str) -> Ternary:
    if kind == "AWS":
        return name == "*" or _aws_matches(name, principal)
    return kind == "Service" and name.lower() == principal.lower()


def _aws_matches(name: str, principal: str) -> Ternary:
    if name == principal:
        return True
    if not principal.startswith("arn:"):
        return False
    if account := _ACCOUNT.fullmatch(name):
        return principal.split(":")[4:5] == [account[1]]
    named_role, role = _ROLE.fullmatch(name), _ROLE.fullmatch(principal)
    session, named_session = _SESSION.fullmatch(principal), _SESSION.fullmatch(name)
    if named_role and session:
        # A role's name is unique in its account, and its path is no part of a session's ARN.
        return named_role.groups() == session.groups()
    if named_session and role and named_session.groups() == role.groups():
        return None
    return False if name.startswith("arn:") else None
