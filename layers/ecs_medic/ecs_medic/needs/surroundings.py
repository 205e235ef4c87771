"""What every derivation of a need has to know of the task's surroundings."""

from dataclasses import dataclass

from ecs_medic.needs.carriers import Carriers


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the task runs, and what carries its traffic."""

    account: str
    region: str
    partition: str
    carriers: Carriers
