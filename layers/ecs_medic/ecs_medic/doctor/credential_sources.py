"""Where the AWS clients of this machine find their credentials: which source wins, and never what is in it.

The order is botocore's. Source: https://docs.aws.amazon.com/boto3/latest/guide/credentials.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from botocore.configloader import load_config, raw_config_parse
from botocore.exceptions import ConfigNotFound, ConfigParseError

RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
ENVIRONMENT = "the environment (AWS_ACCESS_KEY_ID)"


class Kind(StrEnum):
    """What kind of credentials a source gives."""

    STATIC_KEYS = "static_keys"
    TEMPORARY_KEYS = "temporary_keys"
    HALF_A_KEY = "half_a_key"
    ROLE = "role"
    SINGLE_SIGN_ON = "single_sign_on"
    PROGRAM = "program"
    BAD_PROFILE = "bad_profile"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Source:
    """The source that wins: its kind, and where it is, in words that end a sentence.

    `is_metadata`: it is the task's or the instance's own role, which hides nothing.
    """

    kind: Kind
    where: str
    detail: str = ""
    is_metadata: bool = False


def source_of(environment: Mapping[str, str], home: Path, *, instance_role: bool) -> Source:
    """The first source that has something; `instance_role` is whether this is an EC2 instance with a role.

    A profile that is named and not there stops every client, whatever else there is.
    """
    by_profile = _of_profile(environment, home)
    stops = by_profile if by_profile is not None and by_profile.kind is Kind.BAD_PROFILE else None
    found = stops or _of_environment(environment) or by_profile
    if found is not None:
        return found
    if environment.get(RELATIVE) or environment.get(FULL):
        return Source(Kind.ROLE, "the container credentials endpoint", is_metadata=True)
    if instance_role:
        return Source(Kind.ROLE, "the instance metadata service", is_metadata=True)
    return Source(Kind.NONE, "no source at all", is_metadata=True)


def _of_environment(environment: Mapping[str, str]) -> Source | None:
    key, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
    if key:
        where = ENVIRONMENT
        token = environment.get("AWS_SESSION_TOKEN") or environment.get("AWS_SECURITY_TOKEN")
        return _of_keys(key, secret, token, where, "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return None


def _of_keys(key: str, secret: str | None, token: str | None, where: str, *names: str) -> Source:
    if not secret:
        return Source(Kind.HALF_A_KEY, where, f"{names[0]} is missing")
    if key.startswith("ASIA") and not token:
        # The prefix of keys that AWS STS made, which nobody accepts without their token.
        return Source(Kind.HALF_A_KEY, where, f"the keys are temporary and {names[1]} is missing")
    return Source(Kind.TEMPORARY_KEYS if token else Kind.STATIC_KEYS, where)


def _of_profile(environment: Mapping[str, str], home: Path) -> Source | None:
    named = environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE")
    where = f"the profile {named or 'default'}"
    try:
        profile = profile_of(environment, home, named or "default")
    except (ConfigParseError, OSError) as error:
        return Source(Kind.BAD_PROFILE, where, f"the configuration cannot be read: {error}")
    if profile is None and named:
        return Source(Kind.BAD_PROFILE, where, "there is no such profile")
    return _in_order(profile or {}, environment, where)


def _in_order(profile: Mapping[str, Any], environment: Mapping[str, str], where: str) -> Source | None:
    if profile.get("role_arn"):
        return Source(Kind.ROLE, where, f"role {profile['role_arn']}")
    if environment.get("AWS_WEB_IDENTITY_TOKEN_FILE") and environment.get("AWS_ROLE_ARN"):
        return Source(Kind.ROLE, "a web identity token", f"role {environment['AWS_ROLE_ARN']}")
    if any(profile.get(name) for name in ("sso_account_id", "sso_session", "login_session")):
        return Source(Kind.SINGLE_SIGN_ON, where)
    if key := profile.get("aws_access_key_id"):
        return _of_keys(
            str(key), profile.get("aws_secret_access_key"), profile.get("aws_session_token"), where,
            "aws_secret_access_key", "aws_session_token",
        )  # fmt: skip
    return Source(Kind.PROGRAM, where, "credential_process") if profile.get("credential_process") else None


def profile_of(environment: Mapping[str, str], home: Path, name: str) -> dict[str, Any] | None:
    """The profile as both files have it, that of credentials first; None where neither knows it.

    Raises:
        ConfigParseError: a file is not in the format.
    """
    config = environment.get("AWS_CONFIG_FILE") or str(home / ".aws" / "config")
    credentials = environment.get("AWS_SHARED_CREDENTIALS_FILE") or str(home / ".aws" / "credentials")
    found: dict[str, Any] = {}
    known = False
    for profiles in (_profiles(config), _credentials(credentials)):
        if name in profiles:
            known = True
            found |= profiles[name]
    return found if known else None


def _profiles(path: str) -> Mapping[str, Any]:
    try:
        profiles: Mapping[str, Any] = load_config(path)["profiles"]
    except ConfigNotFound:
        return {}
    return profiles


def _credentials(path: str) -> Mapping[str, Any]:
    try:
        parsed: Mapping[str, Any] = raw_config_parse(path)
    except ConfigNotFound:
        return {}
    return parsed
