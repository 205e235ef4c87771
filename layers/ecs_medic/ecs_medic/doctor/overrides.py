"""Endpoints that are told to be elsewhere: by the environment that AWS's own clients read, or by an option.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
"""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from ecs_medic.doctor.target import Target
from ecs_medic.redaction import redact

SERVICE_VARIABLES = {
    "ecr.api": "AWS_ENDPOINT_URL_ECR",
    "ecs": "AWS_ENDPOINT_URL_ECS",
    "kms": "AWS_ENDPOINT_URL_KMS",
    "logs": "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
    "s3": "AWS_ENDPOINT_URL_S3",
    "secretsmanager": "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "ssm": "AWS_ENDPOINT_URL_SSM",
    "sts": "AWS_ENDPOINT_URL_STS",
}
"""By service; docker and the agent of ECS Exec, which go to the others, know no such variable."""
_EVERY_SERVICE = "AWS_ENDPOINT_URL"


class BadEndpointError(ValueError):
    """The address is none; the text names what it was given by."""


def overridden(target: Target, environment: Mapping[str, str], options: Mapping[str, str]) -> Target:
    """The target where its clients are sent; `options` are addresses by service.

    Raises:
        BadEndpointError: an address that was given cannot be used.
    """
    by, url = _given(target.name, environment, options)
    if by is None:
        return target
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
        parts = urlsplit("")
    if not host or parts.scheme not in {"http", "https"}:
        raise BadEndpointError(f"{by}: expected an address such as https://host:443, got {redact(url)[:80]!r}")
    secure = parts.scheme == "https"
    port = port or (443 if secure else 80)
    override = f"{by}={parts.scheme}://{host}:{port}"
    return replace(target, host=host, port=port, secure=secure, override=override, instead_of=target.host)


def _given(name: str, environment: Mapping[str, str], options: Mapping[str, str]) -> tuple[str | None, str]:
    if name in options:
        return f"--endpoint {name}", options[name]
    if name not in SERVICE_VARIABLES or environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None, ""
    for variable in (SERVICE_VARIABLES[name], _EVERY_SERVICE):
        if environment.get(variable):
            return variable, environment[variable]
    return None, ""
