"""Lambda's part in a durable execution, for `sam local invoke`: the local runner of AWS's own testing package."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.client import REGION

RUNNER = Path(sys.executable).parent / "dex-local-runner"
START_SECONDS = 60.0
STOP_SECONDS = 10.0
# Neither SAM nor the runner asks whose they are, but neither goes without any.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}


@dataclass(frozen=True, slots=True)
class Emulator:
    """A runner that listens on this port."""

    port: int

    @property
    def url(self) -> str:
        """Its address for this machine's own processes."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        """What SAM finds it by, instead of starting one in a container of its own."""
        return {**CREDENTIALS, "DURABLE_EXECUTIONS_EXTERNAL_EMULATOR_PORT": str(self.port)}


@contextmanager
def emulator(log: Path) -> Iterator[Emulator]:
    """A runner until the block ends; what it says goes to that file. RuntimeError where it does not start."""
    port = _free_port()
    # SAM asks for it at localhost, and the function's container at Docker's bridge.
    command = [str(RUNNER), "start-server", "--host", "0.0.0.0", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env={**os.environ, **CREDENTIALS}
        )
    try:
        found = Emulator(port)
        _wait_for(found, process, log)
        yield found
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait_for(found: Emulator, process: subprocess.Popen[bytes], log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with opener.open(f"{found.url}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"{RUNNER.name} does not answer: {log.read_text(errors='replace')[-500:]}")
