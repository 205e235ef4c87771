"""Whom a change of the network touches: every interface of the VPC, asked before and after by the one model.

Nothing that could be reached before may be out of reach afterwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.facts.network import Interface, Network
from ecs_medic.needs.need import Destination
from ecs_medic.reachability.addresses import Span, span
from ecs_medic.reachability.known_ways import way_to
from ecs_medic.reachability.path import Path, Verdict, Via

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Effect:
    """One interface's way to one destination, before and after."""

    interface: str
    destination: str
    before: Path
    after: Path


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """What a change does to the ways of all interfaces.

    `lost` were open and will be blocked; `doubtful` were open, or may have been, and will be so no longer for certain;
    `rerouted` stay open and go another way; `gained` were blocked and will be open. `unread` is why none of this could
    be worked out.
    """

    clients: int = 0
    lost: tuple[Effect, ...] = ()
    doubtful: tuple[Effect, ...] = ()
    rerouted: tuple[Effect, ...] = ()
    gained: tuple[Effect, ...] = ()
    unread: str | None = None

    @property
    def harmless(self) -> bool:
        """Whether nothing loses its way, as far as that can be told."""
        return not self.lost and not self.doubtful

    @property
    def safe(self) -> bool:
        """Whether no way that is open, or may be, will be blocked."""
        return not self.lost and not any(one.after.verdict is Verdict.BLOCKED for one in self.doubtful)

    def others(self, own: Iterable[str]) -> tuple[str, ...]:
        """The interfaces whose traffic changes, but for `own`."""
        known = set(own)
        effects = (*self.lost, *self.doubtful, *self.rerouted)
        return tuple(dict.fromkeys(one.interface for one in effects if one.interface not in known))


def blast_radius(
    before: Network,
    after: Network,
    clients: Fact[tuple[Interface, ...]],
    destinations: Sequence[Destination],
    account: str,
) -> BlastRadius:
    """The ways of every interface to every destination, in the network as it is and as it will be."""
    if not isinstance(clients, Known):
        reason = clients.reason if isinstance(clients, Unknown) else clients.detail
        return BlastRadius(unread=f"the VPC's interfaces could not be read: {reason}")
    told_apart = _Kinds((before, after))
    known: dict[tuple[object, str], tuple[Path, Path]] = {}
    effects: list[Effect] = []
    for interface in clients.value:
        kind = told_apart.of(interface)
        for destination in destinations:
            key = (kind, destination.host)
            if key not in known:
                known[key] = (
                    way_to(destination, interface, before, account=account),
                    way_to(destination, interface, after, account=account),
                )
            effects.append(Effect(interface.id or interface.subnet_id, destination.host, *known[key]))
    return BlastRadius(
        clients=len(clients.value),
        lost=tuple(one for one in effects if _goes(one, Verdict.OPEN, Verdict.BLOCKED)),
        doubtful=tuple(one for one in effects if _is_doubtful(one)),
        rerouted=tuple(one for one in effects if _reroutes(one)),
        gained=tuple(one for one in effects if _goes(one, Verdict.BLOCKED, Verdict.OPEN)),
    )


class _Kinds:
    """Tells interfaces apart as far as the network does: two in one subnet with the same groups go the same way.

    But for their addresses, where a rule, a route or a prefix list speaks of a part of their subnet.
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        blocks = {found for network in networks for cidr in _blocks(network) if (found := span(cidr)) is not None}
        self._blocks = sorted(blocks)
        self._subnets = {
            one.id: found
            for network in networks
            if isinstance(network.subnets, Known)
            for one in network.subnets.value.values()
            if one.cidr is not None and (found := span(one.cidr)) is not None
        }

    def of(self, interface: Interface) -> object:
        """The same for all interfaces that nothing in the network tells apart."""
        subnet = self._subnets.get(interface.subnet_id)
        own = span(interface.private_ip) if interface.private_ip else None
        if subnet is None or own is None or _may_have_ipv6(interface):
            return interface
        parts = (one for one in self._blocks if one[0] <= own[0] <= one[1] and not _holds(one, subnet))
        return (
            interface.subnet_id,
            interface.security_group_ids,
            type(interface.public_ip),
            interface.belongs_to,
            tuple(parts),
        )


def _may_have_ipv6(interface: Interface) -> bool:
    return not isinstance(interface.ipv6_addresses, Known) or bool(interface.ipv6_addresses.value)


def _holds(block: Span, subnet: Span) -> bool:
    return block[0] <= subnet[0] and subnet[1] <= block[1]


def _blocks(network: Network) -> Iterable[str]:
    if isinstance(network.network_acls, Known):
        yield from (entry.cidr for acl in network.network_acls.value for entry in acl.entries)
    if isinstance(network.security_groups, Known):
        for group in network.security_groups.value.values():
            yield from (cidr for one in (*group.ingress, *group.egress) for cidr in one.cidrs)
    if isinstance(network.prefix_lists, Known):
        yield from (cidr for cidrs in network.prefix_lists.value.values() for cidr in cidrs)
    if isinstance(network.route_tables, Known):
        yield from (route.destination for table in network.route_tables.value for route in table.routes)


def in_words(radius: BlastRadius, own: Iterable[str]) -> str:
    """One or two sentences: who else is affected, and that nobody loses anything, or who does."""
    if radius.unread:
        return f"Who else is affected is not known: {radius.unread}."
    if radius.clients == 0:
        return "Nothing else has a network interface in the VPC."
    others = radius.others(own)
    if radius.lost:
        return f"Would cut off {_named(dict.fromkeys(one.interface for one in radius.lost))}."
    checked = f"checked for {radius.clients} interface{'' if radius.clients == 1 else 's'} of the VPC"
    sentences = []
    rerouted = tuple(dict.fromkeys(one.interface for one in radius.rerouted if one.interface in others))
    if rerouted:
        old = ", ".join(sorted({_way(one.before.via) for one in radius.rerouted}))
        new = ", ".join(sorted({_way(one.after.via) for one in radius.rerouted}))
        sentences.append(f"Traffic of {_named(rerouted)} goes by {new} instead of {old}.")
    if radius.doubtful:
        doubtful = dict.fromkeys(one.interface for one in radius.doubtful)
        sentences.append(f"Whether {_named(doubtful)} keeps its way cannot be told ({checked}).")
    else:
        sentences.append(
            f"No other traffic changes ({checked})." if not rerouted else f"Nothing loses its way ({checked})."
        )
    return " ".join(sentences)


def _is_doubtful(one: Effect) -> bool:
    """Whether a way that is open, or may be, is so no longer for certain.

    Where nobody knows the way before or after, another door may well be closed.
    """
    if _goes(one, Verdict.UNKNOWN, Verdict.UNKNOWN):
        return _reroutes(one)
    return _goes(one, Verdict.OPEN, Verdict.UNKNOWN) or _goes(one, Verdict.UNKNOWN, Verdict.BLOCKED)


def _goes(one: Effect, before: Verdict, after: Verdict) -> bool:
    return one.before.verdict is before and one.after.verdict is after


def _reroutes(one: Effect) -> bool:
    """A way that stays open by another door; where nobody knows the way, a changed one counts too."""
    if one.before.verdict is Verdict.BLOCKED or one.after.verdict is Verdict.BLOCKED:
        return False
    return (one.before.via, one.before.endpoint_id if one.before.via in _DOORS else None) != (
        one.after.via,
        one.after.endpoint_id if one.after.via in _DOORS else None,
    )


_DOORS = frozenset({Via.INTERFACE_ENDPOINT, Via.GATEWAY_ENDPOINT})


def _way(via: Via) -> str:
    return f"the {via.value.replace('_', ' ')}" if via not in {Via.OTHER, Via.NOTHING} else "what it went by"


def _named(interfaces: Iterable[str]) -> str:
    found = list(interfaces)
    shown = ", ".join(found[:_MOST_NAMED])
    return shown if len(found) <= _MOST_NAMED else f"{shown} and {len(found) - _MOST_NAMED} more"
