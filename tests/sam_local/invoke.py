"""`sam local invoke`: the function in a container, as built by `sam build`.

The first invocation is the command itself, in a process of its own. It spends two thirds of its time packing the layers
into an image that Docker then finds unchanged, and most of the rest on starting SAM. Later ones therefore run the same
command in copies of one process that has SAM loaded already, and leave the image as the first one built it.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from sandbox.client import REGION
from sandbox.stack import FUNCTION

ROOT = Path(__file__).parents[2]
SAM = Path(sys.executable).parent / "sam"
LONGEST_SECONDS = 180.0
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Invocation:
    """What came of it: `answer` is what the handler returned, `log` what function and SAM wrote, both as text."""

    answer: str
    log: str
    exit_code: int
    seconds: float

    def returned(self) -> Any:
        """The handler's answer; ValueError where it is no JSON."""
        return json.loads(self.answer)

    def log_of_function(self) -> list[str]:
        """What the function wrote, without what SAM says before and after; all of it where it never started."""
        lines = self.log.splitlines()
        first = next((at for at, line in enumerate(lines) if line.startswith("START ")), 0)
        last = max((at for at, line in enumerate(lines) if line.startswith("REPORT ")), default=len(lines))
        return lines[first : last + 1]


@dataclass(frozen=True, slots=True)
class Function:
    """What is invoked: `arguments` and `variables` are SAM's, beside those that every function has."""

    name: str = FUNCTION
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    longest_seconds: float = LONGEST_SECONDS


DIAGNOSE = Function()


def invoke(
    event: Path, environment: Mapping[str, str], scratch: Path, architecture: str, function: Function = DIAGNOSE
) -> Invocation:
    """Invokes the function with the event in that file, by the command `sam`."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            [SAM, *_arguments(event, environment, scratch, architecture, function)],
            cwd=ROOT,
            env={**os.environ, **_variables(scratch, function)},
            capture_output=True,
            text=True,
            check=False,
            timeout=function.longest_seconds,
        )
    except subprocess.TimeoutExpired:
        return _too_long(function)
    return Invocation(done.stdout, done.stderr, done.returncode, time.monotonic() - started)


def invoke_again(
    event: Path, environment: Mapping[str, str], scratch: Path, architecture: str, function: Function = DIAGNOSE
) -> Invocation:
    """Does the same with the image that `invoke` has built; `scratch` must be nobody else's meanwhile.

    What the function has written so far is in `scratch/log`.
    """
    answer, log = scratch / "answer", scratch / "log"
    arguments = _arguments(event, environment, scratch, architecture, function)
    started = time.monotonic()
    process = _loaded().Process(target=_sam, args=(arguments, _variables(scratch, function), answer, log))
    process.start()
    process.join(function.longest_seconds)
    if process.is_alive():
        # SAM takes its container away with it.
        process.terminate()
        process.join(STOP_SECONDS)
        process.kill()
        process.join()
        return _too_long(function)
    seconds = time.monotonic() - started
    return Invocation(_text(answer), _text(log), 1 if process.exitcode is None else process.exitcode, seconds)


def _arguments(
    event: Path, environment: Mapping[str, str], scratch: Path, architecture: str, function: Function
) -> list[str]:
    variables = scratch / "variables.json"
    variables.write_text(json.dumps({function.name: dict(environment)}))
    return [
        *("local", "invoke", function.name, "--event", str(event)),
        *("--env-vars", str(variables), "--region", REGION),
        *("--parameter-overrides", f"Architecture={architecture}"),
        *("--skip-pull-image", "--docker-network", "host"),
        *function.arguments,
    ]


def _variables(scratch: Path, function: Function) -> dict[str, str]:
    # SAM locks images by files in the temporary folder, and waits for ever for one that a killed run left.
    return {"SAM_CLI_TELEMETRY": "0", "TMPDIR": str(scratch), **function.variables}


def _too_long(function: Function) -> Invocation:
    seconds = function.longest_seconds
    return Invocation("", f"no answer within {seconds:.0f} s", 1, seconds)


def _text(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else ""


def _loaded() -> ForkServerContext:
    """Starts the process that has SAM loaded, once, and copies it from then on."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["samcli.cli.main", "samcli.commands.local.invoke.cli", "docker", __name__])
    return context


def _sam(arguments: Sequence[str], variables: Mapping[str, str], answer: Path, log: Path) -> None:
    """In the copy: runs SAM as its console script does, with files for its two outputs."""
    for descriptor, file in ((1, answer), (2, log)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    os.environ.update(variables)
    tempfile.tempdir = None
    os.chdir(ROOT)
    _leave_the_image()
    from samcli.cli.main import cli  # noqa: PLC0415 - in the copy only: it is a second's work

    cli(list(arguments), prog_name="sam")


def _leave_the_image() -> None:
    """Keeps SAM from packing and building the image again, which it does for every layer of the template's own.

    It still looks it up by the name that stands for runtime and layers, and an image that is not there fails the run.
    """
    from samcli.local.docker.lambda_image import LambdaImage  # noqa: PLC0415 - as above

    if not callable(getattr(LambdaImage, "_build_image", None)):
        raise TypeError("this version of SAM builds its image in another way")
    LambdaImage._build_image = lambda *_, **__: None
