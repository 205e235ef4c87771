"""The call that a connection is for: an endpoint's policy judges calls, not packets."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecs_medic.needs.need import Need


@dataclass(frozen=True, slots=True)
class Request:
    """One action on one resource; `context` are the condition keys that are known of it, by name.

    `principal` is None where it is not a role of this account (Amazon ECR signs the addresses of image layers).
    """

    action: str
    resource: str
    principal: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)


def requests_of(need: Need) -> tuple[Request, ...]:
    """The calls that a need comes to."""
    context = {"aws:SecureTransport": "true"}
    if need.destination.region:
        context["aws:RequestedRegion"] = need.destination.region
    if need.role_arn:
        context["aws:PrincipalArn"] = need.role_arn
        context["aws:PrincipalAccount"] = need.role_arn.split(":")[4] if need.role_arn.count(":") >= 5 else ""
    return tuple(Request(action, resource, need.role_arn, context) for action, resource in need.calls)
