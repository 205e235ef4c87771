"""A diagnosis as the ledger keeps it: the report, who is told, and what a repair would change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self, cast

from ecs_medic.finding import JsonValue
from ecs_medic.repair.proposal import Proposal
from ecs_medic.report.model import Report
from ecs_medic.response.routing import Routing


@dataclass(frozen=True, slots=True)
class Remembered:
    """What rendering a message takes, and starting a repair. `proposal` is None in what an older version has kept."""

    report: Report
    routing: Routing
    proposal: Proposal | None = None

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
                "proposal": self.proposal.as_json() if self.proposal else None,
            },
        )

    @classmethod
    def from_json(cls, kept: JsonValue) -> Self:
        """What was kept; ValueError where it is no diagnosis."""
        if not isinstance(kept, Mapping):
            raise ValueError("expected an object")  # noqa: TRY004 - the caller handles one kind of error
        muted_until, proposal = kept.get("muted_until"), kept.get("proposal")
        return cls(
            report=Report.model_validate(kept.get("report")),
            routing=Routing(
                channel=_text(kept.get("channel")),
                owner=_text(kept.get("owner")),
                muted_until=datetime.fromisoformat(muted_until) if isinstance(muted_until, str) else None,
            ),
            proposal=_proposal(proposal) if isinstance(proposal, Mapping) else None,
        )


def _proposal(kept: Mapping[str, JsonValue]) -> Proposal | None:
    """None where it was cut to fit, or is another version's: then nothing is repaired by this diagnosis."""
    try:
        return Proposal.from_json(kept)
    except (KeyError, TypeError, ValueError):
        return None


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None
