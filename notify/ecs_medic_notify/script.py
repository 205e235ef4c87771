"""The scripts `ecs-medic` and `ecs-medic-notify`.

This distribution owns `ecs-medic` so that it is there in any container; with the package ecs-medic and its extra `cli`
installed beside it, the script is that package's command line, `notify` and `metadata` included.
"""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec

# Nothing else is imported here: the package's own command line should start as fast as without this script.


def main() -> None:
    """Run `ecs-medic`; ends the process with the command's exit code."""
    if find_spec("ecs_medic") and find_spec("typer"):
        importlib.import_module("ecs_medic.cli").main()
    else:
        from ecs_medic_notify.commands import main as own

        sys.exit(own(sys.argv[1:]))


def notify_main() -> None:
    """Run `ecs-medic-notify TEXT`, which is `ecs-medic notify TEXT`."""
    from ecs_medic_notify.commands import main as own

    sys.exit(own(["notify", *sys.argv[1:]], program="ecs-medic-notify"))
