"""What may be repaired, as `ecs-medic remediation` shows it."""

import json
from collections.abc import Mapping
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from ecs_medic.ledger.controls import StoredControls
from ecs_medic.repair.controls import Controls, Mode, controls_of

_ALLOWED = {
    Mode.ASK: "What somebody approves is repaired.",
    Mode.AUTO: "What is safe is repaired unattended, what else somebody approves.",
}


def show(stored: StoredControls, *, as_json: bool) -> None:
    """Print what the stack and the operator allow together, and what each of them says."""
    controls = controls_of(stored)
    if as_json:
        typer.echo(json.dumps(_as_json(controls, stored), ensure_ascii=False))
        return
    console = Console()
    console.print(Text(_headline(controls, stored), style="bold"), soft_wrap=True)
    rows = [*_rows(controls, stored), *(("Not usable", one) for one in controls.complaints)]
    width = max(len(label) for label, _ in rows) + 2
    for label, value in rows:
        console.print(Text(f"  {label:<{width}}{value}"), soft_wrap=True)


def _headline(controls: Controls, stored: StoredControls) -> str:
    if stored.stack is None and "stack" not in stored.unreadable and controls.stopped is None:
        return "Nothing is repaired: the stack has not said yet what it allows, which its sweep does within minutes."
    return controls.closed or _ALLOWED[controls.mode]


def _rows(controls: Controls, stored: StoredControls) -> list[tuple[str, str]]:
    ceiling, apart = controls.max_monthly_cost_usd, f"{controls.cool_down_minutes:g} min apart"
    rows = [
        ("Mode", f"{controls.mode} (stack: {_mode(stored.stack)}, operator: {_mode(stored.operator)})"),
        ("Approvers", f"{', '.join(controls.approvers) or 'nobody'}, within {controls.approval_hours:g} h"),
        ("Cost ceiling", "none" if ceiling is None else f"${ceiling:,.2f} a month, above which it is asked about"),
        ("Attempts", f"{controls.attempts} of a service or VPC within {controls.window_hours:g} h, {apart}"),
        ("Clusters", controls.cluster),
    ]
    if controls.policy.owner_tag_keys:
        rows.append(("Tags of code", ", ".join(controls.policy.owner_tag_keys)))
    return rows + [(action.value, _limit(controls.mode_of(action))) for action in sorted(controls.actions)]


def _mode(said: Mapping[str, Any] | None) -> str:
    return str((said or {}).get("mode", "says nothing"))


def _limit(limit: Mode) -> str:
    return "off" if limit is Mode.OBSERVE else limit.value


def _as_json(controls: Controls, stored: StoredControls) -> dict[str, Any]:
    return {
        "mode": controls.mode.value,
        "closed": controls.closed,
        "stopped": controls.stopped,
        "actions": {action.value: _limit(limit) for action, limit in sorted(controls.actions.items())},
        "max_monthly_cost_usd": controls.max_monthly_cost_usd,
        "attempts": controls.attempts,
        "window_hours": controls.window_hours,
        "cool_down_minutes": controls.cool_down_minutes,
        "approval_hours": controls.approval_hours,
        "approvers": list(controls.approvers),
        "cluster": controls.cluster,
        "owner_tag_keys": list(controls.policy.owner_tag_keys),
        "complaints": list(controls.complaints),
        "stack": stored.stack,
        "operator": stored.operator,
    }
