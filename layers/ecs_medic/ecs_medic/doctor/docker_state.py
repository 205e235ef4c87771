"""Whether one docker configuration has a login for a registry, and one that is still good."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecs_medic.doctor.check import Status
from ecs_medic.doctor.docker_config import DockerConfig
from ecs_medic.doctor.program import NotRun, run
from ecs_medic.vocabulary import Id

_ECR_HELPER = "ecr-login"
_ECR_USER = "AWS"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of every configuration: the registry, and what it takes to answer."""

    registry: str
    environment: Mapping[str, str]
    now: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class LoginState:
    """What one configuration holds for one registry; `there` is whether it has a login at all, None: nobody knows."""

    status: Status
    reason: str
    there: bool | None
    candidates: tuple[Id, ...] = ()


def login_state(config: DockerConfig, asked: Asked) -> LoginState:
    """Whether the configuration has a login for the registry, and one that is still good."""
    if config.problem is not None:
        return LoginState(Status.UNKNOWN, config.problem, None)
    helper = config.helper_of(asked.registry)
    return _in_file(config, asked) if helper is None else _kept_by(helper, config, asked)


def _in_file(config: DockerConfig, asked: Asked) -> LoginState:
    registry = asked.registry
    login = config.logins.get(registry)
    if login is None:
        reason = f"docker has no login for {registry} in {config.path}"
        return LoginState(Status.BROKEN, reason, False, (Id.PUSH_NOT_AUTHENTICATED,))
    if login.user != _ECR_USER:
        reason = f"the login for {registry} in {config.path} is of the user {login.user!r}: Amazon ECR takes AWS only"
        return LoginState(Status.BROKEN, reason, False, (Id.PUSH_NOT_AUTHENTICATED,))
    expired = config.token_expired(registry, asked.now)
    if expired is not None:
        reason = f"the login for {registry} in {config.path} expired by {expired:%Y-%m-%d %H:%M} UTC"
        return LoginState(Status.BROKEN, reason, True, (Id.PUSH_TOKEN_EXPIRED,))
    if login.expires is None:
        reason = f"docker has a login for {registry} in {config.path}; whether it has expired cannot be told"
        return LoginState(Status.UNKNOWN, reason, True)
    reason = f"docker is logged in to {registry} until {login.expires:%Y-%m-%d %H:%M} UTC ({config.path})"
    return LoginState(Status.OK, reason, True)


def _kept_by(helper: str, config: DockerConfig, asked: Asked) -> LoginState:
    registry = asked.registry
    program = f"docker-credential-{helper}"
    path = shutil.which(program, path=asked.environment.get("PATH", ""))
    if path is None:
        reason = f"{config.path} leaves {registry} to {program}, which is not on the PATH"
        return LoginState(Status.BROKEN, reason, False, (Id.PUSH_NOT_AUTHENTICATED,))
    if helper == _ECR_HELPER:
        reason = f"{program} logs docker in to {registry} by itself, with the credentials of the environment"
        return LoginState(Status.OK, reason, True)
    # `list` names registries and users, and no secret.
    listed = run([path, "list"], asked.environment, asked.seconds)
    kept = None if isinstance(listed, NotRun) else _registries(listed)
    if kept is None:
        said = f": {listed.reason}" if isinstance(listed, NotRun) else ""
        return LoginState(Status.UNKNOWN, f"{program} keeps docker's logins and does not say which{said}", None)
    if registry not in kept:
        reason = f"docker has no login for {registry}: {program} keeps its logins, and has none for it"
        return LoginState(Status.BROKEN, reason, False, (Id.PUSH_NOT_AUTHENTICATED,))
    reason = f"docker has a login for {registry}, kept by {program}; whether it has expired cannot be told"
    return LoginState(Status.UNKNOWN, reason, True)


def _registries(listed: str) -> frozenset[str] | None:
    try:
        found: Any = json.loads(listed)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    return frozenset(str(key).partition("://")[2].partition("/")[0] if "://" in key else key for key in found)
