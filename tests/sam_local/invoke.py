"""One `sam local invoke`: the function in a container, as built by `sam build`."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.client import REGION
from sandbox.stack import FUNCTION

ROOT = Path(__file__).parents[2]
SAM = Path(sys.executable).parent / "sam"
LONGEST_SECONDS = 180


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
        last = next((at for at, line in enumerate(lines) if line.startswith("REPORT ")), len(lines))
        return lines[first : last + 1]


def invoke(event: Path, environment: Mapping[str, str], scratch: Path, architecture: str) -> Invocation:
    """Invokes DiagnoseFunction with the event in that file."""
    variables = scratch / "variables.json"
    variables.write_text(json.dumps({FUNCTION: dict(environment)}))
    command: list[str | Path] = [
        *(SAM, "local", "invoke", FUNCTION, "--event", event),
        *("--env-vars", variables, "--region", REGION),
        *("--parameter-overrides", f"Architecture={architecture}"),
        *("--skip-pull-image", "--docker-network", "host"),
    ]
    started = time.monotonic()
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            # SAM locks images by files in the temporary folder, and waits for ever for one that a killed run left.
            env={**os.environ, "SAM_CLI_TELEMETRY": "0", "TMPDIR": str(scratch)},
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return Invocation("", f"no answer within {LONGEST_SECONDS} s", 1, LONGEST_SECONDS)
    return Invocation(done.stdout, done.stderr, done.returncode, time.monotonic() - started)
