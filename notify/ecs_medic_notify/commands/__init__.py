"""The commands `notify` and `metadata`: the same with and without the package ecs-medic beside them.

Exit codes: 0 done; 1 Slack or the metadata endpoint could not be reached or refused; 2 unusable input.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from ecs_medic_notify.commands import metadata, notify, serve
from ecs_medic_notify.commands.parser import Parser
from ecs_medic_notify.errors import BadInputError, MetadataError, SlackError

UNAVAILABLE = 1
UNUSABLE_INPUT = 2
_NEITHER = (
    "{!r} is not here: this installation has `notify` and `metadata`; "
    "the other commands come with ecs-medic[cli], on Python 3.13 or later"
)


def main(arguments: Sequence[str], program: str = "ecs-medic") -> int:
    """Run the command that the arguments name; the exit code.

    Failures are told on standard error in one line. `program` is the name in help and failures.
    """
    if hasattr(signal, "SIGPIPE"):
        # A connection that the other side closes is an error to handle, not the end of this process.
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        # A container without a locale must not fail over a character that it cannot show.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
    own, command = _split(list(arguments))
    try:
        given = _parser(program, own).parse_args(own)
        given.command = command
        code = int(given.run(given))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except BadInputError as error:
        return _failed(error, UNUSABLE_INPUT)
    except (MetadataError, SlackError) as error:
        return _failed(error, UNAVAILABLE)
    except KeyboardInterrupt:
        return 130
    return code


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """The own arguments, and the command line after `--` that `metadata serve` is to run."""
    if arguments[:2] == ["metadata", "serve"] and "--" in arguments:
        at = arguments.index("--")
        return arguments[:at], arguments[at + 1 :]
    return arguments, []


def _parser(program: str, arguments: list[str]) -> argparse.ArgumentParser:
    if program != "ecs-medic":
        parser = Parser(prog=program, description=notify.DESCRIPTION)
        notify.add_arguments(parser)
        # The script's own name says which command it is.
        arguments.pop(0)
        return parser
    parser = Parser(
        prog=program,
        description="Says from inside an ECS task which task is speaking. The other commands of ecs-medic come with "
        "ecs-medic[cli], on Python 3.13 or later.",
    )
    if not arguments:
        parser.print_help(sys.stderr)
        raise SystemExit(UNUSABLE_INPUT)
    if not arguments[0].startswith("-") and arguments[0] not in {"notify", "metadata"}:
        raise BadInputError(_NEITHER.format(arguments[0][:40]))
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    notify.add_arguments(commands.add_parser("notify", help="post to Slack", description=notify.DESCRIPTION))
    reading = commands.add_parser("metadata", help="show the task's metadata", description=metadata.DESCRIPTION)
    metadata.add_arguments(reading)
    below = reading.add_subparsers(metavar="[serve]", parser_class=Parser)
    serve.add_arguments(
        below.add_parser("serve", help="stand in for the endpoint on a laptop", description=serve.DESCRIPTION)
    )
    return parser


def _failed(error: Exception, code: int) -> int:
    sys.stderr.write(f"ecs-medic: {' '.join(str(error).split())}\n")
    return code
