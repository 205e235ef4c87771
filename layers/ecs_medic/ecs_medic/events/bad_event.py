"""An event that cannot be used, said in one line."""

from pydantic import ValidationError

from ecs_medic.redaction import redact

_MOST_READ = 400
"""Characters of a value that are looked at."""
_MOST_SHOWN = 60


class BadEventError(ValueError):
    """The input is no event that this service understands; the message names the field and what was expected."""

    def __init__(self, field: str, expected: str) -> None:
        self.field = field
        super().__init__(f"{field}: {expected}")

    @classmethod
    def from_validation(cls, error: ValidationError, prefix: str = "") -> "BadEventError":
        """The first of pydantic's complaints, with the path of its field."""
        first = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in (prefix, *first["loc"]) if part != "")
        got = "missing" if first["type"] == "missing" else f"got {shown(first['input'])}"
        return cls(path or "event", f"{first['msg'].lower().removeprefix('value error, ')} ({got})")


def shown(value: object, most: int = _MOST_SHOWN) -> str:
    """A value short enough for one line, in ASCII alone, without secrets: it goes into a log and to a terminal."""
    if isinstance(value, str):
        value = value[:_MOST_READ]
    text = "null" if value is None else redact(ascii(value)[:_MOST_READ])
    return text if len(text) <= most else f"{text[: most - 1]}…"
