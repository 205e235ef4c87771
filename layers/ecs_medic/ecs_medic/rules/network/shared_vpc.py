"""Whose VPC it is: another account may share its subnets through AWS RAM.

Whoever is shared with sees route tables and network ACLs of such a subnet and changes none of them; the owner's
endpoints and gateways are not even seen.
Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html
"""

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Network


def shared_vpcs(facts: Facts) -> tuple[tuple[str, str], ...]:
    """(VPC, owner) of each VPC of this incident's interfaces that is another account's."""
    found: dict[str, str] = {}
    for interface in (facts.task_interface, facts.host_interface):
        if isinstance(interface, Known):
            owner = _owner(interface.value.subnet_id, facts.network_of(interface.value))
            if owner is not None and owner != facts.account:
                found[interface.value.vpc_id] = owner
    return tuple(found.items())


def _owner(subnet_id: str, network: Network) -> str | None:
    subnet = network.subnets.value.get(subnet_id) if isinstance(network.subnets, Known) else None
    if subnet is not None and subnet.owner_id:
        return subnet.owner_id
    return network.vpc.value.owner_id if isinstance(network.vpc, Known) else None
