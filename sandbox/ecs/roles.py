"""What an IAM role of this account may do, decided from moto's IAM state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from sandbox.ecs.policies import Document, Verdict, judge, load

TASKS_PRINCIPAL = "ecs-tasks.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call is refused, in the words that AWS ends its message with."""

    because: str


def find(account: str, region: str, role_arn: str) -> Any:
    """The role with this ARN, or None."""
    backend = iam_backends[account][get_partition(region)]
    return next((role for role in backend.roles.values() if role.arn == role_arn), None)


def trusts_tasks(role: Any) -> bool:
    """Whether ECS may assume the role for a task."""
    document = load(role.assume_role_policy_document)
    return judge([document], "sts:AssumeRole", "*", {}, TASKS_PRINCIPAL) is Verdict.ALLOW


def refusal(  # noqa: PLR0917 - whose, who, what, on what, and with which condition keys
    account: str, region: str, role: Any, action: str, resource: str, keys: Mapping[str, str] | None = None
) -> Refusal | None:
    """None when the role's identity policies and its boundary allow the call; `keys` are its condition keys.

    Service control policies are not part of this account.
    """
    own = {"aws:principalarn": role.arn, "aws:principalaccount": account, "aws:requestedregion": region}
    context = {**own, **(keys or {})}
    identity = judge(_identity_documents(role), action, resource, context)
    if identity is Verdict.DENY:
        return Refusal("with an explicit deny in an identity-based policy")
    if role.permissions_boundary_arn:
        boundary = judge(_boundary_documents(account, region, role), action, resource, context)
        if boundary is Verdict.DENY:
            return Refusal("with an explicit deny in a permissions boundary")
        if boundary is Verdict.SILENT:
            return Refusal(f"because no permissions boundary allows the {action} action")
    if identity is Verdict.SILENT:
        return Refusal(f"because no identity-based policy allows the {action} action")
    return None


def _identity_documents(role: Any) -> list[Document]:
    managed = [_default_version(policy) for policy in role.managed_policies.values()]
    return [load(text) for text in [*role.policies.values(), *managed]]


def _boundary_documents(account: str, region: str, role: Any) -> list[Document]:
    policies = iam_backends[account][get_partition(region)].managed_policies
    policy = policies.get(role.permissions_boundary_arn)
    return [] if policy is None else [load(_default_version(policy))]


def _default_version(policy: Any) -> Any:
    return next(v.document for v in policy.versions if v.version_id == policy.default_version_id)
