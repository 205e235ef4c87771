"""The ways of this task's needs, asked of the reachability model: no network rule works one out for itself."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Absent, Fact, Known
from ecs_medic.facts.network import Interface, Network
from ecs_medic.facts.same import Same
from ecs_medic.finding import Confidence, Evidence, Phase
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import EC2, MANAGED_INSTANCES, launch_type
from ecs_medic.needs.derive import blocking_needs, is_about_exec, needs_of
from ecs_medic.needs.need import Carrier, Need
from ecs_medic.needs.spoken_of import is_spoken_of
from ecs_medic.reachability.known_ways import way_of
from ecs_medic.reachability.path import Hop, HopKind, Path, Verdict, Via

_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"})


@dataclass(frozen=True, slots=True)
class NeedPath:
    """A need, the interface that carries it (None where nobody knows it), and the way from there.

    `at_most` is how sure it can be that this way, where it is blocked, is why the task failed.
    """

    need: Need
    interface: Interface | None
    path: Path
    at_most: Confidence = Confidence.CONFIRMED


@dataclass(frozen=True, slots=True)
class Paths:
    """The ways of all needs: those without which this symptom persists, and the others."""

    blocking: tuple[NeedPath, ...]
    others: tuple[NeedPath, ...]


def paths_of(incident: Incident, facts: Facts) -> Paths:
    """The ways of everything that this task needs, in the order in which a start needs it."""
    return _paths_of(Same(incident), Same(facts))


@lru_cache(maxsize=4)
def _paths_of(same_incident: Same[Incident], same_facts: Same[Facts]) -> Paths:
    """Worked out once: a dozen rules ask for them."""
    incident, facts = same_incident.value, same_facts.value
    needs = needs_of(facts, for_exec=is_about_exec(incident))
    blocking = blocking_needs(incident, needs)
    return Paths(
        tuple(_capped(_need_path(need, facts), incident, facts) for need in blocking),
        tuple(_need_path(need, facts) for need in needs if need not in blocking),
    )


def _capped(needed: NeedPath, incident: Incident, facts: Facts) -> NeedPath:
    """The way with how sure it can be that it matters."""
    if not is_spoken_of(needed.need, incident):
        return replace(needed, at_most=Confidence.POSSIBLE)
    in_doubt = _may_use_a_proxy(needed.need, facts) or _may_have_a_private_name(needed, facts)
    return replace(needed, at_most=Confidence.LIKELY) if in_doubt else needed


def _may_have_a_private_name(needed: NeedPath, facts: Facts) -> bool:
    """Whether a private hosted zone, which was not read, might lead the name to an endpoint after all."""
    network = network_of(needed, facts)
    read = network is None or isinstance(network.hosted_zones, Known)
    return not read and needed.path.needs_a_private_name


def _may_use_a_proxy(need: Need, facts: Facts) -> bool:
    """Whether the traffic may take another way than its destination's: a proxy's.

    Docker's and the agent's own settings are on the instance, where no API shows them. Source:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/http_proxy_config.html
    """
    if need.carrier is Carrier.HOST and launch_type(facts) != MANAGED_INSTANCES and need.phase is not Phase.EXEC:
        return True
    definition = facts.task_definition.value if isinstance(facts.task_definition, Known) else None
    if need.phase is not Phase.EXEC or definition is None:
        return False
    return any(name.upper() in _PROXIES for one in definition.containers for name in one.environment)


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
    network = facts.network_of(interface)
    way = way_of(need, interface, network, account=facts.account, public_ip_possible=not no_public_ip)
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
