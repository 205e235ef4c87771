"""How the Slack stand-in can misbehave, each for the next n calls of a method."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from sandbox.json_types import Json


class Kind(StrEnum):
    """What happens to a call."""

    RATELIMITED = "ratelimited"
    SERVER_ERROR = "server_error"
    TIMEOUT = "timeout"
    ERROR = "error"
    SLOW_BODY = "slow_body"
    MALFORMED = "malformed"
    DISCONNECT = "disconnect"


LOSES_THE_ANSWER = frozenset({Kind.TIMEOUT, Kind.DISCONNECT, Kind.SLOW_BODY})


@dataclass(slots=True)
class Misbehaviour:
    """`method` is a Web API method, `webhook`, `response_url` or `*`; `times` counts down, None means for ever.

    `skip`: so many calls of the method go well before. `retry_after`: whole seconds of the Retry-After header.
    `seconds`: how long a time-out or a slow body lasts. `code`: the `error` of an `ok: false` answer. `status`: HTTP
    status of a server error. `carried_out`: whether the call does what it should all the same, as it has when an answer
    is lost on the way; None means what is usual: a call that times out, is slow or is cut off is carried out, the
    others change nothing.
    """

    kind: Kind
    method: str = "*"
    times: int | None = 1
    skip: int = 0
    retry_after: int = 1
    seconds: float = 2.0
    code: str = "internal_error"
    status: int = 500
    carried_out: bool | None = None

    @property
    def is_carried_out(self) -> bool:
        """Whether the call does what it should."""
        return self.kind in LOSES_THE_ANSWER if self.carried_out is None else self.carried_out

    @classmethod
    def from_json(cls, settings: Mapping[str, Any]) -> "Misbehaviour":
        """ValueError or TypeError for settings that make no sense."""
        given = dict(settings)
        made = cls(kind=Kind(given.pop("kind", "")), **given)
        if made.kind is Kind.SLOW_BODY and not made.is_carried_out:
            raise ValueError("a slow body is that of a call carried out")
        return made

    def as_json(self) -> dict[str, Json]:
        """All settings."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
