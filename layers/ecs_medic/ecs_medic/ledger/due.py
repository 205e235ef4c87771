"""What the sweep has to take up."""

from dataclasses import dataclass
from enum import StrEnum

from ecs_medic.ledger import keys
from ecs_medic.ledger.table import Table


class DueKind(StrEnum):
    """What is due."""

    INCIDENT = keys.INCIDENT
    """Attend to it: a crash left it, or its counter is behind."""
    ALERT = keys.ALERT
    """Tell Slack: the message is missing or behind."""
    VERIFICATION = keys.VERIFICATION
    """Look whether the incident is over."""
    RUN = keys.RUN
    """See to a repair's run that has got stuck: see `overdue_runs`."""


@dataclass(frozen=True, slots=True)
class Due:
    """One thing whose time has come; `id` is the incident's, alert's or run's. It must be claimed before it is done."""

    kind: DueKind
    id: str


def due(table: Table, now: int, *, limit: int = 100) -> tuple[Due, ...]:
    """At most `limit` things that are due, the longest overdue first."""
    return tuple(
        Due(DueKind(str(item["sk"])), str(item["pk"]).split("#", 1)[-1]) for item in table.query_due(now, limit=limit)
    )
