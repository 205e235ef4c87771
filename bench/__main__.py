"""Everything that can be measured here, as one table and one JSON document; `python -m bench [PART …]`.

The table goes to standard error, the JSON to standard output. It ends with 1 where a bound is missed.
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


def measured(parts: Sequence[str]) -> dict[str, tuple[Figure, ...]]:
    """The figures of each part, one part after the other: they must not disturb one another."""
    return {part: import_module(f"bench.{part}").measure() for part in parts}


def table_of(figures: Mapping[str, Sequence[Figure]]) -> Table:
    """A line for each figure, with its bound."""
    table = Table(title="ecs-medic, measured here", title_justify="left")
    for heading in ("", "what", "measured", "at most", ""):
        table.add_column(heading, justify="right" if heading in {"measured", "at most"} else "left")
    for part, its in figures.items():
        for number, one in enumerate(its):
            most = "" if one.most is None else shown(one.most, one.unit)
            verdict = "" if one.most is None else "kept" if one.kept else "[bold red]MISSED"
            table.add_row("" if number else part, one.name, shown(one.value, one.unit), most, verdict)
        table.add_section()
    return table


def shown(value: float, unit: str) -> str:
    """A number with no more digits than it is worth, and its unit."""
    return f"{value:,.0f} {unit}".strip() if value == int(value) or value >= 1000 else f"{value:,.2f} {unit}".strip()


def as_json(figures: Mapping[str, Sequence[Figure]]) -> str:
    """The same for machines, with what it was measured on."""
    machine = {"machine": platform.machine(), "python": platform.python_version()}
    parts = {part: [asdict(one) | {"kept": one.kept} for one in its] for part, its in figures.items()}
    return json.dumps({"schema": "ecs-medic.bench/1", "measured_on": machine, "figures": parts}, indent=1)


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, else everything."""
    unknown = [one for one in arguments if one not in PARTS]
    if unknown:
        print(f"bench: expected any of {', '.join(PARTS)}, got {unknown[0]!r}", file=sys.stderr)
        return 2
    figures = measured(arguments or PARTS)
    Console(stderr=True, width=120 if not sys.stderr.isatty() else None).print(table_of(figures))
    print(as_json(figures))
    missed = [one.name for its in figures.values() for one in its if not one.kept]
    for name in missed:
        print(f"bench: the bound of {name!r} is missed", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
