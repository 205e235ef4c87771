"""Which programs a tool starts: each name on the PATH leads to a script that notes the start and then runs the program.

Nothing is traced, so that it works without privileges. What is started by its whole path is not counted, and neither
are a shell's own subshells.
"""

import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_NOTE = """#!/bin/sh
echo {name} >> "$BENCH_STARTED"
exec {program} "$@"
"""


class Starts:
    """The names of the programs that were started, in order."""

    def __init__(self, noted: Path) -> None:
        self._noted = noted

    def names(self) -> tuple[str, ...]:
        """So far."""
        return tuple(self._noted.read_text().split())


@contextmanager
def noted(environment: Mapping[str, str]) -> Iterator[tuple[dict[str, str], Starts]]:
    """An environment in which the starts of programs by their name are noted, and the notes."""
    with TemporaryDirectory(prefix="ecs-medic-bench-") as folder:
        scripts, notes = Path(folder, "bin"), Path(folder, "started")
        scripts.mkdir()
        notes.touch()
        for name, program in _programs(environment.get("PATH", os.defpath)).items():
            script = scripts / name
            script.write_text(_NOTE.format(name=shlex.quote(name), program=shlex.quote(program)))
            script.chmod(0o700)
        yield {**environment, "PATH": str(scripts), "BENCH_STARTED": str(notes)}, Starts(notes)


def _programs(path: str) -> dict[str, str]:
    """What can be started by its name alone, and what that starts: of two, the one that comes first."""
    found: dict[str, str] = {}
    for folder in path.split(os.pathsep):
        if folder and Path(folder).is_dir():
            for one in os.scandir(folder):
                if one.is_file() and os.access(one.path, os.X_OK):
                    found.setdefault(one.name, one.path)
    return found
