"""Lambda's runtime interface emulator as a plain process: one execution environment, from nothing to its answer.

The emulator is in the installed SAM CLI, for Linux alone; the runtime interface client, which Lambda's image brings
with it, is copied from this environment. What a function finds there is as in Lambda: its own folder, the layers, the
client; nothing of this environment.
"""

import compileall
import contextlib
import http.client
import importlib.metadata
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

RUNTIME_CLIENT = "awslambdaric"
_INVOKE = "/2015-03-31/functions/function/invocations"
_START_SECONDS = 20.0
_ANSWER_SECONDS = 90.0


class EmulatorError(Exception):
    """It cannot be run here, or did not answer as a function that succeeded; the message says why."""


@dataclass(frozen=True, slots=True)
class ColdStart:
    """The first invocation of an execution environment, from the request to the answer; Init is part of it.

    `cpu_seconds` and `peak_mb` are the runtime process's own: all of its threads, and VmHWM of proc(5).
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    answer: object


def installed(name: str, folder: Path) -> Path:
    """A library of this environment with what it needs, compiled, in a folder of its own in `folder`.

    Raises:
        EmulatorError: it is not installed.
    """
    try:
        wanted = folder / f"{name}-{importlib.metadata.version(name)}"
        if not wanted.exists():
            unfinished = folder / f"{name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            for one in dict.fromkeys(_with_what_it_needs(name)):
                _copy(one, unfinished)
            compileall.compile_dir(unfinished, quiet=2, stripdir=str(folder))
            unfinished.rename(wanted)
    except importlib.metadata.PackageNotFoundError as error:
        raise EmulatorError(f"{error.name} is not installed: run `make setup`") from None
    return wanted


def _with_what_it_needs(name: str) -> Iterator[str]:
    yield name
    for requirement in importlib.metadata.requires(name) or ():
        if "extra ==" in requirement:
            continue
        yield from _with_what_it_needs(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0])


def _copy(name: str, folder: Path) -> None:
    distribution = importlib.metadata.distribution(name)
    for file in distribution.files or ():
        if ".." not in file.parts and file.suffix != ".pyc":
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), target)


def emulator() -> Path:
    """The emulator's executable.

    Raises:
        EmulatorError: there is none for this machine.
    """
    machine = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine())
    if platform.system() != "Linux" or machine is None:
        raise EmulatorError(f"the emulator needs Linux on x86_64 or arm64; this is {platform.platform()}")
    package = importlib.metadata.distribution("aws-sam-cli")
    return Path(str(package.locate_file(f"samcli/local/rapid/aws-lambda-rie-{machine}")))


def cold_start(
    handler: str, event: object, *, path: Sequence[Path], environment: Mapping[str, str], log: Path
) -> ColdStart:
    """Invoke `handler` (module.function) once in a new execution environment; the first folder of `path` is its own.

    Raises:
        EmulatorError: there was no answer, or the function failed.
    """
    port, api_port = _free_ports(2)
    ours = {
        **environment,
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "LAMBDA_TASK_ROOT": str(path[0]),
        "AWS_LAMBDA_FUNCTION_NAME": handler.split(".", maxsplit=1)[0],
        "AWS_LAMBDA_FUNCTION_TIMEOUT": f"{_ANSWER_SECONDS:.0f}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    }
    interpreter = getattr(sys, "_base_executable", sys.executable)
    command = [
        str(emulator()),
        *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
        *("--runtime-api-address", f"127.0.0.1:{api_port}"),
        *(interpreter, "-S", "-m", RUNTIME_CLIENT, handler),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=ours, cwd=path[0], stdout=output, stderr=output)  # noqa: S603 - ours
    try:
        _wait_for(port, process)
        started = time.perf_counter()
        answer = _asked(port, event)
        seconds = time.perf_counter() - started
        if isinstance(answer, dict) and "errorType" in answer:
            raise EmulatorError(f"{handler}: {answer['errorType']}: {answer.get('errorMessage')}")
        cpu_seconds, peak_mb = _spent(_runtime_process(process.pid))
        return ColdStart(seconds, cpu_seconds, peak_mb, answer)
    except (OSError, ValueError) as error:
        raise EmulatorError(f"{handler}: {error}; see {log}") from None
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait(5)


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in range(number)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in listeners]


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise TimeoutError("the emulator did not start")


def _asked(port: int, event: object) -> object:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
    with contextlib.closing(connection):
        connection.request("POST", _INVOKE, json.dumps(event).encode())
        answer: object = json.loads(connection.getresponse().read())
        return answer


def _runtime_process(emulator_pid: int) -> int:
    """The one child of the emulator."""
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            if re.search(rf"^PPid:\t{emulator_pid}$", status.read_text(), re.MULTILINE):
                return int(status.parent.name)
    raise ProcessLookupError("the runtime process is gone")


def _spent(pid: int) -> tuple[float, float]:
    """Processor seconds and the most memory at once, in MB."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    if peak is None:
        raise ProcessLookupError("the runtime process has no memory any more")
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK"), int(peak[1]) / 1024
