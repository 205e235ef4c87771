"""`ecs-medic doctor`: what this very machine reaches, and as whom."""

import json
import os
import re
from typing import TYPE_CHECKING, Annotated

import typer

from ecs_medic.cli.failure import UnusableInputError, one_line_failures

if TYPE_CHECKING:
    from ecs_medic.doctor.wish import Wish

_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")
_LONGEST = 60.0


@one_line_failures
def doctor(
    service: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Try this service only, such as ecr.api; may be repeated."),
    ] = None,
    endpoint: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=URL", help="Where a service is, in place of AWS's own address; may be repeated."),
    ] = None,
    region: Annotated[str | None, typer.Option(metavar="REGION", help="In place of the environment's.")] = None,
    account: Annotated[
        str | None, typer.Option(metavar="ID", help="The account whose image registry is meant.")
    ] = None,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="For each step of a connection.")] = 3.0,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON, alone on standard output.")] = False,
) -> None:
    """Say what works from here, in a container of a task, on a bastion or a laptop: names, connections, credentials.

    Changes nothing, and asks the account nothing but who calls.
    """
    wish = _wish(service or [], endpoint or [], region, account, timeout)
    from ecs_medic.doctor.examine import examine
    from ecs_medic.doctor.overrides import BadEndpointError

    try:
        found = examine(wish, os.environ)
    except BadEndpointError as error:
        raise UnusableInputError(str(error)) from None
    if as_json:
        typer.echo(json.dumps(found.as_json()))
        return
    from rich.console import Console

    from ecs_medic.cli.doctor_answer import print_examination

    print_examination(found, Console(highlight=False))


def _wish(services: list[str], endpoints: list[str], region: str | None, account: str | None, seconds: float) -> "Wish":
    from ecs_medic.doctor.wish import SERVICES, Wish

    pairs = [one.partition("=") for one in endpoints]
    for option, name in [*(("--service", one) for one in services), *(("--endpoint", pair[0]) for pair in pairs)]:
        if name not in SERVICES:
            raise UnusableInputError(f"{option}: expected one of {', '.join(SERVICES)}, got {name[:40]!r}")
    if region is not None and not _REGION.fullmatch(region):
        raise UnusableInputError(f"--region: expected a Region such as eu-west-1, got {region[:40]!r}")
    if account is not None and not _ACCOUNT.fullmatch(account):
        raise UnusableInputError(f"--account: expected the 12 digits of an account, got {account[:40]!r}")
    if not 0 < seconds <= _LONGEST:
        raise UnusableInputError(f"--timeout: expected seconds above 0, {_LONGEST:.0f} at most, got {seconds:g}")
    return Wish(region, account, tuple(services), {name: url for name, _, url in pairs}, seconds)
