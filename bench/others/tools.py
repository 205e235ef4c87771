"""The tools, how each is asked about a task, and one question put to one of them."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.others import starts
from bench.others.claims import Answer, Claim, UnreadableError, answer
from bench.others.ecs_doctor_output import of_ecs_doctor
from bench.others.ecs_medic_output import of_ecs_medic
from bench.others.exec_checker_output import of_exec_checker
from bench.others.scenarios import Case
from sandbox.client import Sandbox

LONGEST_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that says what is wrong with a task. `command` is how it is asked, `claims` reads its output."""

    name: str
    command: Callable[[Case], Sequence[str]]
    claims: Callable[[str], tuple[Claim, ...]]
    needs: tuple[str, ...] = ()
    """Programs without which it does nothing."""
    about_exec: bool = True
    about_starts: bool = True
    """What it says of itself that it is for: sessions that fail, and tasks that do not start or do not stay."""

    def is_about(self, case: Case) -> bool:
        """Whether the case is one of those that it is for."""
        return self.about_exec if case.about_exec else self.about_starts


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one question. `why` are the tool's words: its claims, or why it did not run."""

    tool: str
    case: str
    answer: Answer
    why: tuple[str, ...]
    seconds: float = 0.0
    programs: int = 0
    """The tool itself, and those that it started."""
    calls: int = 0
    """Calls of AWS."""


def tools_at(exec_checker: Path | None, ecs_doctor: Path | None) -> tuple[Tool, ...]:
    """ecs-medic, and those of the others of which a path is given."""
    found = [_ecs_medic()]
    if exec_checker is not None:
        found.append(_exec_checker(exec_checker))
    if ecs_doctor is not None:
        found.append(_ecs_doctor(ecs_doctor))
    return tuple(found)


def ask(tool: Tool, case: Case, sandbox: Sandbox, caller: Mapping[str, str]) -> Run:
    """Put the question as `caller`. That starts are noted adds some milliseconds to each of them."""
    environment = {**os.environ, **caller}
    if missing := [name for name in tool.needs if shutil.which(name, path=environment.get("PATH")) is None]:
        return _not_run(tool, case, f"{missing[0]} is not on the PATH")
    try:
        sandbox.clear_calls()
        with starts.noted(environment) as (noting, started):
            begun = time.perf_counter()
            done = _done(tool, case, noting)
            seconds = time.perf_counter() - begun
            programs = 1 + len(started.names())
        calls = len(sandbox.calls())
        claims = _claims(tool, done)
    except (OSError, subprocess.TimeoutExpired, UnreadableError) as error:
        return _not_run(tool, case, str(error))
    said = tuple(claim.words for claim in claims)
    return Run(tool.name, case.name, answer(claims, case.cause), said, seconds, programs, calls)


def _claims(tool: Tool, done: subprocess.CompletedProcess[str]) -> tuple[Claim, ...]:
    """What it says, whatever it exits with; where that is no answer, its last words are on standard error."""
    try:
        return tool.claims(done.stdout)
    except UnreadableError:
        return tool.claims(done.stdout + done.stderr)


def _done(tool: Tool, case: Case, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    program, *rest = tool.command(case)
    # By its whole path, so that the tool itself is not among the programs that are noted.
    return subprocess.run(  # noqa: S603 - what the user names
        [shutil.which(program) or program, *rest],
        env=dict(environment),
        # Only ecs-medic reads it.
        input=json.dumps(case.event, default=str),
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )


def _not_run(tool: Tool, case: Case, why: str) -> Run:
    return Run(tool.name, case.name, Answer.FAILED, (why,))


def _ecs_medic() -> Tool:
    program = Path(sys.executable).with_name("ecs-medic")

    def command(case: Case) -> tuple[str, ...]:
        """It is told of a session that failed; where none did, it is asked what would break one."""
        if not case.about_exec:
            return (str(program), "diagnose", "--task", case.task_arn, "--json")
        if case.event is None:
            return (str(program), "check", "--cluster", case.cluster, "--service", case.service, "--json")
        return (str(program), "diagnose", "--event", "-", "--json")

    return Tool("ecs-medic", command, of_ecs_medic)


def _exec_checker(path: Path) -> Tool:
    return Tool(
        "amazon-ecs-exec-checker",
        # By name and id: it puts an ARN of its own together from them.
        lambda case: ("bash", str(path), case.cluster, case.task_arn.rsplit("/", 1)[-1]),
        of_exec_checker,
        needs=("bash", "aws", "jq"),
        about_starts=False,
    )


def _ecs_doctor(path: Path) -> Tool:
    return Tool(
        "ecs-doctor",
        lambda case: (str(path), "diagnose", "--cluster", case.cluster, "--service", case.service, "--json"),
        of_ecs_doctor,
        about_exec=False,
    )
