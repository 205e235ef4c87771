"""`python -m bench.others [--exec-checker FILE] [--ecs-doctor FILE] [CASE …]`: two tables, and JSON."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.__main__ import table_of
from bench.others import compare, figures
from bench.others.claims import Answer
from bench.others.scenarios import cases
from bench.others.tools import Run, tools_at


def main(arguments: Sequence[str]) -> int:
    """Compare and print. Whatever the others answer, it is no error; 1 where ecs-medic itself is not right."""
    asked = _parser().parse_args(arguments)
    if unknown := [name for name in asked.cases if name not in cases()]:
        print(f"bench.others: expected any of {', '.join(cases())}, got {unknown[0]!r}", file=sys.stderr)
        return 2
    runs = compare(tools_at(asked.exec_checker, asked.ecs_doctor), asked.cases or cases())
    found = figures(runs)
    console = Console(stderr=True, width=150 if not sys.stderr.isatty() else None)
    console.print(_by_case(runs))
    for name, why in {run.tool: run.why[0] for run in runs if run.answer is Answer.FAILED}.items():
        console.print(Text(f"{name} did not run, at least once: {why}"))
    console.print(table_of({"others": found}))
    print(json.dumps({"runs": [asdict(run) for run in runs], "figures": [asdict(one) for one in found]}, indent=1))
    return 0 if all(run.answer is Answer.RIGHT for run in runs if run.tool == "ecs-medic") else 1


def _by_case(runs: Sequence[Run]) -> Table:
    """A line for each case, a column for each tool; empty where a tool is not for such cases."""
    names = list(dict.fromkeys(run.tool for run in runs))
    table = Table(title="The same task, asked of each: answer · seconds · programs · calls", title_justify="left")
    for heading in ("built", *names):
        table.add_column(heading)
    for case in dict.fromkeys(run.case for run in runs):
        its = {run.tool: run for run in runs if run.case == case}
        table.add_row(case, *(_cell(its[name]) if name in its else "" for name in names))
    return table


def _cell(run: Run) -> Text:
    if run.answer is Answer.FAILED:
        return Text(run.answer)
    style = "green" if run.answer is Answer.RIGHT else "red" if run.answer is Answer.WRONG else ""
    return Text(f"{run.answer} · {run.seconds:.1f} · {run.programs} · {run.calls}", style)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.others", description=__doc__)
    parser.add_argument("--exec-checker", type=_file, metavar="FILE", help="check-ecs-exec.sh; needs aws and jq")
    parser.add_argument("--ecs-doctor", type=_file, metavar="FILE", help="the ecs-doctor program")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="by default all")
    return parser


def _file(value: str) -> Path | None:
    """An empty value is none: so make can hand over a variable that is not set."""
    if not value:
        return None
    path = Path(value).expanduser().absolute()
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"expected a file, got {value!r}")
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
