"""What was changed before something failed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """Where the change shows."""

    TASK_DEFINITION = "task_definition"
    API_CALL = "api_call"


@dataclass(frozen=True, slots=True)
class Changed:
    """One difference, or one call that CloudTrail recorded: what, on which resource, when and by whom.

    A task definition tells no time and no author of a single difference: both are None.
    """

    kind: ChangeKind
    what: str
    resource: str
    at: datetime | None = None
    by: str | None = None
