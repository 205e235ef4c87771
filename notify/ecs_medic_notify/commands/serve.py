"""`ecs-medic metadata serve`: the endpoint on a laptop."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ecs_medic_notify.endpoint import V4
from ecs_medic_notify.errors import BadInputError
from ecs_medic_notify.local.answers import LocalTask
from ecs_medic_notify.local.definition import (
    LAUNCH_TYPES,
    MOST_CONTAINERS,
    LocalContainer,
    LocalDefinition,
    family_of,
    read_definition,
)
from ecs_medic_notify.local.server import path_of, serving

DESCRIPTION = (
    "Answer like the task metadata endpoint version 4, until Ctrl-C, or while the command after -- runs: "
    "ecs-medic metadata serve --family orders-import -- python job.py"
)
PORT = 51680
_ZONE = re.compile(r"(?P<region>[a-z]{2,}(?:-[a-z]+)+-\d+)(?:-[a-z]+-\d+)?[a-z]")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_ANY = {"0.0.0.0", ""}  # noqa: S104 - compared, not bound


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add = parser.add_argument
    add("--task-definition", metavar="FILE", help="a task definition as JSON, to register or described; - for stdin")
    add("--family", metavar="NAME", help="the task definition's family (default: local)")
    add("--revision", metavar="N", type=int, help="its revision (default: 1)")
    add("--container", metavar="NAME[=IMAGE]", action="append", help="a container; repeatable (default: app)")
    add("--cpu", metavar="VCPU", type=float, help="the task's limit in vCPU, such as 0.25")
    add("--memory", metavar="MIB", type=int, help="the task's limit in MiB, such as 512")
    add("--launch-type", choices=LAUNCH_TYPES, help="(default: FARGATE)")
    add("--cluster", metavar="NAME", default="local", help="(default: local)")
    add("--service", metavar="NAME", help="the service that the task belongs to")
    add("--zone", metavar="ZONE", default="eu-west-1a", help="Availability Zone (default: eu-west-1a)")
    add("--account", metavar="NUMBER", default="123456789012", help="(default: 123456789012)")
    add("--address", metavar="ADDRESS", default="127.0.0.1", help="to listen on (default: 127.0.0.1)")
    add("--port", metavar="PORT", type=int, help=f"0 for any free one (default: {PORT}; with a command, any free one)")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Serve; the exit code is the command's, where there is one."""
    task = _task(given)
    port = given.port if given.port is not None else 0 if given.command else PORT
    if not 0 <= port <= 65535:
        raise BadInputError(f"--port: expected 0 to 65535, got {port}")
    with serving(task, given.address, port) as url:
        variables = [(one, f"{url}{path_of(task, one)}") for one in task.definition.containers]
        if given.command:
            return _run(given.command, variables[0][1])
        _until_told(lambda: _announce(task, variables, given.address))
    return 0


def _announce(task: LocalTask, variables: list[tuple[LocalContainer, str]], address: str) -> None:
    definition = task.definition
    several = len(variables) > 1
    for container, value in variables:
        print(f"export {V4}={value}" + (f"  # {container.name}" if several else ""), flush=True)
    everywhere = " on every address of this machine" if address in _ANY else ""
    sys.stderr.write(f"serving {definition.family}:{definition.revision}{everywhere} until Ctrl-C\n")


def _until_told(announce: Callable[[], None]) -> None:
    """Announce, and wait for Ctrl-C or SIGTERM: as a container's first process, Python would ignore that one."""
    told = threading.Event()
    with _handling(lambda *_: told.set()):
        announce()
        # In steps: where signals do not interrupt a wait (Windows), Ctrl-C still works.
        while not told.wait(0.5):
            pass


@contextmanager
def _handling(handler: Any) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, one in before.items():
            signal.signal(number, one)


def _run(command: list[str], value: str) -> int:
    """Run the command with the variable set, passing SIGTERM on; its exit code, 128 + n where signal n ended it."""
    try:
        process = subprocess.Popen(command, env={**os.environ, V4: value})  # noqa: S603 - the user's own command
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInputError(f"--: cannot run {command[0]!r}: {reason}") from None

    def pass_on(number: int, _: Any) -> None:
        # The terminal gives Ctrl-C to the command itself.
        if number == signal.SIGTERM:
            process.terminate()

    with _handling(pass_on):
        code = process.wait()
    return code if code >= 0 else 128 - code


def _task(given: argparse.Namespace) -> LocalTask:
    zone = _ZONE.fullmatch(given.zone)
    if zone is None:
        raise BadInputError(f"--zone: expected an Availability Zone such as eu-west-1a, got {given.zone[:40]!r}")
    if not re.fullmatch(r"\d{12}", given.account):
        raise BadInputError(f"--account: expected 12 digits, got {given.account[:40]!r}")
    for option, name in (("--cluster", given.cluster), ("--service", given.service)):
        if name is not None and not _NAME.fullmatch(name):
            raise BadInputError(f"{option}: expected a name of letters, digits, hyphens and underscores")
    return LocalTask(
        definition=_definition(given),
        cluster=given.cluster,
        zone=given.zone,
        region=zone["region"],
        account=given.account,
        started=datetime.now(timezone.utc),
        service=given.service,
    )


def _definition(given: argparse.Namespace) -> LocalDefinition:
    """The file's, or one made from nothing; options go before what a file says."""
    if given.task_definition is None:
        base = LocalDefinition(family="local", revision=1, containers=_containers(given.container or ["app"]))
    elif given.container:
        raise BadInputError("--container: the task definition names the containers, give one or the other")
    else:
        base = read_definition(given.task_definition)
    if given.revision is not None and given.revision < 1:
        raise BadInputError(f"--revision: expected a whole number from 1, got {given.revision}")
    if given.cpu is not None and not 0 < given.cpu <= 1024:
        raise BadInputError(f"--cpu: expected vCPU such as 0.25, got {given.cpu:g}")
    if given.memory is not None and not 0 < given.memory <= 2**31:
        raise BadInputError(f"--memory: expected MiB such as 512, got {given.memory}")
    launch_type = given.launch_type or base.launch_type
    changes: dict[str, Any] = {"launch_type": launch_type}
    if given.launch_type and launch_type == "FARGATE":
        changes["network_mode"] = "awsvpc"
    if given.family is not None:
        changes["family"] = family_of(given.family, "--family")
    changes.update(
        {name: getattr(given, name) for name in ("revision", "cpu", "memory") if getattr(given, name) is not None}
    )
    return replace(base, **changes)


def _containers(entries: list[str]) -> tuple[LocalContainer, ...]:
    containers = []
    for entry in entries:
        name, _, image = entry.partition("=")
        if not _NAME.fullmatch(name):
            raise BadInputError(f"--container: expected NAME or NAME=IMAGE, got {entry[:80]!r}")
        containers.append(LocalContainer(name=name, image=image or f"{name}:latest"))
    if len({one.name for one in containers}) < len(containers):
        raise BadInputError("--container: expected a name of its own for every container")
    if len(containers) > MOST_CONTAINERS:
        raise BadInputError(f"--container: expected at most {MOST_CONTAINERS}")
    return tuple(containers)
