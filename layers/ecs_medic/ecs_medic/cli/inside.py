"""`ecs-medic notify` and `ecs-medic metadata`: the commands of the small distribution in notify/, as they are there.

They take their arguments themselves, `--help` and `--` included, so that they are the same in a container that has
nothing else.
"""

from typing import Any

import typer
from typer.core import TyperCommand


class AsItIs(TyperCommand):
    """A command whose arguments are left alone, in `context.args`; for `app.command(cls=…)`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep them all."""
        kept = list(args)
        super().parse_args(ctx, [])
        ctx.args = kept
        return kept


def notify(context: typer.Context) -> None:
    """Post a text to Slack from inside a task, with family:revision, container, cluster, task and zone attached."""
    _hand_over("notify", context)


def metadata(context: typer.Context) -> None:
    """Show which task this is, from inside; `metadata serve` stands in for the metadata endpoint on a laptop."""
    _hand_over("metadata", context)


def _hand_over(command: str, context: typer.Context) -> None:
    # What they need is imported when they run.
    from ecs_medic_notify.commands import main

    raise typer.Exit(main([command, *context.args]))
