"""One question to the model: from where, to where, and what for."""

from collections.abc import Sequence
from dataclasses import dataclass

from ecs_medic.facts.network import Network
from ecs_medic.needs.need import Destination
from ecs_medic.reachability.addresses import Family
from ecs_medic.reachability.near import Near
from ecs_medic.reachability.request import Request


@dataclass(frozen=True, slots=True)
class Trip:
    """The near end, the destination, and the calls that the connection is for."""

    near: Near
    destination: Destination
    requests: Sequence[Request] = ()

    @property
    def network(self) -> Network:
        """The VPC, as far as it can be seen."""
        return self.near.network

    @property
    def subnet_id(self) -> str:
        """The subnet that the interface is in."""
        return self.near.interface.subnet_id

    @property
    def family(self) -> Family:
        """Whether the connection is one over IPv4 or over IPv6."""
        return self.near.family

    @property
    def client(self) -> str:
        """The near end, for a reader."""
        return self.near.name
