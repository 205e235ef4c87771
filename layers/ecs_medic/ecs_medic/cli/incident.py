"""`ecs-medic incident`: what the stack remembers of an incident, long after AWS has forgotten the task."""

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ecs_medic.cli.failure import UnusableInputError, one_line_failures
from ecs_medic.cli.ledger import TableOption, ledger_of

if TYPE_CHECKING:
    from rich.console import Console

    from ecs_medic.cli.remembered import Remembered

_ID = re.compile(r"inc-[0-9a-f]{6,64}")


@one_line_failures
def incident(
    incident_id: Annotated[str, typer.Argument(metavar="ID", help="As its alert names it: inc-….")],
    table: TableOption = None,
    *,
    evidence: Annotated[bool, typer.Option("--evidence", help="With what AWS showed when it was diagnosed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All of it as JSON, alone on standard output.")] = False,
) -> None:
    """Say what is remembered of an incident: how often, since when, the last diagnosis, the kept evidence."""
    from ecs_medic.cli.remembered import remembered

    if not _ID.fullmatch(incident_id):
        raise UnusableInputError(
            f"ID: expected the id of an incident such as inc-0123456789ab, got {incident_id[:60]!r}"
        )
    ledger = ledger_of(table)
    found = remembered(ledger, incident_id)
    if found is None:
        raise UnusableInputError(f"ID: there is no incident {incident_id} in the table {ledger.name}")
    if as_json:
        typer.echo(json.dumps(found.as_json(evidence=evidence), ensure_ascii=False))
        return
    from rich.console import Console

    console = Console()
    _show(found, console)
    if evidence:
        _show_evidence(found, console)


def _show(found: "Remembered", console: "Console") -> None:
    from rich.text import Text

    from ecs_medic.report.terminal import render

    record = found.record
    state = "open" if record.is_open else "resolved"
    times = "once" if record.count == 1 else f"{record.count:,} times"
    console.print(Text(f"{record.id}  {state}, {times}", style="bold"))
    rows = [
        ("First seen", _moment(record.first_seen)),
        ("Last seen", _moment(record.last_seen)),
        ("Resolved", _moment(record.resolved_at)),
        ("Failed again", _moment(record.reopened_at)),
        ("Diagnosed", f"{_moment(record.diagnosed_at)} ({record.diagnoses}×)" if record.diagnosed_at else "not yet"),
        ("Muted until", _moment(found.muted_until)),
        ("Alert", _alert(found)),
    ]
    for label, value in rows:
        if value:
            console.print(Text(f"  {label:<13}{value}"), soft_wrap=True)
    if found.proof:
        console.print(Text(f"  {'Verification':<13}{found.proof}"), soft_wrap=True)
    _show_members(found, console)
    console.print()
    if found.report is None:
        console.print(Text("It has not been diagnosed yet: no report is kept."))
    else:
        render(found.report, console)
    if found.report_note:
        console.print(Text(f"The kept report was {found.report_note}.", style="dim"), soft_wrap=True)


def _show_members(found: "Remembered", console: "Console") -> None:
    from rich.text import Text

    from ecs_medic.response.whose import whose

    others = [one for one in found.members if one.id != found.record.id]
    if not others:
        return
    console.print(Text("  The same alert tells of"))
    for one in others:
        name, cluster = whose(one.subject)
        state = "" if one.is_open else ", resolved"
        console.print(Text(f"    {one.id}  {name} in {cluster} ×{one.count:,}{state}"), soft_wrap=True)


def _alert(found: "Remembered") -> str:
    alert = found.alert
    if alert is None:
        return ""
    posted = f"posted {_moment(alert.posted_at)}" if alert.posted_at else "not in Slack yet"
    trouble = f", {alert.unposted}" if alert.unposted else ""
    return f"{alert.id}, {posted}{trouble}"


def _show_evidence(found: "Remembered", console: "Console") -> None:
    from rich.text import Text

    console.print()
    console.print(Text("Evidence", style="bold"))
    if found.evidence is None:
        console.print(Text("  None is kept."))
        return
    # The kept texts are somebody else's: printed as text, never as markup, and escaped where they are no letters.
    console.print(Text(json.dumps(found.evidence, indent=2)), soft_wrap=True)
    if found.evidence_note:
        console.print(Text(f"  It was {found.evidence_note}.", style="dim"))


def _moment(milliseconds: int | None) -> str:
    if milliseconds is None or not milliseconds:
        return ""
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
