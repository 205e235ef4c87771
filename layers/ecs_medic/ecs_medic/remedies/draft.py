"""A change before it has a price, a blast radius and a verdict on who owns what it touches."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Network
from ecs_medic.facts.same import Same
from ecs_medic.finding import Finding
from ecs_medic.incident import Incident
from ecs_medic.plan import Action, Change, Safety
from ecs_medic.remedies.ownership import Owned
from ecs_medic.remedies.params import Params, texts
from ecs_medic.remedies.policy import RepairPolicy
from ecs_medic.remedies.survey import Survey


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything that a plan is made from."""

    incident: Incident
    facts: Facts
    findings: tuple[Finding, ...]
    survey: Survey
    policy: RepairPolicy

    @property
    def service(self) -> str | None:
        """The name of the service whose tasks fail."""
        if self.incident.service:
            return self.incident.service
        return self.facts.task.value.service_name if isinstance(self.facts.task, Known) else None

    def network(self, vpc_id: str) -> Network:
        """The VPC, as far as it was read."""
        return self.facts.networks.get(vpc_id, Network(vpc_id))

    def service_tags(self) -> Owned | None:
        """The service, with its tags where they were read."""
        if self.service is None:
            return None
        found = self.facts.service
        return Owned(self.service, found.value.tags if isinstance(found, Known) else None)


@dataclass(frozen=True, slots=True)
class Draft:
    """A change to be: `touches` are the resources that are there already and that it changes.

    `beside` says what the change does beyond its purpose, where that is not for the reachability model to find out.
    `unattended` is whether it may run without anybody's approval. `certain` is whether its cause is confirmed.
    """

    action: Action
    params: Params
    touches: tuple[Owned, ...] = ()
    beside: str = ""
    unattended: bool = False
    certain: bool = True

    @property
    def change(self) -> Change:
        """The change as far as it is known: enough for the network to be foreseen."""
        return _change(self.action, Same(self.params))

    @property
    def vpc_id(self) -> str | None:
        """The VPC whose ways it may change."""
        value = self.params.get("vpc_id")
        return value if isinstance(value, str) else None

    @property
    def zones(self) -> int:
        """In how many zones something is billed."""
        return len(texts(self.params, "subnet_ids"))


# One object for one change, so that what is foreseen of it can be remembered.
@lru_cache(maxsize=32)
def _change(action: Action, params: Same[Params]) -> Change:
    return Change(action, params.value, Safety.ASK, None, "")


type Drafted = tuple[Draft, ...] | str
"""The changes that repair a finding, or why none does."""
type Drafter = Callable[[Finding, Circumstances], Drafted]
