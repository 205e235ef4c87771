"""What a command is asked about: an event, a task or a service."""

import os
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ecs_medic.cli.event_file import read_event
from ecs_medic.cli.failure import UnusableInputError
from ecs_medic.cli.region import region_of

if TYPE_CHECKING:
    from ecs_medic.aws.reader import Reader
    from ecs_medic.collect.identify import Identified

_TASK_ARN = re.compile(r"^arn:aws[a-z-]*:ecs:(?P<region>[a-z]{2,}(-[a-z0-9]+)+):\d{12}:task/\S+$")


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as they were given; exactly one of event, task and service is expected, and a service's cluster."""

    event: str | None
    task: str | None
    service: str | None
    cluster: str | None


def subject_of(asked: Asked, now: datetime) -> "tuple[Identified, Reader]":
    """What is asked about, with the task or service it names read, and the reader for its Region.

    Raises:
        UnusableInputError, BadEventError: the options or the event cannot be used.
        AwsUnavailable: the credentials are missing or expired, or AWS cannot be reached at all.
    """
    # Half a second of imports, for which `ecs-medic explain` and `--help` should not wait.
    from ecs_medic.aws.reader import Reader
    from ecs_medic.collect.identify import Identified
    from ecs_medic.collect.on_demand import incident_for_service, incident_for_task
    from ecs_medic.events.parse import parse

    _check(asked)
    if asked.event is not None:
        incident = parse(read_event(asked.event))
        return Identified(incident), Reader(incident.region)
    if asked.task is not None:
        reader = Reader(_region_of(asked.task))
        return incident_for_task(reader, asked.task, now), reader
    reader = Reader(region_of(os.environ, "the service"))
    return incident_for_service(reader, str(asked.cluster), str(asked.service), now), reader


def _check(asked: Asked) -> None:
    given = {"--event": asked.event, "--task": asked.task, "--service": asked.service}
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise UnusableInputError(f"expected exactly one of {', '.join(given)}, got {' and '.join(named) or 'none'}")
    if (asked.service is None) != (asked.cluster is None):
        missing = "service" if asked.service is None else "cluster"
        raise UnusableInputError(f"--{missing}: missing, --service and --cluster go together")
    for name, value in {**given, "--cluster": asked.cluster}.items():
        if value is not None and not value.strip():
            raise UnusableInputError(f"{name}: is empty")


def _region_of(task_arn: str) -> str:
    match = _TASK_ARN.match(task_arn)
    if match is None:
        raise UnusableInputError(f"--task: expected the ARN of an ECS task, got {task_arn[:80]!r}")
    return match["region"]
