"""One run of a repair, as its remedies see it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ecs_medic.aws.reader import Reader
from ecs_medic.aws.writer import Writer
from ecs_medic.remedies.receipt import Receipt

RUN_TAG = "ecs-medic:run"
INCIDENT_TAG = "ecs-medic:incident"
NAME_TAG = "Name"


@dataclass(frozen=True, slots=True)
class Run:
    """`save` keeps a receipt where a crash does not reach it; it is called before and after every write."""

    id: str
    incident_id: str
    region: str
    reader: Reader
    writer: Writer
    save: Callable[[Receipt], None]

    def tags(self, name: str | None = None) -> dict[str, str]:
        """What everything that this run makes is marked with."""
        own = {RUN_TAG: self.id, INCIDENT_TAG: self.incident_id}
        return {NAME_TAG: name, **own} if name else own

    def token(self, *about: str) -> str:
        """The same token for the same write of this run, so that AWS makes it once."""
        return hashlib.sha256("|".join((self.id, *about)).encode()).hexdigest()[:48]

    @property
    def short_id(self) -> str:
        """A few characters that tell this run from others, fit for the name of a resource."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:8]


def made_by(tags: Mapping[str, str]) -> str | None:
    """The run that has marked something as its own."""
    return tags.get(RUN_TAG)
