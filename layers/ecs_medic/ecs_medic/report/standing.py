"""Where an alert stands by now: how often, since when, which services, and whether it is over."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ecs_medic.report.repair_standing import RepairStanding


class State(StrEnum):
    """What the message says first."""

    OPEN = "open"
    FAILED_AGAIN = "failed_again"
    """It had been resolved, and the same thing happened once more."""
    RESOLVED = "resolved"
    MOVED = "moved"
    """Its cause turned out to be that of another alert, which goes on in its stead."""


@dataclass(frozen=True, slots=True)
class Affected:
    """One service (or family of standalone tasks) that fails by this alert's cause.

    `over` is true once its own verification succeeded.
    """

    name: str
    cluster: str
    count: int
    over: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What a message tells beside the diagnosis itself; times are aware, `count` is that of all services together."""

    count: int
    first_seen: datetime
    last_seen: datetime
    state: State = State.OPEN
    affected: tuple[Affected, ...] = ()
    """Most failures first; empty or one: the report names it already."""
    resolved_at: datetime | None = None
    proof: str | None = None
    """Why the alert is over, or why it is not although the service looks well."""
    owner: str | None = None
    """A Slack user's id, a user group's id, or any name, by the service's tag."""
    muted_until: datetime | None = None
    muted_by: str | None = None
    successor: str | None = None
    """The incident id under which a moved alert goes on."""
    button_value: str | None = None
    """What the mute button sends back; None where no button can be answered."""
    repair: RepairStanding | None = None
    """The newest run of a repair; None where there never was one."""
