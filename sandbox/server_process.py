"""A server of ours in a process of its own: it says its addresses on its first line, and ends when its input closes."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parent.parent
START_SECONDS = 90.0
STOP_SECONDS = 10.0


class ServerDidNotStartError(Exception):
    """It said no addresses in time; the message is what it said instead."""


class ServerProcess:
    """A running one; it also ends when this process ends."""

    def __init__(self, process: subprocess.Popen[str], addresses: Mapping[str, Any]) -> None:
        self._process = process
        self.addresses = addresses

    @classmethod
    def start(cls, module: str, arguments: Sequence[str]) -> Self:
        """Start `python -m module arguments` and wait, at most 90 s, until it answers.

        Raises:
            ServerDidNotStartError: it does not.
        """
        command = [sys.executable, "-m", module, *arguments]
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        line = _first_line(process)
        try:
            return cls(process, json.loads(line))
        except ValueError:
            _end(process)
            raise ServerDidNotStartError(line.strip() or "see standard error") from None

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def stop(self) -> None:
        """End it within seconds; may be called again."""
        _end(self._process)


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # noqa: S101 - opened as a pipe
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.append(process.stdout.readline() if process.stdout else ""))
    reader.daemon = True
    reader.start()
    reader.join(START_SECONDS)
    return lines[0] if lines else ""


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)
    for stream in (process.stdin, process.stdout):
        if stream:
            stream.close()
