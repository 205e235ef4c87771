"""Running a small program of this machine, for as long as it may take."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NotRun:
    """Why there is no output; `late` where the program was still running and was ended."""

    reason: str
    late: bool = False


def run(command: Sequence[str], environment: Mapping[str, str], seconds: float) -> str | NotRun:
    """What the program writes to its standard output; it gets no input."""
    try:
        ended = subprocess.run(  # noqa: S603 - no shell, and the program is one of this machine's own
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=dict(environment),
            timeout=max(seconds, 0.001),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return NotRun(f"it did not end within {seconds:.1f} s", late=True)
    except OSError as error:
        return NotRun(str(error.strerror or error))
    if ended.returncode != 0:
        return NotRun(f"it ends with code {ended.returncode}")
    return ended.stdout.decode("utf-8", "replace")
