"""A diagnosis as the ledger keeps it: the report, and who is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self, cast

from ecs_medic.finding import JsonValue
from ecs_medic.report.model import Report
from ecs_medic.response.routing import Routing


@dataclass(frozen=True, slots=True)
class Remembered:
    """What rendering a message takes."""

    report: Report
    routing: Routing

    def as_json(self) -> JsonValue:
        """As it is kept; everything in it has been redacted with the report."""
        routing = self.routing
        return cast(
            "JsonValue",
            {
                "report": self.report.model_dump(mode="json"),
                "channel": routing.channel,
                "owner": routing.owner,
                "muted_until": routing.muted_until.isoformat() if routing.muted_until else None,
            },
        )

    @classmethod
    def from_json(cls, kept: JsonValue) -> Self:
        """What was kept; ValueError where it is no diagnosis."""
        if not isinstance(kept, Mapping):
            raise ValueError("expected an object")  # noqa: TRY004 - the caller handles one kind of error
        muted_until = kept.get("muted_until")
        return cls(
            report=Report.model_validate(kept.get("report")),
            routing=Routing(
                channel=_text(kept.get("channel")),
                owner=_text(kept.get("owner")),
                muted_until=datetime.fromisoformat(muted_until) if isinstance(muted_until, str) else None,
            ),
        )


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None
