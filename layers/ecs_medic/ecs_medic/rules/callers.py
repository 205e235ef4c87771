"""Whoever made a call that AWS refused, as every rule on callers sees them."""

import json
import shlex
from collections.abc import Mapping

from ecs_medic.finding import JsonValue
from ecs_medic.vocabulary import Id

_SSO_ROLE = "AWSReservedSSO_"


def name_of(principal: str | None) -> str | None:
    """The user's or role's own name, without its path."""
    return principal.rsplit("/", 1)[-1] if principal else None


def granting_commands(cause: Id, principal: str | None, policy: Mapping[str, JsonValue] | None) -> tuple[str, ...]:
    """What gives the policy to the caller; nothing where IAM does not let anybody change the caller's role."""
    name = name_of(principal)
    if not principal or not name or not policy or name.startswith(_SSO_ROLE):
        return ()
    document = shlex.quote(json.dumps(policy, separators=(",", ":")))
    kind = "user" if ":user/" in principal else "role"
    policy_name = cause.replace("_", "-")
    who = f"--{kind}-name {shlex.quote(name)}"
    return (f"aws iam put-{kind}-policy {who} --policy-name {policy_name} --policy-document {document}",)
