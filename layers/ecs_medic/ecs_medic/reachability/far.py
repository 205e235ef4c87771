"""The far end of a connection: where its address lies, and which prefix lists hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Network
from ecs_medic.needs.endpoints import same_service
from ecs_medic.needs.need import Destination
from ecs_medic.reachability.addresses import (
    Family,
    Span,
    all_addresses,
    family_of,
    internet,
    overlap,
    spans,
    translated,
    untranslated,
    within,
    without,
)


@dataclass(frozen=True, slots=True)
class Far:
    """The addresses that the far end may have.

    `lists` tells of prefix lists, by id, whether they hold all of these addresses or none; of one that is not in it,
    only its own blocks tell. `security_group_ids` are those of the far end where it is in the VPC.
    """

    addresses: tuple[Span, ...]
    description: str
    lists: Mapping[str, bool] = field(default_factory=dict)
    security_group_ids: tuple[str, ...] | None = ()
    """None where nobody knows them."""
    behind_nat64: Far | None = None
    """The same far end in IPv4, where these addresses are those that NAT64 gives it."""

    @property
    def family(self) -> Family:
        """Its addresses are all of one."""
        return family_of(self.addresses[0])

    def part(self, addresses: tuple[Span, ...]) -> Far:
        """The same far end, if its address is one of these."""
        behind = self.behind_nat64.part(untranslated(addresses)) if self.behind_nat64 else None
        # Not `replace`: no way is worked out without dozens of these.
        return Far(addresses, self.description, self.lists, self.security_group_ids, behind)


def on_the_internet(destination: Destination, network: Network, family: Family = Family.IPV4) -> Far:
    """The public side of a service: somewhere on the internet, for Amazon S3 in the Region's prefix list.

    AWS does not say which public address a name will have, so all that it may have are judged.
    """
    lists = _known_lists(destination, network, family)
    blocks = network.prefix_lists.value if isinstance(network.prefix_lists, Known) else {}
    ours = [spans(blocks[one], family) for one, holds in lists.items() if holds and blocks.get(one)]
    others = [spans(blocks[one], family) for one, holds in lists.items() if not holds and blocks.get(one)]
    addresses = ours[0] if ours and ours[0] else internet(family)
    for taken in others:
        addresses = without(addresses, taken) or addresses
    if isinstance(network.vpc, Known):
        vpc = network.vpc.value
        addresses = without(addresses, spans((*vpc.cidrs, *vpc.ipv6_cidrs))) or addresses
    kind = "IPv6" if family is Family.IPV6 else "public"
    return Far(addresses, f"the {kind} addresses of {destination.host}", lists)


def through_nat64(destination: Destination, network: Network) -> Far:
    """The public side of a service that has IPv4 addresses alone, as DNS64 shows it to a client that has only IPv6."""
    behind = on_the_internet(destination, network)
    nowhere = dict.fromkeys(behind.lists, False)
    description = f"the NAT64 addresses of {destination.host}"
    return Far(translated(behind.addresses), description, nowhere, behind_nat64=behind)


def anywhere(destination: Destination, family: Family = Family.IPV4) -> Far:
    """A far end of which nobody knows where it is."""
    return Far(all_addresses(family), destination.host, security_group_ids=None)


def holds(list_id: str, far: Far, network: Network) -> bool | None:
    """Whether a prefix list holds the far end's address; None where nobody can say."""
    if list_id in far.lists:
        return far.lists[list_id]
    if not isinstance(network.prefix_lists, Known) or list_id not in network.prefix_lists.value:
        return None
    blocks = spans(network.prefix_lists.value[list_id])
    if within(far.addresses, blocks):
        return True
    return None if overlap(far.addresses, blocks) else False


def _known_lists(destination: Destination, network: Network, family: Family) -> dict[str, bool]:
    """The AWS-managed prefix lists whose service is known, by their name or by the gateway endpoint they lead to."""
    known = network.prefix_lists.value if isinstance(network.prefix_lists, Known) else {}
    services: dict[str, str] = {}
    if isinstance(network.endpoints, Known) and isinstance(network.route_tables, Known):
        gateways = {one.id: one.service_name for one in network.endpoints.value if one.type == "Gateway"}
        for table in network.route_tables.value:
            for route in table.routes:
                if route.destination.startswith("pl-") and route.target in gateways:
                    services[route.destination] = gateways[route.target]
    if isinstance(network.prefix_list_names, Known):
        named = network.prefix_list_names.value.items()
        services.update({one: name for one, name in named if name.removeprefix("cn.").startswith("com.amazonaws.")})
    wanted = destination.service
    found: dict[str, bool] = {}
    for one, service in services.items():
        ours = wanted is not None and destination.is_s3 and same_service(service.replace(".ipv6.", "."), wanted)
        if not ours or not known.get(one):
            # A list of which nothing else is known is an IPv4 one, unless its name says otherwise.
            found[one] = ours and family is (Family.IPV6 if ".ipv6." in service else Family.IPV4)
        else:
            found[one] = bool(spans(known[one], family))
    return found
