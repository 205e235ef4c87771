"""What the stand-in pretends to be: from options, or from a task definition as JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecs_medic_notify.errors import BadInputError

LAUNCH_TYPES = ("FARGATE", "EC2", "MANAGED_INSTANCES")
MOST_CONTAINERS = 10
"""ECS allows as many in a task definition."""
_LARGEST_FILE = 1024 * 1024
_FAMILY = re.compile(r"[A-Za-z0-9_-]{1,255}")
_VCPU = re.compile(r"(?P<number>\d*\.?\d+)\s*(?P<unit>vcpu)?", re.IGNORECASE)
_MEMORY = re.compile(r"(?P<number>\d*\.?\d+)\s*(?P<unit>[gm]i?b)?", re.IGNORECASE)


@dataclass(frozen=True)
class LocalContainer:
    """A container of the pretended task; `cpu` in CPU units, `memory` in MiB, None where there is no limit."""

    name: str
    image: str
    cpu: int | None = None
    memory: int | None = None
    labels: tuple[tuple[str, str], ...] = ()
    log_driver: str | None = None
    log_options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class LocalDefinition:
    """A task definition as far as the endpoint shows it; `cpu` in vCPU, `memory` in MiB, None for no limit."""

    family: str
    revision: int
    containers: tuple[LocalContainer, ...]
    cpu: float | None = None
    memory: int | None = None
    network_mode: str = "awsvpc"
    launch_type: str = "FARGATE"


def read_definition(name: str) -> LocalDefinition:
    """The task definition in a file, `-` for standard input: what `register-task-definition` takes as input, or what
    `describe-task-definition` prints.

    Raises:
        BadInputError: it cannot be read, or is no task definition.
    """
    try:
        raw = sys.stdin.buffer.read(_LARGEST_FILE + 1) if name == "-" else _bytes(Path(name))
    except OSError as error:
        raise BadInputError(f"--task-definition: cannot read {name}: {error.strerror}") from None
    if len(raw) > _LARGEST_FILE:
        raise BadInputError(f"--task-definition: {name} is larger than {_LARGEST_FILE} bytes")
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise BadInputError(f"--task-definition: {name} is not JSON") from None
    return definition_of(value)


def definition_of(value: Any) -> LocalDefinition:
    """The task definition that the JSON describes, in either form.

    Raises:
        BadInputError: a field that is needed is missing, or one is unusable; the message names it.
    """
    if isinstance(value, Mapping) and isinstance(value.get("taskDefinition"), Mapping):
        value = value["taskDefinition"]
    if not isinstance(value, Mapping):
        raise BadInputError("--task-definition: expected a task definition as a JSON object")
    entries = value.get("containerDefinitions")
    if not isinstance(entries, list) or not entries or len(entries) > MOST_CONTAINERS:
        raise _bad("containerDefinitions", f"one to {MOST_CONTAINERS} containers")
    containers = tuple(_container(one, index) for index, one in enumerate(entries))
    if len({one.name for one in containers}) < len(containers):
        raise _bad("containerDefinitions", "a name of its own for every container")
    launch_type = _launch_type(value)
    return LocalDefinition(
        family=family_of(value.get("family"), "--task-definition: family"),
        revision=_revision(value.get("revision")),
        containers=containers,
        cpu=_vcpu(value.get("cpu")),
        memory=_mib(value.get("memory"), "memory"),
        network_mode=_network_mode(value, launch_type),
        launch_type=launch_type,
    )


def family_of(value: Any, field: str) -> str:
    """A family's name as ECS allows it; BadInputError else."""
    if not isinstance(value, str) or not _FAMILY.fullmatch(value):
        raise BadInputError(f"{field}: expected up to 255 letters, digits, hyphens and underscores, got {value!r:.80}")
    return value


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LARGEST_FILE + 1)


def _bad(field: str, expected: str) -> BadInputError:
    return BadInputError(f"--task-definition: {field}: expected {expected}")


def _container(value: Any, index: int) -> LocalContainer:
    field = f"containerDefinitions[{index}]"
    if not isinstance(value, Mapping):
        raise _bad(field, "an object")
    name, image = value.get("name"), value.get("image")
    if not isinstance(name, str) or not _FAMILY.fullmatch(name):
        raise _bad(f"{field}.name", "a container's name")
    if not isinstance(image, str) or not image:
        raise _bad(f"{field}.image", "an image")
    log = value.get("logConfiguration")
    log = log if isinstance(log, Mapping) else {}
    return LocalContainer(
        name=name,
        image=image,
        cpu=_whole(value.get("cpu"), f"{field}.cpu"),
        memory=_whole(value.get("memory"), f"{field}.memory"),
        labels=_pairs(value.get("dockerLabels")),
        log_driver=log["logDriver"] if isinstance(log.get("logDriver"), str) else None,
        log_options=_pairs(log.get("options")),
    )


def _whole(value: Any, field: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _bad(field, "a whole number")
    return value or None


def _revision(value: Any) -> int:
    if value is None:
        return 1
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _bad("revision", "a whole number from 1")
    return value


def _vcpu(value: Any) -> float | None:
    """`"256"` and `256` are CPU units, `".25 vCPU"` is in vCPU, as RegisterTaskDefinition has it."""
    if value is None:
        return None
    match = _VCPU.fullmatch(str(value).strip())
    if match is None or isinstance(value, bool):
        raise _bad("cpu", 'CPU units such as "256", or vCPU such as ".25 vCPU"')
    number = float(match["number"])
    return (number if match["unit"] else number / 1024) or None


def _mib(value: Any, field: str) -> int | None:
    """`"512"` and `512` are MiB, `"1 GB"` is 1024 MiB, as RegisterTaskDefinition has it."""
    if value is None:
        return None
    match = _MEMORY.fullmatch(str(value).strip())
    if match is None or isinstance(value, bool):
        raise _bad(field, 'MiB such as "512", or "1 GB"')
    giga = (match["unit"] or "").lower().startswith("g")
    return int(float(match["number"]) * (1024 if giga else 1)) or None


def _launch_type(value: Mapping[str, Any]) -> str:
    """What the definition asks to be compatible with; Fargate where it allows that or does not say."""
    asked = value.get("requiresCompatibilities")
    asked = asked if isinstance(asked, list) else []
    return next((one for one in LAUNCH_TYPES if one in asked), LAUNCH_TYPES[0])


def _network_mode(value: Mapping[str, Any], launch_type: str) -> str:
    mode = value.get("networkMode")
    if mode is None:
        return "bridge" if launch_type == "EC2" else "awsvpc"
    if mode not in {"awsvpc", "bridge", "host", "none"}:
        raise _bad("networkMode", "awsvpc, bridge, host or none")
    return str(mode)


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping):
        return ()
    return tuple((str(key), one) for key, one in value.items() if isinstance(one, str))
