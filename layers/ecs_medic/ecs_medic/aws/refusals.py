"""Why AWS did not make a change: each reason asks for another answer, so they are told apart.

Sources: the API references' "Errors" sections of each operation, and
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from dataclasses import dataclass
from enum import StrEnum

from botocore import exceptions as botocore_errors

from ecs_medic.aws.errors import (
    AwsUnavailable,
    in_short,
    is_about_credentials,
    is_denied,
    is_not_found,
    is_throttled,
)
from ecs_medic.aws.permissions import named_permission, permission_for


class Reason(StrEnum):
    """Why a change was not made, or why nobody knows whether it was."""

    DENIED = "denied"
    THROTTLED = "throttled"
    CONFLICT = "conflict"
    """Something is in the way: it exists already, it is in use, its name is taken."""
    LIMIT = "limit"
    """A quota is used up."""
    GONE = "gone"
    """What the change names does not exist."""
    INVALID = "invalid"
    """AWS does not take the request as it is."""
    UNSURE = "unsure"
    """No answer came, or one of AWS's own errors: it may have been made all the same."""
    STOPPED = "stopped"
    """Not asked at all: changes are switched off."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A change that AWS did not confirm; `source` is the call ("ec2:CreateVpcEndpoint")."""

    source: str
    reason: Reason
    words: str
    missing_permission: str | None = None


_CONFLICT = frozenset(
    {
        "DependencyViolation",
        "DuplicateSubnetsInSameZone",
        "EntityAlreadyExists",
        "IdempotentParameterMismatch",
        "InvalidGroup.Duplicate",
        "InvalidGroup.InUse",
        "InvalidPermission.Duplicate",
        "OperationAbortedException",
        "ResourceAlreadyExistsException",
        "ResourceInUseException",
        "RouteAlreadyExists",
        "UpdateInProgressException",
    }
)

_CONFLICT_WORDS = ("conflicting dns domain", "already exists")
"""EC2 reports a private name that is taken as InvalidParameter."""

_LIMIT = frozenset(
    {
        "InsufficientFreeAddressesInSubnet",
        "NetworkInterfaceLimitExceeded",
        "ResourceLimitExceeded",
        "RouteLimitExceeded",
        "RulesPerSecurityGroupLimitExceeded",
        "SecurityGroupLimitExceeded",
        "SecurityGroupsPerInterfaceLimitExceeded",
        "ServiceQuotaExceededException",
        "VpcEndpointLimitExceeded",
    }
)

_LIMIT_NOT_THROTTLE = frozenset({("iam", "LimitExceededException"), ("logs", "LimitExceededException")})
"""For most services this code speaks of the rate of calls, for these of a quota."""


def from_client_error(service: str, operation: str, error: botocore_errors.ClientError) -> Refused:
    """What AWS's error answer to a change amounts to.

    Raises:
        AwsUnavailable: the credentials themselves are refused.
    """
    code = str(error.response.get("Error", {}).get("Code") or "error")
    message = str(error.response.get("Error", {}).get("Message") or "")
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
    source = f"{service}:{operation}"
    words = in_short(code, message)
    if is_about_credentials(code):
        raise AwsUnavailable(f"AWS refuses the credentials ({source}): {words}") from error
    if is_denied(code):
        permission = named_permission(message) or permission_for(service, operation)
        return Refused(source, Reason.DENIED, words, permission)
    return Refused(source, _reason(service, operation, code, message, status), words)


def from_botocore_error(service: str, operation: str, error: botocore_errors.BotoCoreError) -> Refused:
    """What a failure on this side of the wire amounts to: a request that was sent may have been carried out.

    Raises:
        AwsUnavailable: there are no credentials to ask with.
    """
    source = f"{service}:{operation}"
    if isinstance(error, botocore_errors.NoCredentialsError | botocore_errors.PartialCredentialsError):
        raise AwsUnavailable(f"no usable AWS credentials: {error}") from error
    if isinstance(error, botocore_errors.ParamValidationError):
        return Refused(source, Reason.INVALID, in_short(type(error).__name__, str(error)))
    return Refused(source, Reason.UNSURE, in_short(type(error).__name__, str(error)))


def _reason(service: str, operation: str, code: str, message: str, status: int) -> Reason:
    words = message.lower()
    if code in _LIMIT or (service, code) in _LIMIT_NOT_THROTTLE:
        return Reason.LIMIT
    if is_throttled(code):
        return Reason.THROTTLED
    if code in _CONFLICT or any(one in words for one in _CONFLICT_WORDS):
        return Reason.CONFLICT
    if is_not_found(service, operation, code, message):
        return Reason.GONE
    return Reason.UNSURE if status >= 500 else Reason.INVALID
