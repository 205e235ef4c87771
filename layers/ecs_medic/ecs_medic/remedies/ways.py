"""The ways of what this task needs, in the network as it is or as it will be."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Interface
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import EC2, MANAGED_INSTANCES, launch_type
from ecs_medic.needs.derive import blocking_needs, is_about_exec, needs_of
from ecs_medic.needs.need import Carrier, Need
from ecs_medic.plan import Action, Change
from ecs_medic.reachability.path import Path, Verdict
from ecs_medic.reachability.request import requests_of
from ecs_medic.reachability.walk import path
from ecs_medic.remedies.registry import foreseen


@dataclass(frozen=True, slots=True)
class Way:
    """A need without which the symptom persists, the interface that carries it, and the way from there."""

    need: Need
    interface: Interface
    path: Path

    @property
    def blocked(self) -> bool:
        """Whether it is known to be blocked."""
        return self.path.verdict is Verdict.BLOCKED


def ways(incident: Incident, facts: Facts, changes: Iterable[Change] = ()) -> tuple[Way, ...]:
    """The ways of all needs that this symptom persists without, after these changes."""
    made = tuple(changes)
    needs = blocking_needs(incident, needs_of(facts, for_exec=is_about_exec(incident)))
    found = [_way(need, facts, made) for need in needs]
    return tuple(one for one in found if one is not None)


def _way(need: Need, facts: Facts, changes: tuple[Change, ...]) -> Way | None:
    fact = facts.task_interface if need.carrier is Carrier.TASK else facts.host_interface
    if not isinstance(fact, Known):
        return None
    interface = fact.value
    given = any(one.action is Action.ENABLE_PUBLIC_IP for one in changes)
    if given and need.carrier is Carrier.TASK:
        interface = replace(interface, public_ip=Known("assigned", "ecs:UpdateService"))
    on_instances = need.carrier is Carrier.TASK and launch_type(facts) in {EC2, MANAGED_INSTANCES}
    way = path(
        interface,
        need.destination,
        foreseen(changes, facts.network_of(interface)),
        requests=requests_of(need),
        public_ip_possible=not on_instances,
        account=facts.account,
    )
    return Way(need, interface, way)
