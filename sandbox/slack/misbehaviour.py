"""How the Slack stand-in can misbehave, each for the next n calls of a method."""

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(slots=True)
class Misbehaviour:
    """`method` is a Web API method, `webhook` or `*`; `times` counts down, None means for ever.

    `retry_after`: whole seconds of the Retry-After header. `seconds`: how long a time-out or a slow body lasts. `code`:
    the `error` of an `ok: false` answer. `status`: HTTP status of a server error. A call that times out or is cut off
    is carried out all the same, as it is when an answer is lost on the way; the others change nothing.
    """

    kind: Kind
    method: str = "*"
    times: int | None = 1
    retry_after: int = 1
    seconds: float = 2.0
    code: str = "internal_error"
    status: int = 500

    @classmethod
    def from_json(cls, settings: Mapping[str, Any]) -> "Misbehaviour":
        """ValueError or TypeError for settings that make no sense."""
        given = dict(settings)
        return cls(kind=Kind(given.pop("kind", "")), **given)

    def as_json(self) -> dict[str, Json]:
        """All settings."""
        return {
            "kind": self.kind.value,
            "method": self.method,
            "times": self.times,
            "retry_after": self.retry_after,
            "seconds": self.seconds,
            "code": self.code,
            "status": self.status,
        }
