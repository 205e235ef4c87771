"""`ecs-medic metadata`: what the endpoint says about this task."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ecs_medic_notify.endpoint import Metadata
from ecs_medic_notify.endpoint import metadata as read_metadata
from ecs_medic_notify.identity import identity_of
from ecs_medic_notify.task import Container, Limits

DESCRIPTION = (
    "Show what the task metadata endpoint says about the task and the container that this runs in. "
    "`ecs-medic metadata serve` stands in for the endpoint where there is none."
)
_SECRET = re.compile(r"token|secret|passw|credential|api.?key|access.?key|private.?key", re.IGNORECASE)
_HIDDEN = "(not shown)"
_CONTROL = dict.fromkeys((*range(32), *range(127, 160)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--json", action="store_true", help="all of it as JSON, alone on standard output")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Print it."""
    read = read_metadata()
    print(json.dumps(as_json(read)) if given.json else "\n".join(_lines(read)))
    return 0


def as_json(read: Metadata) -> dict[str, Any]:
    """Identity, task and container by field name; values of labels and log options that look secret are left out."""
    return {
        "identity": identity_of(read).as_dict(),
        "task": _plain(asdict(read.task)),
        "container": _plain(asdict(read.container)) if read.container else None,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _visible(one) if key in {"labels", "log_options"} else _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _visible(values: Mapping[str, str]) -> dict[str, str]:
    return {key: _HIDDEN if _SECRET.search(key) else text for key, text in values.items()}


def _lines(read: Metadata) -> list[str]:
    who, task = identity_of(read), read.task
    facts = (
        ("container", who.container),
        ("cluster", who.cluster),
        ("service", who.service),
        ("task", who.task_arn),
        ("zone", who.zone),
        ("region", who.region),
        ("launch type", who.launch_type),
        ("VPC", task.vpc_id),
        ("status", task.known_status),
        ("limits", _limits(task.limits, "vCPU")),
        ("addresses", ", ".join(_addresses(read.container)) or None),
    )
    # The endpoint leaves these out where there are none.
    optional = {"service", "VPC", "status", "limits", "addresses"}
    lines = [_line(who.task_definition or "family unknown")]
    lines += [f"  {name:<12}{_line(value or 'unknown')}" for name, value in facts if value or name not in optional]
    lines.append("containers")
    lines += [f"  {_line(_about(one))}" for one in task.containers]
    return lines


def _about(container: Container) -> str:
    parts = (
        container.name or "unnamed",
        container.known_status,
        container.image,
        _limits(container.limits, "CPU units"),
        None if container.exit_code is None else f"exit code {container.exit_code}",
    )
    return "  ".join(part for part in parts if part)


def _limits(limits: Limits | None, unit: str) -> str | None:
    if limits is None:
        return None
    parts = (f"{limits.cpu:g} {unit}" if limits.cpu else None, f"{limits.memory} MiB" if limits.memory else None)
    return ", ".join(part for part in parts if part) or None


def _addresses(container: Container | None) -> list[str]:
    networks = container.networks if container else ()
    return [address for network in networks for address in (*network.ipv4_addresses, *network.ipv6_addresses)]


def _line(text: str) -> str:
    return text.translate(_CONTROL)
