"""`ecs-medic remediate`: the diagnosis and the plan of its repair; with --apply, the repair itself."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ecs_medic.cli.failure import NOT_VERIFIED, one_line_failures
from ecs_medic.cli.ledger import TableOption, ledger_of
from ecs_medic.cli.subject import Asked, subject_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecs_medic.aws.reader import Reader
    from ecs_medic.incident import Incident
    from ecs_medic.repair.controls import Controls
    from ecs_medic.report.model import Report


@one_line_failures
def remediate(
    event: Annotated[
        str | None, typer.Option(metavar="FILE", help="A whole EventBridge event as JSON; - for standard input.")
    ] = None,
    task: Annotated[str | None, typer.Option(metavar="ARN", help="A task, running or stopped within the hour.")] = None,
    service: Annotated[str | None, typer.Option(metavar="NAME", help="A service; needs --cluster.")] = None,
    cluster: Annotated[str | None, typer.Option(metavar="NAME", help="The service's cluster.")] = None,
    table: TableOption = None,
    *,
    apply: Annotated[
        bool, typer.Option("--apply", help="Carry the plan out, verify it, undo what did not help.")
    ] = False,
    stay_up: Annotated[
        int, typer.Option(metavar="SECONDS", min=1, max=3600, help="How long a new task must run to be the proof.")
    ] = 60,
    patience: Annotated[
        int, typer.Option(metavar="SECONDS", min=1, max=7200, help="How long to wait for an effect, or for the proof.")
    ] = 900,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON, alone on standard output.")] = False,
) -> None:
    """Show what would repair it, at what price, and whom else it touches. Changes nothing without --apply.

    With --table, that stack's mode and kill switch hold here as well.
    """
    # Half a second of imports, for which `ecs-medic explain` and `--help` should not wait.
    from ecs_medic.repair.planned import diagnosed_and_planned
    from ecs_medic.run_state import RunState

    now = datetime.now(UTC)
    controls = _controls(table)
    subject, reader = subject_of(Asked(event, task, service, cluster), now)
    found = diagnosed_and_planned(subject, reader, now, controls())
    report = found.report
    if apply and found.examination is not None and found.proposal.changes:
        report = _applied(report, found.examination.incident, reader, controls, stay_up, patience)
    _show(report, as_json=as_json)
    if report.repair is not None and report.repair.state not in {RunState.REPAIRED, RunState.NOTHING_TO_DO}:
        raise typer.Exit(NOT_VERIFIED)


def _controls(table: str | None) -> "Callable[[], Controls]":
    """Of the stack whose table is named; else those of somebody who decides for themselves."""
    from ecs_medic.repair.controls import Controls, Mode

    if table is None:
        return lambda: Controls(mode=Mode.ASK)
    from ecs_medic.ledger import controls as kept
    from ecs_medic.repair.controls import controls_of

    ledger = ledger_of(table)
    return lambda: controls_of(kept.read(ledger))


def _applied(  # noqa: PLR0917 - what a run is made of
    report: "Report",
    incident: "Incident",
    reader: "Reader",
    controls: "Callable[[], Controls]",
    stay_up: int,
    patience: int,
) -> "Report":
    """The report with what became of the repair: told too where it is broken off."""
    from ecs_medic.aws.reader import Reader
    from ecs_medic.aws.writer import Writer
    from ecs_medic.cli.terminal_records import TerminalRecords
    from ecs_medic.cli.termination import ended_like_an_error
    from ecs_medic.remedies.receipt import as_json as receipt_json
    from ecs_medic.repair.in_process import InProcess
    from ecs_medic.repair.pace import Pace
    from ecs_medic.repair.site import Site
    from ecs_medic.repair.wording import what_stands
    from ecs_medic.repair.workflow import repair
    from ecs_medic.report.build_plan import shown_repair
    from ecs_medic.run_state import RunState

    run_id = f"run-{uuid.uuid4().hex[:12]}"
    records = TerminalRecords(report.incident.id, lambda line: typer.echo(line, err=True), controls)
    site = Site(
        run_id=run_id,
        incident=incident,
        reader=lambda: Reader(reader.region),
        writer=Writer(reader.region, gate=records.closed),
        records=records,
        controls=controls,
        now=lambda: datetime.now(UTC),
        stay_up=timedelta(seconds=stay_up),
    )
    steps = InProcess({"decision": "approved", "by": "--apply"})
    try:
        with ended_like_an_error():
            ending = repair(steps, site, Pace(settle=patience, prove=patience, undo=patience))
    except BaseException:
        typer.echo(f"ecs-medic: {run_id} was broken off. {what_stands(tuple(records.kept.values()))}", err=True)
        raise
    receipts = [receipt_json(one) for _, one in sorted(records.kept.items())]
    shown = shown_repair(run_id, RunState(ending.state), ending.words, receipts, records.progress)
    return report.model_copy(update={"repair": shown})


def _show(report: "Report", *, as_json: bool) -> None:
    if as_json:
        typer.echo(report.model_dump_json())
        return
    from rich.console import Console

    from ecs_medic.report.terminal import render

    render(report, Console())
