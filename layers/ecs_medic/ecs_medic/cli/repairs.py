"""`ecs-medic repairs`: what the stack has repaired, and what its repairs have left in the account."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecs_medic.cli.failure import one_line_failures
from ecs_medic.cli.ledger import TableOption, ledger_of

if TYPE_CHECKING:
    from ecs_medic.ledger.runs import RunRecord
    from ecs_medic.ledger.table import Table
    from ecs_medic.remedies.receipt import Receipt


@dataclass(frozen=True, slots=True)
class _Repair:
    run: "RunRecord"
    receipts: "tuple[Receipt, ...]"

    @property
    def left(self) -> str:
        """What it has changed and nobody has taken back, in words; empty where that is nothing."""
        from ecs_medic.repair.wording import what_is_left

        return what_is_left(self.receipts)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        from ecs_medic.remedies.receipt import as_json
        from ecs_medic.response import whose

        run = self.run
        subject = whose.as_json(run.subject)
        return {
            "run_id": run.id,
            "incident_id": run.incident_id,
            "cluster": subject["cluster"],
            "service": subject["service"],
            "state": run.state.value,
            "words": run.words,
            "decided_by": run.decided_by,
            "created_at": datetime.fromtimestamp(run.created_at / 1000, UTC).isoformat(),
            "left": self.left or None,
            "receipts": [as_json(one) for one in self.receipts],
        }


@one_line_failures
def repairs(
    table: TableOption = None,
    *,
    left: Annotated[bool, typer.Option("--left", help="Only those that have left something in the account.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, alone on standard output.")] = False,
) -> None:
    """Say what was repaired in the last 90 days, by whose leave, and what of it is still in the account.

    Deleting the stack takes none of that away: look here first.
    """
    ledger = ledger_of(table)
    found = [one for one in _all(ledger) if one.left or not left]
    if as_json:
        typer.echo(json.dumps([one.as_json() for one in found], ensure_ascii=False))
        return
    for one in found:
        _show(one)
    if not found:
        typer.echo("No repair has left anything." if left else "Nothing was repaired.")


def _all(ledger: "Table") -> "list[_Repair]":
    from ecs_medic.ledger import receipts, runs
    from ecs_medic.remedies.receipt import from_json

    return [
        _Repair(run, tuple(from_json(kept) for _, kept in sorted(receipts.receipts(ledger, run.id).items())))
        for run in runs.all_runs(ledger)
    ]


def _show(one: _Repair) -> None:
    from rich.console import Console
    from rich.text import Text

    from ecs_medic.report.text import plain
    from ecs_medic.response.whose import whose

    run, console = one.run, Console()
    at = datetime.fromtimestamp(run.created_at / 1000, UTC)
    name, cluster = whose(run.subject)
    head = f"{run.id}  {run.state.value.replace('_', ' ')}  {name} in {cluster}  {at:%Y-%m-%d %H:%M UTC}"
    console.print(Text(plain(head), style="bold"))
    by = f"{run.decision} by {run.decided_by}. " if run.decision and run.decided_by else ""
    for line in (f"{by}{run.words or ''}", one.left, f"incident {run.incident_id}"):
        if line:
            console.print(Text(f"  {plain(line)}"))
