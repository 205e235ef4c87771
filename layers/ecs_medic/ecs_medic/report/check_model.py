"""A check as data: what `ecs-medic check --json` prints, and what every other form is made from.

Its schema is public. Fields may be added; none of these may be renamed, dropped or given another meaning.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ecs_medic.finding import Confidence
from ecs_medic.report.model import Finding, NotChecked, Part

type Breaks = Literal["start", "exec"]
"""What would not work: the start of a task, or an ECS Exec session."""


class Affected(Part):
    """A service that a trouble would hit.

    `subnet_ids` are those of its subnets in which it would, empty where that makes no difference.
    """

    service: str
    breaks: Breaks
    desired: int
    running: int
    subnet_ids: tuple[str, ...] = ()


class Trouble(Finding):
    """A finding that has not made anything fail yet, with all services that it would hit."""

    services: tuple[Affected, ...] = ()

    @property
    def breaks(self) -> tuple[Breaks, ...]:
        """What would not work, the start of a task before everything else."""
        return tuple(what for what in ("start", "exec") if any(one.breaks == what for one in self.services))


class Gap(NotChecked):
    """What could not be judged, and of which services; of none in particular where the list is empty."""

    services: tuple[str, ...] = ()


class Check(Part):
    """What would break in a cluster today, ranked, best first. `services` are all that were looked at."""

    schema_: Annotated[Literal["ecs-medic.check/1"], Field(alias="schema")] = "ecs-medic.check/1"
    account: str
    region: str
    cluster: str
    checked_at: AwareDatetime
    services: tuple[str, ...] = ()
    findings: tuple[Trouble, ...] = ()
    not_checked: tuple[Gap, ...] = ()
    calls: int = 0

    @property
    def shown(self) -> tuple[Trouble, ...]:
        """The findings that the account's state shows; the others are only possible."""
        return tuple(one for one in self.findings if one.confidence in {Confidence.CONFIRMED, Confidence.LIKELY})

    @property
    def untroubled(self) -> tuple[str, ...]:
        """Services of which nothing was found."""
        troubled = {one.service for trouble in self.findings for one in trouble.services}
        return tuple(name for name in self.services if name not in troubled)
