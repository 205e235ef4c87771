"""`python -m sandbox serve`: runs the embedded account in the foreground."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from sandbox import environment


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and serves until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="The embedded AWS account.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the account until SIGTERM")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument("--port", type=int, default=0, help="port of the AWS APIs (any free one)")
    serve.add_argument("--control-port", type=int, default=0, help="port of the control and Slack APIs (any free one)")
    serve.add_argument("--seed", type=int, help="the same construction then yields the same ids")
    serve.add_argument("--ready-file", type=Path, help="also write the line with the addresses to this file")
    serve.add_argument("--until-stdin-closes", action="store_true", help="stop when standard input ends")
    serve.add_argument("--verbose", action="store_true", help="log every request to standard error")
    options = vars(parser.parse_args(arguments))
    options.pop("command")
    environment.prepare()
    # moto reads the environment when it is imported.
    from sandbox import server  # noqa: PLC0415

    server.serve(server.Options(**options))


if __name__ == "__main__":
    main()
