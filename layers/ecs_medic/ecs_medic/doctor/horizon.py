"""Whether this machine's resolver tells something else than the VPC's own: a split horizon."""

from dataclasses import dataclass

from ecs_medic.doctor.addresses import Scope, scope_of


@dataclass(frozen=True, slots=True)
class Horizon:
    """Where a name's addresses come from.

    `name_servers` are those that this machine asks. `vpc_addresses` is what Amazon's own resolver answers; None where
    it was not asked or did not answer. `in_hosts_file`: the name is written down on this machine.
    """

    name_servers: tuple[str, ...] = ()
    vpc_addresses: tuple[str, ...] | None = None
    in_hosts_file: bool = False

    def passes_endpoint_by(self, addresses: tuple[str, ...]) -> bool:
        """Whether the VPC has a private address for the name, and `addresses`, which are used here, have none."""
        there = {scope_of(address) for address in self.vpc_addresses or ()}
        here = {scope_of(address) for address in addresses}
        return Scope.PRIVATE in there and Scope.PRIVATE not in here and bool(here)

    def leads_elsewhere(self, addresses: tuple[str, ...]) -> bool:
        """Whether the name is private here and not in the VPC: another network's endpoint, or a rewritten name."""
        there = {scope_of(address) for address in self.vpc_addresses or ()}
        here = {scope_of(address) for address in addresses}
        return bool(there) and Scope.PRIVATE not in there and Scope.PRIVATE in here
