"""`ecs-medic diagnose`: one event, task or service in, a report out."""

import os
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ecs_medic.cli.event_file import read_event
from ecs_medic.cli.failure import UnusableInputError, one_line_failures
from ecs_medic.cli.region import region_of

if TYPE_CHECKING:
    from ecs_medic.aws.reader import Reader
    from ecs_medic.collect.identify import Identified
    from ecs_medic.incident import Incident

_TASK_ARN = re.compile(r"^arn:aws[a-z-]*:ecs:(?P<region>[a-z]{2,}(-[a-z0-9]+)+):\d{12}:task/\S+$")

# What a diagnosis needs takes half a second to import; `ecs-medic explain` and `--help` should not wait for it, so the
# functions below import it when they run.


@one_line_failures
def diagnose(
    event: Annotated[
        str | None, typer.Option(metavar="FILE", help="A whole EventBridge event as JSON; - for standard input.")
    ] = None,
    task: Annotated[str | None, typer.Option(metavar="ARN", help="A task, running or stopped within the hour.")] = None,
    service: Annotated[str | None, typer.Option(metavar="NAME", help="A service; needs --cluster.")] = None,
    cluster: Annotated[str | None, typer.Option(metavar="NAME", help="The service's cluster.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON, alone on standard output.")] = False,
) -> None:
    """Say why a task stopped, an exec session failed or a service is in trouble, on evidence. Reads AWS only."""
    from ecs_medic.collect.trail import check_of_exec_alerts
    from ecs_medic.diagnosis import diagnose as diagnosis_of

    now = datetime.now(UTC)
    incident, reader = _subject(event, task, service, cluster, now)
    report = diagnosis_of(incident, reader, now, gap=check_of_exec_alerts)
    if as_json:
        typer.echo(report.model_dump_json())
        return
    from rich.console import Console

    from ecs_medic.report.terminal import render

    render(report, Console())


def _subject(
    event: str | None, task: str | None, service: str | None, cluster: str | None, now: datetime
) -> "tuple[Incident | Identified, Reader]":
    """What is asked about, and the reader for its Region."""
    from ecs_medic.aws.reader import Reader
    from ecs_medic.collect.on_demand import incident_for_service, incident_for_task
    from ecs_medic.events.parse import parse

    given = {"--event": event, "--task": task, "--service": service}
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise UnusableInputError(f"expected exactly one of {', '.join(given)}, got {' and '.join(named) or 'none'}")
    if (service is None) != (cluster is None):
        raise UnusableInputError(
            f"--{'service' if service is None else 'cluster'}: missing, --service and --cluster go together"
        )
    for name, value in {**given, "--cluster": cluster}.items():
        if value is not None and not value.strip():
            raise UnusableInputError(f"{name}: is empty")
    if event is not None:
        incident = parse(read_event(event))
        return incident, Reader(incident.region)
    if task is not None:
        reader = Reader(_region_of(task))
        return incident_for_task(reader, task, now), reader
    reader = Reader(region_of(os.environ, "the service"))
    return incident_for_service(reader, str(cluster), str(service), now), reader


def _region_of(task_arn: str) -> str:
    match = _TASK_ARN.match(task_arn)
    if match is None:
        raise UnusableInputError(f"--task: expected the ARN of an ECS task, got {task_arn[:80]!r}")
    return match["region"]
