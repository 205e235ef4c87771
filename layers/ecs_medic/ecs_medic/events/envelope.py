"""The envelope of every EventBridge event.

Source: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from ecs_medic.events.bad_event import BadEventError

Text = Annotated[str, StringConstraints(min_length=1)]


class Envelope(BaseModel):
    """What every event carries; unknown fields are tolerated, as AWS asks of those who read its events."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    source: Text
    detail_type: Text = Field(alias="detail-type")
    account: Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
    region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,}(-[a-z0-9]+)+$", max_length=40)]
    time: datetime
    resources: tuple[str, ...] = ()
    detail: Mapping[str, object]
    id: str | None = None

    @field_validator("time")
    @classmethod
    def _in_utc(cls, time: datetime) -> datetime:
        """AWS always writes UTC; a hand-made event may leave it out."""
        try:
            return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        except OverflowError:
            raise ValueError("expected a time within the years 1 to 9999 of UTC") from None


def open_envelope(event: object) -> Envelope:
    """Read the envelope.

    Raises:
        BadEventError: it is no object, or a field that every event has is missing or of another type.
    """
    if not isinstance(event, Mapping):
        raise BadEventError("event", f"expected a JSON object (one EventBridge event), got {_kind(event)}")
    if not event:
        raise BadEventError("event", "expected an EventBridge event, got an empty object")
    try:
        return Envelope.model_validate(event)
    except ValidationError as error:
        raise BadEventError.from_validation(error) from None


def _kind(value: object) -> str:
    names = {list: "an array", str: "a string", int: "a number", float: "a number", bool: "a boolean"}
    return "null" if value is None else names.get(type(value), type(value).__name__)
