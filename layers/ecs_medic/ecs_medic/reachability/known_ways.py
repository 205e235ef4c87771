"""The ways of needs, each worked out once: a dozen rules ask for it, and so does whoever plans a repair.

What is remembered is enough for a diagnosis with its plan, and little more: it keeps whole VPCs alive.
"""

from functools import lru_cache

from ecs_medic.facts.network import Interface, Network
from ecs_medic.facts.same import Same
from ecs_medic.needs.need import Destination, Need
from ecs_medic.reachability.path import Path
from ecs_medic.reachability.request import requests_of
from ecs_medic.reachability.walk import path


def way_of(
    need: Need, interface: Interface, network: Network, *, account: str, public_ip_possible: bool = True
) -> Path:
    """The way that the need's traffic takes from `interface`; the rest is as `reachability.walk.path` takes it."""
    return _way(interface, need, Same(network), public_ip_possible, account)


def way_to(destination: Destination, interface: Interface, network: Network, *, account: str) -> Path:
    """The way to a destination, whatever for."""
    return _way_to(interface, destination, Same(network), account)


@lru_cache(maxsize=128)
def _way_to(interface: Interface, destination: Destination, vpc: Same[Network], account: str) -> Path:
    return path(interface, destination, vpc.value, account=account)


@lru_cache(maxsize=128)
def _way(interface: Interface, need: Need, vpc: Same[Network], public_ip_possible: bool, account: str) -> Path:
    return path(
        interface,
        need.destination,
        vpc.value,
        requests=requests_of(need),
        public_ip_possible=public_ip_possible,
        account=account,
    )
