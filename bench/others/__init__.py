"""ecs-medic beside other tools, on the same tasks of the same account: time, programs, calls, and who is right.

The others are not shipped: the user says where they are, and what is not given is not measured.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.figure import Figure
from bench.others.claims import Answer
from bench.others.scenarios import caller, cases, make
from bench.others.tools import Run, Tool, ask, tools_at
from sandbox.client import Sandbox

__all__ = ["compare", "figures", "measure"]


def measure(exec_checker: Path | None, ecs_doctor: Path | None, names: Iterable[str] = ()) -> tuple[Figure, ...]:
    """The figures of a comparison."""
    return figures(compare(tools_at(exec_checker, ecs_doctor), tuple(names) or cases()))


def compare(asked: Sequence[Tool], names: Iterable[str]) -> list[Run]:
    """Build each case in an empty account, and ask each tool that is for such cases."""
    runs = []
    with Sandbox.start(seed=1) as sandbox:
        for name in names:
            sandbox.reset(seed=1)
            case, who = make(sandbox, name), caller(sandbox)
            runs += [ask(tool, case, sandbox, who) for tool in asked if tool.is_about(case)]
    return runs


def figures(runs: Sequence[Run]) -> tuple[Figure, ...]:
    """For each other tool: who is right how often on the cases that it is for, and what it takes next to ecs-medic."""
    ours = {run.case: run for run in runs if run.tool == "ecs-medic"}
    found = _answers("ecs-medic", list(ours.values()))
    for tool in dict.fromkeys(run.tool for run in runs if run.tool != "ecs-medic"):
        its = [run for run in runs if run.tool == tool]
        ran = [run for run in its if run.answer is not Answer.FAILED and ours[run.case].answer is not Answer.FAILED]
        found += _answers(tool, its)
        found += [
            _count(f"ecs-medic, of the same cases: {Answer.RIGHT}", [ours[one.case] for one in its], Answer.RIGHT)
        ]
        if ran:
            found += [
                Figure(f"{tool}: {what}, next to ecs-medic", statistics.median(ratios), "×")
                for what, ratios in {
                    "wall time": [run.seconds / ours[run.case].seconds for run in ran],
                    "programs started": [run.programs / ours[run.case].programs for run in ran],
                    "calls of AWS": [run.calls / ours[run.case].calls for run in ran],
                }.items()
            ]
    return tuple(found)


def _answers(tool: str, runs: Sequence[Run]) -> list[Figure]:
    counted = Counter(run.answer for run in runs)
    return [Figure(f"{tool}: cases", len(runs), "")] + [
        _count(f"{tool}: {one}", runs, one) for one in Answer if counted[one] or one is Answer.RIGHT
    ]


def _count(name: str, runs: Sequence[Run], wanted: Answer) -> Figure:
    return Figure(name, sum(run.answer is wanted for run in runs), "")
