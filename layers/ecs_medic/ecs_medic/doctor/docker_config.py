"""What a docker client's configuration says of one registry: whether there is a login, never what is in it.

Source: https://docs.docker.com/reference/cli/docker/login/
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ecs_medic.needs.image import parse_image

LIFE = timedelta(hours=12)
"""How long Amazon ECR's tokens are good for."""


@dataclass(frozen=True, slots=True)
class Login:
    """A login that is written into the file itself.

    `expires` is what the token says of itself, None where it says nothing. `user` is AWS for every registry of Amazon
    ECR.
    """

    user: str
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class DockerConfig:
    """One `config.json`. `problem` is why it is not known what is in it; a file that is not there has nothing in it."""

    path: Path
    problem: str | None = None
    written: datetime | None = None
    logins: Mapping[str, Login | None] = field(default_factory=dict)
    """By registry; None where the login is in a store outside of the file."""
    helpers: Mapping[str, str] = field(default_factory=dict)
    """The program that hands out a registry's credentials, by registry."""
    store: str | None = None
    """The program that keeps everything else."""

    def helper_of(self, registry: str) -> str | None:
        """The helper's or the store's name for the registry; None where the file itself is the store."""
        return self.helpers.get(registry) or self.store

    @property
    def ecr_registries(self) -> tuple[str, ...]:
        """The private registries of Amazon ECR that the file names."""
        named = dict.fromkeys((*self.logins, *self.helpers))
        return tuple(host for host in named if _is_ecr(host))

    def token_expired(self, registry: str, now: datetime) -> datetime | None:
        """When the registry's token expired, at the latest; None where it has not, or nobody can tell.

        No token in a file is younger than the file: one that was written 12 hours ago holds none that is good.
        """
        login = self.logins.get(registry)
        if login is None:
            return None
        if login.expires is not None:
            return login.expires if login.expires <= now else None
        ends = self.written + LIFE if self.written else None
        return ends if ends is not None and ends <= now else None


def read_docker_config(path: Path) -> DockerConfig:
    """The file as far as it can be read and understood."""
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        document = json.loads(path.read_text())
    except FileNotFoundError:
        return DockerConfig(path)
    except OSError as error:
        return DockerConfig(path, f"{path} cannot be read: {error.strerror}")
    except ValueError:
        return DockerConfig(path, f"{path} is not JSON")
    if not isinstance(document, dict):
        return DockerConfig(path, f"{path} is not a JSON object")
    store = document.get("credsStore")
    return DockerConfig(
        path,
        None,
        written,
        dict(_logins(document)),
        {_host(key): str(value) for key, value in _mapping(document, "credHelpers").items() if value},
        store if isinstance(store, str) and store else None,
    )


def _logins(document: Mapping[str, Any]) -> Iterator[tuple[str, Login | None]]:
    for key, entry in _mapping(document, "auths").items():
        if not isinstance(entry, dict):
            continue
        try:
            decoded = base64.b64decode(str(entry.get("auth") or ""), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            decoded = ""
        user, colon, password = decoded.partition(":")
        if colon:
            yield _host(key), Login(user, _expiry(password.rstrip("\0")))
        elif entry.get("username") and entry.get("password"):
            yield _host(key), Login(str(entry["username"]))
        else:
            yield _host(key), None


def _expiry(token: str) -> datetime | None:
    """The moment that a token of Amazon ECR carries: it is JSON in base64, with the time in seconds."""
    try:
        moment = json.loads(base64.b64decode(token))["expiration"]
        return datetime.fromtimestamp(float(moment), UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return None


def _mapping(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    return value if isinstance(value, dict) else {}


def _host(key: str) -> str:
    """The registry of a key, which may be an old one that is an address: https://HOST/v1/."""
    return key.partition("://")[2].partition("/")[0] if "://" in key else key.partition("/")[0]


def _is_ecr(host: str) -> bool:
    image = parse_image(f"{host}/any")
    return image is not None and image.ecr is not None
