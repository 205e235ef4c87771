"""Telling AWS's errors apart: not there, not allowed, not now, or no way to ask at all.

Each protocol and service has its own codes, so they are data. What is in none of the tables is *unknown* with AWS's
own words: never an absence.
"""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import ParseError

from botocore import exceptions as botocore_errors
from botocore.parsers import ResponseParserError

from ecs_medic.aws.permissions import named_permission, permission_for
from ecs_medic.facts.fact import Absent, Unknown


class AwsUnavailable(Exception):  # noqa: N818 - it names a condition of the world, as the caller sees it
    """AWS cannot be asked at all: no credentials, expired or wrong ones, or no endpoint that answers."""


_DENIED = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Client.UnauthorizedOperation",
        "Forbidden",
        "NotAuthorized",
        "UnauthorizedAccess",
        "UnauthorizedOperation",
    }
)

_THROTTLED = frozenset(
    {
        "Client.RequestLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)

_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    }
)

_NOT_FOUND: Mapping[str, frozenset[str]] = {
    "cloudtrail": frozenset({"TrailNotFoundException"}),
    "cloudformation": frozenset({"StackNotFoundException"}),
    "ecr": frozenset({"RepositoryNotFoundException", "ImageNotFoundException", "RepositoryPolicyNotFoundException"}),
    "ecs": frozenset(
        {
            "ClusterNotFoundException",
            "ResourceNotFoundException",
            "ServiceNotActiveException",
            "ServiceNotFoundException",
            "TaskSetNotFoundException",
        }
    ),
    "efs": frozenset({"AccessPointNotFound", "FileSystemNotFound", "MountTargetNotFound", "PolicyNotFound"}),
    "elbv2": frozenset({"ListenerNotFound", "LoadBalancerNotFound", "TargetGroupNotFound"}),
    "iam": frozenset({"NoSuchEntity", "NoSuchEntityException"}),
    "kms": frozenset({"NotFoundException"}),
    "lambda": frozenset({"ResourceNotFoundException"}),
    "logs": frozenset({"ResourceNotFoundException"}),
    "s3": frozenset(
        {
            "NoSuchBucket",
            "NoSuchBucketPolicy",
            "NoSuchKey",
            "NotFound",
            "ServerSideEncryptionConfigurationNotFoundError",
        }
    ),
    "secretsmanager": frozenset({"ResourceNotFoundException"}),
    "sqs": frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}),
    "ssm": frozenset({"ParameterNotFound", "ParameterVersionNotFound"}),
}

_NOT_FOUND_BY_WORDS: Mapping[tuple[str, str], re.Pattern[str]] = {
    # ECS has no code of its own for a task definition that does not exist.
    ("ecs:DescribeTaskDefinition", "ClientException"): re.compile(
        r"unable to describe task definition|does not exist|not found", re.IGNORECASE
    ),
}

_NO_CREDENTIALS = (
    botocore_errors.NoCredentialsError,
    botocore_errors.PartialCredentialsError,
    botocore_errors.CredentialRetrievalError,
    botocore_errors.TokenRetrievalError,
    botocore_errors.SSOError,
    botocore_errors.ProfileNotFound,
    botocore_errors.NoAuthTokenError,
    botocore_errors.NoRegionError,
    botocore_errors.LoginError,
    botocore_errors.ConfigNotFound,
    botocore_errors.ConfigParseError,
    botocore_errors.InvalidConfigError,
)

_NO_CONNECTION = (
    botocore_errors.EndpointConnectionError,
    botocore_errors.ConnectTimeoutError,
    botocore_errors.ProxyConnectionError,
    botocore_errors.SSLError,
)

UNREADABLE = (ResponseParserError, ParseError, AttributeError, KeyError, TypeError, ValueError)
"""What botocore's parsers raise where a body has not the form that the service's model promises.

The XML parser's own is that of GetBucketLocation, which no model describes: botocore reads its body by hand.
"""

_LONGEST_REASON = 300
"""Characters of AWS's own words that are kept."""


def from_client_error(
    service: str, operation: str, error: botocore_errors.ClientError, *, at_home: bool = True
) -> Absent | Unknown:
    """The fact that AWS's error answer amounts to.

    `at_home` is false for a call into another Region than the incident's: one that the account has not opted into
    refuses good credentials, which says nothing about the rest.

    Raises:
        AwsUnavailable: the credentials themselves are refused.
    """
    source = f"{service}:{operation}"
    code = str(error.response.get("Error", {}).get("Code") or "")
    message = str(error.response.get("Error", {}).get("Message") or "")
    if code in _CREDENTIALS and at_home:
        raise AwsUnavailable(f"AWS refuses the credentials ({source}): {_short(code, message)}") from error
    if code in _DENIED:
        permission = named_permission(message) or permission_for(service, operation)
        return Unknown(source, f"denied: {_short(code, message)}", permission)
    if code in _THROTTLED:
        return Unknown(source, f"throttled: {_short(code, message)}")
    if _says_not_found(service, source, code, message):
        return Absent(source, _short(code, message))
    return Unknown(source, _short(code or "error", message))


def from_botocore_error(service: str, operation: str, error: botocore_errors.BotoCoreError) -> Unknown:
    """The fact that a failure on this side of the wire amounts to.

    Raises:
        AwsUnavailable: there are no credentials to ask with.
    """
    source = f"{service}:{operation}"
    if isinstance(error, _NO_CREDENTIALS):
        raise AwsUnavailable(f"no usable AWS credentials: {error}") from error
    if isinstance(error, _NO_CONNECTION):
        return Unknown(source, f"endpoint not reached: {_short(type(error).__name__, str(error))}")
    if isinstance(error, botocore_errors.ReadTimeoutError):
        return Unknown(source, "timed out")
    return Unknown(source, _short(type(error).__name__, str(error)))


def is_not_found(service: str, operation: str, code: str, message: str) -> bool:
    """Whether AWS's error says that what the call names does not exist."""
    return _says_not_found(service, f"{service}:{operation}", code, message)


def is_denied(code: str) -> bool:
    """Whether the code says that the caller may not."""
    return code in _DENIED


def is_throttled(code: str) -> bool:
    """Whether the code says that the caller asks too often."""
    return code in _THROTTLED


def is_about_credentials(code: str) -> bool:
    """Whether the code refuses the credentials themselves."""
    return code in _CREDENTIALS


def in_short(code: str, message: str) -> str:
    """AWS's words as they are kept: the code, and the message without what nobody can read."""
    return _short(code, message)


def _says_not_found(service: str, source: str, code: str, message: str) -> bool:
    if code in _NOT_FOUND.get(service, ()):
        return True
    if service == "ec2":
        # InvalidVpcID.NotFound, InvalidSubnetID.NotFound, NatGatewayNotFound …: one scheme for dozens of resources.
        return code.endswith((".NotFound", "GatewayNotFound"))
    words = _NOT_FOUND_BY_WORDS.get((source, code))
    return words is not None and words.search(message) is not None


def _short(code: str, message: str) -> str:
    # The encoded authorization message is of no use to a reader, and long.
    words = " ".join(message.split("Encoded authorization failure message:", maxsplit=1)[0].split())
    text = f"{code}: {words}" if words else code
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"
