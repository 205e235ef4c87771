"""Everything that can be measured here, as one table and one JSON document; `python -m bench [PART …]`.

The table goes to standard error, the JSON to standard output. It ends with 1 where a bound is missed, or where a part
cannot be measured here; the others are measured all the same.
"""

import json
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module

from rich.console import Console
from rich.table import Table

from bench.figure import Figure

PARTS = ("latency", "cold_start", "storm")
_NOTES = {
    "latency": "latency: neither the check of whose account it is nor the wave that finds the task is counted",
}


def measured(parts: Sequence[str]) -> dict[str, tuple[Figure, ...]]:
    """The figures of each part, one part after the other: they must not disturb one another.

    A part that fails is told, and missing.
    """
    figures: dict[str, tuple[Figure, ...]] = {}
    for part in parts:
        try:
            figures[part] = import_module(f"bench.{part}").measure()
        except Exception as error:  # noqa: BLE001 - whatever it is, the figures of the others took minutes
            why = " ".join(str(error).split())
            print(f"bench: {part} was not measured: {type(error).__name__}: {why}", file=sys.stderr)
    return figures


def table_of(figures: Mapping[str, Sequence[Figure]]) -> Table:
    """A line for each figure, with its bound."""
    notes = "\n".join(note for part, note in _NOTES.items() if part in figures)
    table = Table(title="ecs-medic, measured here", title_justify="left", caption=notes, caption_justify="left")
    for heading in ("", "what", "measured", "bound", ""):
        table.add_column(heading, justify="right" if heading in {"measured", "bound"} else "left")
    for part, its in figures.items():
        for number, one in enumerate(its):
            verdict = "" if not one.is_bounded else "kept" if one.kept else "[bold red]MISSED"
            table.add_row("" if number else part, one.name, one.shown, one.bound, verdict)
        table.add_section()
    return table


def as_json(figures: Mapping[str, Sequence[Figure]]) -> str:
    """The same for machines, with what it was measured on; `kept` is null where there is no bound to keep."""
    machine = {"machine": platform.machine(), "python": platform.python_version()}
    parts = {
        part: [asdict(one) | {"kept": one.kept if one.is_bounded else None} for one in its]
        for part, its in figures.items()
    }
    return json.dumps({"schema": "ecs-medic.bench/1", "measured_on": machine, "figures": parts}, indent=1)


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, else everything."""
    unknown = [one for one in arguments if one not in PARTS]
    if unknown:
        print(f"bench: expected any of {', '.join(PARTS)}, got {unknown[0]!r}", file=sys.stderr)
        return 2
    parts = arguments or PARTS
    figures = measured(parts)
    Console(stderr=True, width=120 if not sys.stderr.isatty() else None).print(table_of(figures))
    print(as_json(figures))
    missed = [one.name for its in figures.values() for one in its if not one.kept]
    for name in missed:
        print(f"bench: the bound of {name!r} is missed", file=sys.stderr)
    return 1 if missed or figures.keys() < set(parts) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
