"""What carries a workflow: each step is done once as far as its result goes, waits cost nothing, answers may take days.

In Lambda a durable execution does that; on a terminal plain calls do.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from ecs_medic.finding import JsonValue

type Answer = Mapping[str, JsonValue]


class StepFailed(Exception):  # noqa: N818 - named after what happened
    """The work of a step failed for good, however often it was tried; the message says why."""


class Steps(Protocol):
    """Names are unique within a run, and the same whenever the run is gone through again."""

    def do(self, name: str, work: Callable[[], JsonValue]) -> JsonValue:
        """The result of the work, which is kept: after a crash, a step that was finished is not done again.

        One that was begun is: the work must bear being done twice.

        Raises:
            StepFailed: it raised, and trying again does not help.
        """
        ...

    def wait(self, name: str, seconds: int) -> None:
        """Go on after so long."""
        ...

    def ask(self, name: str, put: Callable[[str], None], seconds: int) -> Answer | None:
        """Put a question, and give its answer; None where none came within so long.

        `put` is given the id by which the answer comes back, and may be called more than once.
        """
        ...
