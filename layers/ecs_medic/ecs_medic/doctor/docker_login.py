"""Whether docker is logged in to the account's registry."""

from collections.abc import Iterator
from pathlib import Path

from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.docker_config import read_docker_config
from ecs_medic.doctor.docker_state import Asked, login_state
from ecs_medic.doctor.sudo_trap import DOCKER, configuration_of, login_command, sudo_checks
from ecs_medic.doctor.users import Users
from ecs_medic.finding import JsonValue

SOCKET = Path("/var/run/docker.sock")


def docker_checks(asked: Asked, who: Users, socket: Path = SOCKET) -> Iterator[Check]:
    """The login of whoever runs this, and whether sudo would read another's."""
    registry = asked.registry
    own = read_docker_config(configuration_of(who.me, asked.environment))
    mine = login_state(own, asked)
    others = [host for host in own.ecr_registries if host != registry]
    evidence: dict[str, JsonValue] = {
        "registry": registry,
        "user": who.me.name,
        "configuration": str(own.path),
        "other_registries": [*others],
    }
    beside = f"; it has logins for {', '.join(others)}" if others and mine.status is Status.BROKEN else ""
    yield Check(
        DOCKER,
        registry,
        mine.status,
        f"{mine.reason}{beside}",
        "" if mine.status is Status.OK else "Log in as the user who pushes; a login lasts 12 hours.",
        () if mine.status is Status.OK else (login_command(registry),),
        candidates=mine.candidates,
        evidence=evidence,
    )
    yield from sudo_checks(asked, who, mine, socket)
