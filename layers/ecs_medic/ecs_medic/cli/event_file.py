"""Reading one event from a file or from standard input."""

import json
import sys
from pathlib import Path

from ecs_medic.cli.failure import UnusableInputError


def read_event(name: str) -> object:
    """The JSON value in the file, `-` for standard input.

    Raises:
        UnusableInputError: no such file, not UTF-8, empty, or not JSON.
    """
    where = "standard input" if name == "-" else name
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UnusableInputError(f"--event: cannot read {where}: {error.strerror}") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableInputError(f"--event: {where} is not UTF-8 text (byte {error.start})") from None
    if not text.strip():
        raise UnusableInputError(f"--event: {where} is empty, expected one EventBridge event as JSON")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message = f"{error.msg} (line {error.lineno}, column {error.colno})"
        raise UnusableInputError(f"--event: {where} is not JSON: {message}") from None
    except ValueError as error:
        # A number of thousands of digits is JSON and still nothing that can be read.
        raise UnusableInputError(f"--event: {where} cannot be read: {error}") from None
    except RecursionError:
        raise UnusableInputError(f"--event: {where} is nested too deeply for an event") from None
