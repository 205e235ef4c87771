"""The steps of a run that one process carries through while somebody watches, with nothing kept of its results."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ecs_medic.finding import JsonValue
from ecs_medic.repair.steps import Answer


@dataclass(frozen=True, slots=True)
class InProcess:
    """`answer` is what every question is answered with."""

    answer: Answer | None
    sleep: Callable[[float], None] = field(default=time.sleep)

    def do(self, name: str, work: Callable[[], JsonValue]) -> JsonValue:  # noqa: ARG002 - part of the protocol
        """Do it at once. What it raises goes to whoever watches: they know what to do about it."""
        return work()

    def wait(self, name: str, seconds: int) -> None:  # noqa: ARG002 - part of the protocol
        """Wait here."""
        self.sleep(seconds)

    def ask(self, name: str, put: Callable[[str], None], seconds: int) -> Answer | None:  # noqa: ARG002
        """The answer was given beforehand."""
        put(name)
        return self.answer
