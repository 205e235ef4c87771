"""What a VPC's clients reach by its endpoints: for each endpoint service, the names that lead to it."""

from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Network
from ecs_medic.needs.endpoints import destination, dns_suffix
from ecs_medic.needs.need import Destination

_PUBLIC = "public.ecr.aws"
"""A name that no endpoint of a VPC serves: the way to it is the way to the internet."""


def name_of(service_name: str, region: str) -> str | None:
    """`ecr.api` of `com.amazonaws.eu-west-1.ecr.api`; None for another Region's, and for somebody's own service."""
    bare = service_name.removeprefix("cn.")
    prefix = f"com.amazonaws.{region}."
    return bare.removeprefix(prefix) if bare.startswith(prefix) else None


def destination_of(service_name: str, account: str, region: str) -> Destination | None:
    """A host that the service is reached at; None where its names are not known."""
    name = name_of(service_name, region)
    if name is None or name.startswith("vpce-svc"):
        return None
    if name == "ecr.dkr":
        return destination(name, region, region, host=f"{account}.dkr.ecr.{region}.{dns_suffix(region)}")
    return destination(name, region, region)


def destinations_in(networks: tuple[Network, ...], account: str, region: str) -> tuple[Destination, ...]:
    """Everything that any of the networks has an endpoint for, and the internet."""
    services = {
        one.service_name
        for network in networks
        if isinstance(network.endpoints, Known)
        for one in network.endpoints.value
    }
    found = [destination_of(one, account, region) for one in sorted(services)]
    return (*(one for one in found if one is not None), Destination(_PUBLIC))


def private_names(service_name: str, region: str) -> frozenset[str]:
    """The domains that an interface endpoint with private DNS takes over in its VPC."""
    name = name_of(service_name, region)
    if name is None:
        return frozenset()
    suffix = f"{region}.{dns_suffix(region)}"
    if name == "ecr.dkr":
        return frozenset({f"dkr.ecr.{suffix}"})
    return frozenset({destination(name, region, region).host})
