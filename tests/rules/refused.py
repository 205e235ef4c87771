"""Calls that were refused a minute ago, and what was read of those who made them."""

from dataclasses import replace
from typing import Any

from ecs_medic.facts import Facts
from ecs_medic.facts.images import Repository, RepositoryId
from ecs_medic.finding import Fix
from ecs_medic.incident import Incident, Kind, Message, RefusedCall
from ecs_medic.vocabulary import Id
from tests.builders import ACCOUNT, REGION, facts, incident, known, role, simulated

CALLER = f"arn:aws:iam::{ACCOUNT}:role/ci/builds"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/builds/main-217"
REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/shop/orders"
NAMED = RepositoryId(ACCOUNT, REGION, "shop/orders")
NOBODY = "because no identity-based policy allows the {} action"


def words(action: str, on: str | None, because: str = NOBODY) -> str:
    """As IAM words its refusals."""
    resource = f" on resource: {on}" if on else ""
    return f"User: {SESSION} is not authorized to perform: {action}{resource} {because.format(action)}"


def refused_push(
    action: str = "ecr:InitiateLayerUpload", *, because: str = NOBODY, call: Any = None, **changes: Any
) -> Incident:
    """A push to shop/orders that IAM refused; with another symptom, one that ECR did."""
    own = RefusedCall(
        "ecr", action.partition(":")[2], SESSION, issuer_arn=CALLER, registry=ACCOUNT, repository="shop/orders"
    )
    message = Message(
        Kind.ECR_PUSH, stopped_reason=words(action, REPOSITORY, because), error_code="AccessDeniedException"
    )
    return _incident(Id.PUSH_DENIED, Kind.ECR_PUSH, replace(own, **(call or {})), **{"message": message, **changes})


def refused_call(
    operation: str, action: str, on: str | None, *, because: str = NOBODY, call: Any = None, **changes: Any
) -> Incident:
    """A call of ECS that IAM refused."""
    own = RefusedCall(
        "ecs", operation, SESSION, issuer_arn=CALLER, denied_action=action, denied_resource=None if on == "*" else on
    )
    message = Message(Kind.API_CALL, stopped_reason=words(action, on, because), error_code="AccessDeniedException")
    return _incident(Id.CALLER_DENIED, Kind.API_CALL, replace(own, **(call or {})), **{"message": message, **changes})


def _incident(usual: Id, kind: Kind, call: RefusedCall, **changes: Any) -> Incident:
    alone = {"cluster": "", "service": None, "task_arn": None, "task_definition_arn": None, "launch_type": None}
    symptom = changes.pop("symptom", usual)
    return incident(symptom, **{**alone, "kind": kind, "refused_call": call, **changes})


def caller_with(*statements: object, decisions: dict[str, str] | None = None, **changes: Any) -> Facts:
    """The caller's policies, all read, and what the simulation says of them; the repository exists."""
    said = simulated(decisions) if decisions else None
    read = role(CALLER, *statements, **({"simulation": said} if said else {}))
    return facts(**{"roles": {CALLER: known(read)}, "repositories": {NAMED: there()}, **changes})


def there(mutability: str = "MUTABLE") -> Repository:
    """The repository, which exists."""
    return Repository(
        NAMED,
        found=known(NAMED, "ecr:DescribeRepositories"),
        tag_mutability=known(mutability, "ecr:DescribeRepositories"),
    )


def statements(fix: Fix) -> Any:
    """The statements of the fix's policy."""
    assert fix.policy is not None
    return fix.policy["Statement"]
