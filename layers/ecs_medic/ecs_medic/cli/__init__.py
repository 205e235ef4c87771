"""The command line `ecs-medic`: one file for each command."""

import signal
import sys

import typer

from ecs_medic.cli.check import check
from ecs_medic.cli.diagnose import diagnose
from ecs_medic.cli.doctor import doctor
from ecs_medic.cli.explain import explain
from ecs_medic.cli.failure import UNUSABLE_INPUT
from ecs_medic.cli.incident import incident
from ecs_medic.cli.inside import AsItIs, metadata, notify
from ecs_medic.cli.redrive import redrive
from ecs_medic.cli.remediate import remediate
from ecs_medic.cli.remediation import remediation
from ecs_medic.cli.repairs import repairs
from ecs_medic.report.text import one_line

app = typer.Typer(
    name="ecs-medic",
    help="Finds out why an ECS task stopped or an ECS Exec session failed.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def _help(context: typer.Context) -> None:
    # Also keeps the name of the command necessary, however few commands there are.
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(UNUSABLE_INPUT)


app.command()(explain)
app.command()(diagnose)
app.command()(check)
app.command()(doctor)
app.command()(remediate)
app.command()(repairs)
app.command()(remediation)
app.command()(incident)
app.command()(redrive)
app.command(cls=AsItIs)(notify)
app.command(cls=AsItIs)(metadata)

_WrongArguments: type[Exception] = next(
    base for base in typer.BadParameter.__mro__ if issubclass(base, Exception) and base.__name__ == "ClickException"
)
"""What typer raises for arguments that it cannot use; it has no public name for all of them together."""


def main() -> None:
    """Run the command that the arguments name; ends the process with the command's exit code.

    Wrong arguments are told in one line, like every other unusable input, with exit code 2.
    """
    if hasattr(signal, "SIGPIPE"):
        # Whoever read the output has gone (`| head`): end like every other program, without a traceback.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        code = app(standalone_mode=False)
    except _WrongArguments as error:
        told = getattr(error, "format_message", error.__str__)()
        typer.echo(f"ecs-medic: {one_line(told)}", err=True)
        code = UNUSABLE_INPUT
    except typer.Abort:
        code = 130
    sys.exit(code if isinstance(code, int) else 0)
