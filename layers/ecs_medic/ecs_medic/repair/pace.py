"""How long a repair waits for what, and how often it tries."""

from dataclasses import dataclass
from datetime import timedelta

from ecs_medic.remedies.recheck_later import AFTER_SECONDS
from ecs_medic.verification import SHORTEST_QUIET


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds.

    `rounds` is how often a new cause may show once the one before is gone; `questions` how often the plan may change
    while somebody is asked. `arrive` is how long an answer that was given in time may be on its way: the sweep brings
    it where it was lost. `prove` is how long a repair may take to show its effect once everything has settled.
    """

    rounds: int = 3
    questions: int = 4
    answer: int = 8 * 3600
    arrive: int = 5 * 60
    attempts: int = 5
    between_attempts: int = 20
    settle: int = 20 * 60
    prove: int = 30 * 60
    undo: int = 20 * 60
    first_look: int = 5
    longest_pause: int = 60
    recheck: int = AFTER_SECONDS
    stay_up: timedelta = SHORTEST_QUIET

    def pause(self, look: int) -> int:
        """Before the next look, ever longer; `look` counts from 0."""
        return int(min(self.first_look * 1.5**look, self.longest_pause))

    def looks(self, seconds: int) -> int:
        """How many looks fit into so long."""
        count, passed = 1, 0
        while passed < seconds:
            passed += max(self.pause(count - 1), 1)
            count += 1
        return count
