"""What the comparison starts from: what is out of reach, for whom, and what the service is known to need."""

from collections.abc import Mapping
from dataclasses import dataclass

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Network
from ecs_medic.incident import Incident
from ecs_medic.needs.need import Carrier
from ecs_medic.reachability.path import Verdict
from ecs_medic.rules.network.paths import network_of, paths_of

FIXED_ADDRESS_TAG = "ecs-medic:fixed-address"
INTERNET_TAG = "ecs-medic:internet"
"""On the task, its service or its cluster: `true` or `false`, for what no API shows."""

_YES = frozenset({"true", "yes", "on", "1", "required"})
_NO = frozenset({"false", "no", "off", "0", "none"})


@dataclass(frozen=True, slots=True)
class Plight:
    """`services` are endpoint services that would serve what is out of reach, `elsewhere` the hosts that none would.

    `needs_fixed_address` and `needs_internet` are what tags say, None where they say nothing. `nat_gateways` are those
    of the VPC that lead outside already. `shut` says why nothing in this VPC can reach the internet, if so.
    `by_host`: it is the instance that cannot get out, with what it carries for the task. `desired` is None for a task
    of no service.
    """

    subnet: str
    network: Network | None
    services: tuple[str, ...]
    elsewhere: tuple[str, ...]
    by_host: bool
    needs_fixed_address: bool | None
    needs_internet: bool | None
    nat_gateways: tuple[str, ...]
    shut: str
    zones: int
    desired: int | None


def plight_of(incident: Incident, facts: Facts) -> Plight:
    """Everything that several ways are judged by."""
    cut_off = [one for one in paths_of(incident, facts).blocking if one.path.verdict is Verdict.BLOCKED]
    first = cut_off[0] if cut_off else None
    network = network_of(first, facts) if first else None
    where = [one.need.destination for one in cut_off]
    tags = _tags(facts)
    service = facts.service.value if isinstance(facts.service, Known) else None
    return Plight(
        subnet=first.interface.subnet_id if first and first.interface else "the task's subnet",
        network=network,
        services=tuple(sorted({one.service for one in where if one.service})),
        elsewhere=tuple(dict.fromkeys(one.host for one in where if one.service is None)),
        by_host=any(one.need.carrier is Carrier.HOST for one in cut_off),
        needs_fixed_address=_said(tags, FIXED_ADDRESS_TAG),
        needs_internet=_said(tags, INTERNET_TAG),
        nat_gateways=_nat_gateways(network),
        shut=_shut(network),
        zones=_zones(facts, network),
        desired=service.desired_count if service else None,
    )


def _tags(facts: Facts) -> dict[str, str]:
    """The tags of the task, over those of its service, over those of its cluster."""
    tags: dict[str, str] = {}
    for fact in (facts.cluster, facts.service, facts.task):
        if isinstance(fact, Known):
            tags |= fact.value.tags
    return tags


def _said(tags: Mapping[str, str], key: str) -> bool | None:
    value = tags.get(key, "").strip().lower()
    return True if value in _YES else False if value in _NO else None


def _nat_gateways(network: Network | None) -> tuple[str, ...]:
    if network is None or not isinstance(network.nat_gateways, Known):
        return ()
    return tuple(one.id for one in network.nat_gateways.value.values() if one.public and one.state == "available")


def _shut(network: Network | None) -> str:
    mode = network.vpc.value.internet_gateway_block_mode if network and isinstance(network.vpc, Known) else None
    if network is not None and mode == "block-bidirectional":
        return f"VPC Block Public Access keeps {network.vpc_id} from the internet altogether."
    return ""


def _zones(facts: Facts, network: Network | None) -> int:
    """In how many zones the service puts its tasks; one where that is not known."""
    service = facts.service.value if isinstance(facts.service, Known) else None
    subnets = network.subnets.value if network and isinstance(network.subnets, Known) else {}
    wanted = service.awsvpc.subnet_ids if service and service.awsvpc else ()
    return len({subnets[one].availability_zone for one in wanted if one in subnets}) or 1
