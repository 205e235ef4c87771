"""An event that cannot be used, said in one line."""

from pydantic import ValidationError


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
        got = "missing" if first["type"] == "missing" else f"got {_shown(first['input'])}"
        return cls(path or "event", f"{first['msg'].lower().removeprefix('value error, ')} ({got})")


def _shown(value: object) -> str:
    """A value short enough for one line."""
    text = "null" if value is None else repr(value)
    text = text.replace("\n", " ")
    return text if len(text) <= 60 else f"{text[:57]}…"
