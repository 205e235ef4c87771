"""The forms in which each AWS service reports the same trouble: denial, throttling, failure, bad credentials.

Sources: the "Common Errors" and "Common Error Types" pages of each service's API reference, and the EC2 page "Error
codes for the Amazon EC2 API".
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from sandbox import wire
from sandbox.wire import AwsCall, HttpAnswer

DEFAULT_PRINCIPAL = "arn:aws:sts::123456789012:assumed-role/ecs-medic-reader/ecs-medic"


class Kind(StrEnum):
    """What can go wrong with a call."""

    ACCESS_DENIED = "access_denied"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"
    EXPIRED_CREDENTIALS = "expired_credentials"
    INVALID_CREDENTIALS = "invalid_credentials"
    ERROR = "error"
    DELAY = "delay"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    DISCONNECT = "disconnect"
    EMPTY = "empty"
    """The true answer, with nothing in its lists."""
    PAGES = "pages"
    """The true answer's items among thousands of others, over several pages."""


ANSWERED = frozenset(
    {
        Kind.ACCESS_DENIED,
        Kind.THROTTLED,
        Kind.SERVER_ERROR,
        Kind.EXPIRED_CREDENTIALS,
        Kind.INVALID_CREDENTIALS,
        Kind.ERROR,
    }
)


class Form(NamedTuple):
    """Status, code and message of an error."""

    status: int
    code: str
    message: str


EXPIRED = "The security token included in the request is expired"
INVALID = "The security token included in the request is invalid."

BY_PROTOCOL: Mapping[Kind, Mapping[str, Form]] = {
    Kind.ACCESS_DENIED: {
        "json": Form(400, "AccessDeniedException", "{denial}"),
        "rest-json": Form(403, "AccessDeniedException", "{denial}"),
        "query": Form(403, "AccessDenied", "{denial}"),
        "rest-xml": Form(403, "AccessDenied", "{denial}"),
        "ec2": Form(403, "UnauthorizedOperation", "You are not authorized to perform this operation. {denial}"),
    },
    Kind.THROTTLED: {
        "json": Form(400, "ThrottlingException", "Rate exceeded"),
        "rest-json": Form(429, "TooManyRequestsException", "Rate exceeded"),
        "query": Form(400, "Throttling", "Rate exceeded"),
        "rest-xml": Form(503, "SlowDown", "Please reduce your request rate."),
        "ec2": Form(503, "RequestLimitExceeded", "Request limit exceeded."),
    },
    Kind.SERVER_ERROR: {
        "json": Form(500, "InternalFailure", "The request processing has failed because of an unknown error."),
        "rest-json": Form(500, "ServiceException", "The service encountered an internal error."),
        "query": Form(500, "InternalFailure", "The request processing has failed because of an unknown error."),
        "rest-xml": Form(500, "InternalError", "We encountered an internal error. Please try again."),
        "ec2": Form(500, "InternalError", "An internal error has occurred"),
    },
    Kind.EXPIRED_CREDENTIALS: {
        "json": Form(400, "ExpiredTokenException", EXPIRED),
        "rest-json": Form(403, "ExpiredTokenException", EXPIRED),
        "query": Form(403, "ExpiredToken", EXPIRED),
        "rest-xml": Form(400, "ExpiredToken", "The provided token has expired."),
        "ec2": Form(400, "RequestExpired", "Request has expired."),
    },
    Kind.INVALID_CREDENTIALS: {
        "json": Form(400, "UnrecognizedClientException", INVALID),
        "rest-json": Form(403, "UnrecognizedClientException", INVALID),
        "query": Form(403, "InvalidClientTokenId", INVALID),
        "rest-xml": Form(
            403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
        ),
        "ec2": Form(401, "AuthFailure", "AWS was not able to validate the provided access credentials"),
    },
}

# Services that differ from their protocol.
BY_SERVICE: Mapping[tuple[Kind, str], Form] = {
    (Kind.ACCESS_DENIED, "sqs"): Form(403, "AccessDenied", "{denial}"),
    (Kind.ACCESS_DENIED, "sns"): Form(403, "AuthorizationError", "{denial}"),
    (Kind.THROTTLED, "efs"): Form(429, "ThrottlingException", "Rate exceeded"),
    (Kind.THROTTLED, "sqs"): Form(403, "RequestThrottled", "Request is throttled."),
    (Kind.SERVER_ERROR, "ecs"): Form(500, "ServerException", "Service Unavailable. Please try again later."),
    (Kind.SERVER_ERROR, "ecr"): Form(500, "ServerException", "Service Unavailable. Please try again later."),
    (Kind.SERVER_ERROR, "logs"): Form(503, "ServiceUnavailableException", "The service cannot complete the request."),
    (Kind.SERVER_ERROR, "iam"): Form(
        500, "ServiceFailure", "The request processing has failed because of an unknown error, exception or failure."
    ),
    (Kind.SERVER_ERROR, "secretsmanager"): Form(500, "InternalServiceError", "An error occurred on the server side."),
    (Kind.SERVER_ERROR, "ssm"): Form(500, "InternalServerError", "An error occurred on the server side."),
    (Kind.SERVER_ERROR, "dynamodb"): Form(500, "InternalServerError", "The request could not be processed."),
    (Kind.SERVER_ERROR, "kms"): Form(500, "KMSInternalException", "The request was rejected due to an internal error."),
}


def form(kind: Kind, call: AwsCall) -> Form:
    """How this call's service words this trouble; KeyError for kinds that are no error answer."""
    by_service = BY_SERVICE.get((kind, call.service))
    return by_service or BY_PROTOCOL[kind].get(call.protocol, BY_PROTOCOL[kind]["json"])


def denial(call: AwsCall, principal: str, resource: str) -> str:
    """AWS's sentence for a missing identity-based permission."""
    where = f" on resource: {resource}" if call.protocol != "ec2" or resource != "*" else ""
    return (
        f"User: {principal} is not authorized to perform: {call.action}{where}"
        f" because no identity-based policy allows the {call.action} action"
    )


def answer(
    kind: Kind,
    call: AwsCall,
    *,
    principal: str = DEFAULT_PRINCIPAL,
    resource: str = "*",
    code: str | None = None,
    status: int | None = None,
    message: str | None = None,
) -> HttpAnswer:
    """The error answer for a call, in its service's form; code, status and message override the form's own."""
    worded = Form(400, "", "") if kind is Kind.ERROR else form(kind, call)
    text = message if message is not None else worded.message.format(denial=denial(call, principal, resource))
    error = wire.error(call, status or worded.status, code or worded.code, text)
    # The answer to HEAD has no body: all that is known is its status.
    return replace(error, body=b"") if call.operation.startswith("Head") else error
