"""Which permission would have settled a doubt."""

from ecs_medic.facts.fact import Fact, Unknown
from ecs_medic.facts.network import Network


def missing_permission[T](fact: Fact[T]) -> str | None:
    """The IAM action that would have let the fact be read, where a denial is why it is unknown."""
    return fact.missing_permission if isinstance(fact, Unknown) else None


def addresses_permission(network: Network) -> str | None:
    """What is missing where a rule covers only a part of the addresses that the other side may have."""
    return (
        missing_permission(network.prefix_lists)
        or missing_permission(network.prefix_list_names)
        or missing_permission(network.endpoint_interfaces)
        or missing_permission(network.subnets)
        or missing_permission(network.vpc)
        or missing_permission(network.endpoints)
    )
