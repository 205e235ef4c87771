"""`ecs-medic diagnose`: one event, task or service in, a report out."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ecs_medic.cli.failure import one_line_failures
from ecs_medic.cli.subject import Asked, subject_of


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
    # Half a second of imports, for which `ecs-medic explain` and `--help` should not wait.
    from ecs_medic.collect.trail import check_of_exec_alerts
    from ecs_medic.repair.controls import Controls
    from ecs_medic.repair.planned import diagnosed_and_planned

    now = datetime.now(UTC)
    subject, reader = subject_of(Asked(event, task, service, cluster), now)
    report = diagnosed_and_planned(subject, reader, now, Controls(), gap=check_of_exec_alerts).report
    if as_json:
        typer.echo(report.model_dump_json())
        return
    from rich.console import Console

    from ecs_medic.report.terminal import render

    render(report, Console())
