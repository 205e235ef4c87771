"""The ways of this task's needs, asked of the reachability model: no network rule works one out for itself."""

from collections.abc import Iterable
from dataclasses import dataclass

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Absent, Fact, Known
from ecs_medic.facts.network import Interface, Network
from ecs_medic.finding import Evidence
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import EC2, MANAGED_INSTANCES, launch_type
from ecs_medic.needs.derive import blocking_needs, is_about_exec, needs_of
from ecs_medic.needs.need import Carrier, Need
from ecs_medic.reachability.path import Hop, HopKind, Path, Verdict, Via
from ecs_medic.reachability.request import requests_of
from ecs_medic.reachability.walk import path


@dataclass(frozen=True, slots=True)
class NeedPath:
    """A need, the interface that carries it (None where nobody knows it), and the way from there."""

    need: Need
    interface: Interface | None
    path: Path


@dataclass(frozen=True, slots=True)
class Paths:
    """The ways of all needs: those without which this symptom persists, and the others."""

    blocking: tuple[NeedPath, ...]
    others: tuple[NeedPath, ...]


def paths_of(incident: Incident, facts: Facts) -> Paths:
    """The ways of everything that this task needs, in the order in which a start needs it."""
    needs = needs_of(facts, for_exec=is_about_exec(incident))
    blocking = blocking_needs(incident, needs)
    return Paths(
        tuple(_need_path(need, facts) for need in blocking),
        tuple(_need_path(need, facts) for need in needs if need not in blocking),
    )


def network_of(needed: NeedPath, facts: Facts) -> Network | None:
    """The VPC that the need's traffic starts in."""
    return facts.network_of(needed.interface) if needed.interface else None


def networks(needed: Iterable[NeedPath], facts: Facts) -> tuple[Network, ...]:
    """The VPCs that the traffic starts in, each once."""
    found = [network for one in needed if (network := network_of(one, facts)) is not None]
    return tuple({network.vpc_id: network for network in found}.values())


def _need_path(need: Need, facts: Facts) -> NeedPath:
    fact = facts.task_interface if need.carrier is Carrier.TASK else facts.host_interface
    if not isinstance(fact, Known):
        return NeedPath(need, None, _from_nowhere(need, fact))
    interface = fact.value
    no_public_ip = need.carrier is Carrier.TASK and launch_type(facts) in {EC2, MANAGED_INSTANCES}
    way = path(
        interface,
        need.destination,
        facts.network_of(interface),
        requests=requests_of(need),
        public_ip_possible=not no_public_ip,
        account=facts.account,
    )
    return NeedPath(need, interface, way)


def _from_nowhere(need: Need, fact: Fact[Interface]) -> Path:
    """The interface is not known, so nothing can be said of any way from it."""
    if isinstance(fact, Known):
        raise TypeError("a known interface has a way of its own")
    whose = "the task" if need.carrier is Carrier.TASK else "the container instance"
    reason = (fact.detail or "there is none") if isinstance(fact, Absent) else fact.reason
    evidence = Evidence(fact.source, whose, f"the network interface of {whose} is unknown: {reason}")
    missing = None if isinstance(fact, Absent) else fact.missing_permission
    hop = Hop(HopKind.INTERFACE, whose, Verdict.UNKNOWN, evidence, missing_permission=missing)
    return Path(need.destination, Via.OTHER, (hop,))
