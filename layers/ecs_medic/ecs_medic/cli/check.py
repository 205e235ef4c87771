"""`ecs-medic check`: what would break a start, or an ECS Exec session, of services that have not failed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ecs_medic.cli.failure import FOUND, UnusableInputError, one_line_failures
from ecs_medic.cli.region import region_of

if TYPE_CHECKING:
    from ecs_medic.collect.preflight import Watch


@one_line_failures
def check(
    cluster: Annotated[str, typer.Option(metavar="NAME", help="The cluster.")],
    service: Annotated[str | None, typer.Option(metavar="NAME", help="One of its services; else all of them.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The check as JSON, alone on standard output.")] = False,
) -> None:
    """Say what would break a start or an ECS Exec session today, of services that have not failed. Reads AWS only.

    Ends with 3 where the account's state shows something, with 0 where nothing was found or it is only possible.
    """
    for name, value in (("--cluster", cluster), ("--service", service)):
        if value is not None and not value.strip():
            raise UnusableInputError(f"{name}: is empty")
    # Half a second of imports, for which `ecs-medic explain` and `--help` should not wait.
    from ecs_medic.aws.reader import Reader
    from ecs_medic.preflight.check import NothingToCheckError
    from ecs_medic.preflight.check import check as checked

    reader = Reader(region_of(os.environ, "the cluster"))
    try:
        with _progress() as watch:
            found = checked(reader, cluster, datetime.now(UTC), service=service, watch=watch)
    except NothingToCheckError as error:
        raise UnusableInputError(f"{'--service' if service else '--cluster'}: {error}") from None
    if as_json:
        typer.echo(found.model_dump_json())
    else:
        from rich.console import Console

        from ecs_medic.report.check_terminal import render_check

        render_check(found, Console())
    if found.shown:
        raise typer.Exit(FOUND)


@contextmanager
def _progress() -> "Iterator[Watch]":
    """A bar on standard error, where somebody looks at it."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading AWS", total=None)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of)
