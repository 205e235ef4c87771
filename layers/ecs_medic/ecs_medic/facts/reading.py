"""Taking values out of what AWS sends, where any of them may be missing, null or of another type.

Events have been seen with numbers as text, booleans as text, and the text "null" for nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

type Json = Mapping[str, object]


def text(source: Json, *names: str) -> str | None:
    """The first of these fields that holds text (or a number, as text)."""
    for name in names:
        value = source.get(name)
        if isinstance(value, str) and value and value != "null":
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return None


def number(source: Json, name: str) -> int | None:
    """The whole number in that field; text that reads as one counts."""
    value = source.get(name)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return None
    return None


def flag(source: Json, name: str) -> bool | None:
    """The truth value in that field; the words "true" and "false" count."""
    value = source.get(name)
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return None


def moment(source: Json, name: str) -> datetime | None:
    """The time in that field: a datetime (boto3), ISO 8601 text (events) or seconds since 1970 (raw JSON answers)."""
    value = source.get(name)
    try:
        if isinstance(value, datetime):
            return _in_utc(value)
        if isinstance(value, str):
            return _in_utc(datetime.fromisoformat(value))
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _in_utc(found: datetime) -> datetime:
    """Raises OverflowError where the first day, or the last, is another one in UTC, which no calendar here has."""
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def moment_of_millis(source: Json, name: str) -> datetime | None:
    """The time in that field, which counts milliseconds since 1970 as CloudWatch Logs does."""
    value = number(source, name)
    try:
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def mapping(source: Json, name: str) -> Json:
    """The object in that field, or an empty one."""
    value = source.get(name)
    return value if isinstance(value, Mapping) else {}


def mappings(source: Json, name: str) -> tuple[Json, ...]:
    """The objects of the list in that field; whatever else is in it is left out."""
    value = source.get(name)
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return ()
    return tuple(item for item in value if isinstance(item, Mapping))


def texts(source: Json, name: str) -> tuple[str, ...]:
    """The texts of the list in that field."""
    value = source.get(name)
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return ()
    return tuple(item for item in value if isinstance(item, str) and item)


def pairs(source: Json, name: str, *, key: str = "name", value: str = "value") -> dict[str, str]:
    """The list of name-value objects in that field as one mapping; a pair without a value has the empty one."""
    found: dict[str, str] = {}
    for item in mappings(source, name):
        label = item.get(key)
        if isinstance(label, str) and label:
            content = item.get(value)
            found[label] = content if isinstance(content, str) else ("" if content is None else str(content))
    return found


def tags(source: Json, name: str = "tags") -> dict[str, str]:
    """Tags, whichever way the service spells their keys (`key` in ECS, `Key` in EC2 and IAM)."""
    return pairs(source, name, key="key", value="value") or pairs(source, name, key="Key", value="Value")
