"""How every command fails: one clear line on standard error, and an exit code that says what kind of failure it is."""

import functools
from collections.abc import Callable

import typer

from ecs_medic.report.text import one_line

AWS_UNAVAILABLE = 1
UNUSABLE_INPUT = 2
NOT_VERIFIED = 3
FOUND = 3
"""A check found something."""


class UnusableInputError(ValueError):
    """What the user gave cannot be used; the message is one line that names it and what was expected."""


def one_line_failures[**P](command: Callable[P, None]) -> Callable[P, None]:
    """The command, with what its users can do something about told in one line instead of a traceback."""

    @functools.wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except Exception as error:
            code = _exit_code(error)
            if code is None:
                raise
            typer.echo(f"ecs-medic: {one_line(str(error))}", err=True)
            raise typer.Exit(code) from None

    return told


def _exit_code(error: Exception) -> int | None:
    if isinstance(error, UnusableInputError):
        return UNUSABLE_INPUT
    # Imported here: `explain` never touches AWS and should not wait for what does.
    from botocore.exceptions import BotoCoreError

    from ecs_medic.aws.dead_letter_queue import QueueFailedError
    from ecs_medic.aws.reader import AwsUnavailable
    from ecs_medic.events.bad_event import BadEventError
    from ecs_medic.ledger.errors import LedgerError

    if isinstance(error, BadEventError):
        return UNUSABLE_INPUT
    # Outside of a read, botocore fails over profiles, configuration and Regions.
    unavailable = AwsUnavailable | BotoCoreError | LedgerError | QueueFailedError
    return AWS_UNAVAILABLE if isinstance(error, unavailable) else None
