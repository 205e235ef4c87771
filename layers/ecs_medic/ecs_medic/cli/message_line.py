"""One line of `ecs-medic explain --jsonl`: a message as a JSON object."""

import json
from typing import cast

from ecs_medic.cli.failure import UnusableInputError
from ecs_medic.incident import Kind, Message
from ecs_medic.symptoms.guess_kind import guess_kind

_TEXTS = ("stop_code", "stopped_reason", "container_reason", "launch_type", "error_code")


def message_of_line(raw: bytes) -> Message:
    """The message in one line of JSON. Every key is optional; unknown keys are ignored.

    Raises:
        UnusableInputError: not UTF-8, not a JSON object, or a field of the wrong type; says which.
    """
    try:
        line = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise UnusableInputError(f"not UTF-8 text (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise UnusableInputError(f"not JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise UnusableInputError("not a message: nested too deeply") from None
    except ValueError as error:
        raise UnusableInputError(f"not JSON: {error}") from None
    if not isinstance(line, dict):
        raise UnusableInputError(f"expected a JSON object, got {_name(line)}")
    return message_of(cast("dict[str, object]", line))


def message_of(line: dict[str, object]) -> Message:
    """The message that an object holds.

    Raises:
        UnusableInputError: a field of the wrong type; says which, and what was expected.
    """
    texts = {name: _text(line, name) for name in _TEXTS}
    in_service = line.get("in_service")
    if in_service is not None and not isinstance(in_service, bool):
        raise UnusableInputError(f"in_service: expected true, false or null, got {_name(in_service)}")
    return Message(kind=_kind(line, texts), exit_code=_exit_code(line), in_service=in_service, **texts)


def _kind(line: dict[str, object], texts: dict[str, str | None]) -> Kind:
    given = line.get("kind")
    if given is None:
        return guess_kind(texts["stopped_reason"] or texts["container_reason"] or "")
    if isinstance(given, str) and given in Kind:
        return Kind(given)
    expected = ", ".join(kind.value for kind in Kind if kind is not Kind.ON_DEMAND)
    shown = given[:40] if isinstance(given, str) else _name(given)
    raise UnusableInputError(f"kind: expected one of {expected}, got {shown}")


def _text(line: dict[str, object], name: str) -> str | None:
    value = line.get(name)
    if value is None or isinstance(value, str):
        return value
    raise UnusableInputError(f"{name}: expected a string or null, got {_name(value)}")


def _exit_code(line: dict[str, object]) -> int | None:
    value = line.get("exit_code")
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise UnusableInputError(f"exit_code: expected an integer or null, got {_name(value)}")


def _name(value: object) -> str:
    """What JSON calls such a value."""
    if value is None:
        return "null"
    names: dict[type, str] = {bool: "a boolean", str: "a string", list: "an array", dict: "an object"}
    return names.get(type(value), "a number")
