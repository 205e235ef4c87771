"""The ways of what this task needs, in the network as it is or as it will be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Interface, Network
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import EC2, MANAGED_INSTANCES, launch_type
from ecs_medic.needs.derive import blocking_needs, is_about_exec, needs_of
from ecs_medic.needs.need import Carrier, Need
from ecs_medic.plan import Action, Change
from ecs_medic.reachability.known_ways import way_of
from ecs_medic.reachability.path import Path, Verdict
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
    return tuple(each_way(incident, facts, changes))


def each_way(incident: Incident, facts: Facts, changes: Iterable[Change] = ()) -> Iterator[Way]:
    """The same, one by one, for whoever need not see all of them."""
    made = tuple(changes)
    needs = blocking_needs(incident, needs_of(facts, for_exec=is_about_exec(incident)))
    interfaces = {need: one for need in needs if (one := _interface(need, facts, made)) is not None}
    networks = {one.vpc_id: foreseen(made, facts.network_of(one)) for one in interfaces.values()}
    for need, one in interfaces.items():
        yield Way(need, one, _way(need, one, networks[one.vpc_id], facts))


def _interface(need: Need, facts: Facts, changes: tuple[Change, ...]) -> Interface | None:
    fact = facts.task_interface if need.carrier is Carrier.TASK else facts.host_interface
    if not isinstance(fact, Known):
        return None
    given = any(one.action is Action.ENABLE_PUBLIC_IP for one in changes)
    if given and need.carrier is Carrier.TASK:
        return replace(fact.value, public_ip=Known("assigned", "ecs:UpdateService"))
    return fact.value


def _way(need: Need, interface: Interface, network: Network, facts: Facts) -> Path:
    on_instances = need.carrier is Carrier.TASK and launch_type(facts) in {EC2, MANAGED_INSTANCES}
    return way_of(need, interface, network, account=facts.account, public_ip_possible=not on_instances)
