"""What probes work with."""

import ssl
from dataclasses import dataclass, field

from ecs_medic.doctor.bounded import Deadline
from ecs_medic.doctor.resolve import Lookup


@dataclass(frozen=True, slots=True)
class Means:
    """The seconds that each step may take, the end of everything, how names are looked up, and whom to trust."""

    seconds: float
    deadline: Deadline
    lookup: Lookup
    trust: ssl.SSLContext = field(repr=False)

    @property
    def step(self) -> float:
        """Seconds that the next step may take."""
        return self.deadline.within(self.seconds)
