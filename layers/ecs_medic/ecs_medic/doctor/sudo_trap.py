"""Logging in as one user and pushing as another.

`docker login` writes into the configuration of whoever calls it, and `sudo docker push` reads that of root.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.docker_config import read_docker_config
from ecs_medic.doctor.docker_state import Asked, LoginState, login_state
from ecs_medic.doctor.users import User, Users
from ecs_medic.finding import JsonValue
from ecs_medic.needs.image import parse_image
from ecs_medic.vocabulary import Id

DOCKER = "docker_login"


def configuration_of(user: User, environment: Mapping[str, str]) -> Path:
    """The file that docker reads for the user; DOCKER_CONFIG counts for whoever has it in the environment."""
    folder = environment.get("DOCKER_CONFIG")
    return (Path(folder) if folder else user.home / ".docker") / "config.json"


def login_command(registry: str, *, sudo: bool = False) -> str:
    """The command that logs docker in to a registry of Amazon ECR."""
    image = parse_image(f"{registry}/any")
    region = image.ecr.region if image is not None and image.ecr is not None else "REGION"
    docker = "sudo docker" if sudo else "docker"
    return f"aws ecr get-login-password --region {region} | {docker} login --username AWS --password-stdin {registry}"


def sudo_checks(asked: Asked, who: Users, mine: LoginState, socket: Path) -> Iterator[Check]:
    """Whether the one who logs in and the one who pushes are two; `mine` is the state of whoever runs this."""
    if who.is_root:
        if who.behind is not None:
            yield from _behind_sudo(asked, who, who.behind, mine)
        return
    if not socket.exists():
        return
    if os.access(socket, os.W_OK):
        yield Check(
            DOCKER, "sudo", Status.OK, f"{who.me.name} may use docker without sudo, which would read root's logins"
        )
        return
    root = read_docker_config(who.root.home / ".docker" / "config.json")
    roots = login_state(root, asked)
    evidence: dict[str, JsonValue] = {"user": who.me.name, "pushes_as": "root", "configuration": str(root.path)}
    needs = f"{who.me.name} may not use {socket}, so docker needs sudo here, and `sudo docker` reads {root.path}"
    fix = f"Log in with sudo, too, or add {who.me.name} to the group docker."
    if roots.status is Status.OK:
        yield Check(DOCKER, "sudo", Status.OK, f"{needs}: {roots.reason}", evidence=evidence)
    elif roots.status is Status.BROKEN:
        yield Check(
            DOCKER, "sudo", Status.BROKEN, f"{needs}, which has no good login: {roots.reason}", fix,
            (login_command(asked.registry, sudo=True),), candidates=(Id.PUSH_NOT_AUTHENTICATED,), evidence=evidence,
        )  # fmt: skip
    else:
        yield Check(
            DOCKER, "sudo", Status.UNKNOWN, f"{needs}: {roots.reason}", fix,
            (login_command(asked.registry, sudo=True),), evidence=evidence,
        )  # fmt: skip


def _behind_sudo(asked: Asked, who: Users, behind: User, mine: LoginState) -> Iterator[Check]:
    """This runs by sudo: `mine` is what `sudo docker` sees, `behind`'s is what a plain `docker login` has written."""
    theirs = read_docker_config(behind.home / ".docker" / "config.json")
    here = configuration_of(who.me, asked.environment)
    evidence: dict[str, JsonValue] = {
        "user": behind.name,
        "pushes_as": "root",
        "configuration": str(here),
        "configuration_of_user": str(theirs.path),
    }
    if here == theirs.path:
        reason = f"sudo keeps {behind.name}'s home here: docker reads {here} with and without it"
        yield Check(DOCKER, "sudo", Status.OK, reason, evidence=evidence)
        return
    other = login_state(theirs, asked)
    if mine.there is False and other.there:
        yield Check(
            DOCKER,
            "sudo",
            Status.BROKEN,
            f"{behind.name} is logged in to {asked.registry} ({theirs.path}), and `sudo docker push` reads {here}, "
            "which has no good login: it ends with no basic auth credentials",
            f"Push without sudo (add {behind.name} to the group docker), or log in with sudo, too.",
            (login_command(asked.registry, sudo=True),),
            candidates=(Id.PUSH_NOT_AUTHENTICATED,),
            evidence=evidence,
        )
    elif mine.there and other.there is False:
        yield Check(
            DOCKER,
            "sudo",
            Status.BROKEN,
            f"root is logged in to {asked.registry} ({here}), and {behind.name} is not: push with sudo only",
            f"Log in as {behind.name}, too, where {behind.name} is to push.",
            (login_command(asked.registry),),
            advisory=True,
            candidates=(Id.PUSH_NOT_AUTHENTICATED,),
            evidence=evidence,
        )
    elif mine.there and other.there:
        reason = f"docker has a login for {asked.registry} with and without sudo"
        yield Check(DOCKER, "sudo", Status.OK, reason, evidence=evidence)
