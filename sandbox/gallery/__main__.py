"""`python -m sandbox.gallery`: lists the scenarios, or writes their events as files."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.client import Sandbox
from sandbox.gallery import CLOCK, build_each, names


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and does what it says."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.gallery", description="The gallery of failures.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the scenarios' names, in order")
    write = commands.add_parser("write-events", help="write each scenario's event to FOLDER/NAME.json")
    write.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    if options.command == "list":
        print("\n".join(names()))
    else:
        write_events(options.folder)


def write_events(folder: Path) -> None:
    """Builds the gallery in an account of its own and writes the events; files of other names stay."""
    folder.mkdir(parents=True, exist_ok=True)
    with Sandbox.start() as sandbox:
        scenarios = list(build_each(sandbox, clock=CLOCK))
    for scenario in scenarios:
        (folder / f"{scenario.name}.json").write_text(as_text(scenario.event), encoding="utf-8")


def as_text(event: Mapping[str, Any]) -> str:
    """An event as its file holds it."""
    return json.dumps(event, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
