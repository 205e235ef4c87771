"""IPv6: another way beside IPv4 in a dual-stack subnet, and the only one in an IPv6-only subnet.

A client that has both takes the one that answers, so the IPv4 way decides as long as it is not blocked.
Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html (dual-stack and
IPv6-only mode) and https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html (an IPv6 network needs a
registry's dual-stack name).
"""

from collections.abc import Iterator
from dataclasses import replace

from ecs_medic.facts.fact import Known
from ecs_medic.finding import Evidence
from ecs_medic.reachability.agree import agreed
from ecs_medic.reachability.internet import to_the_internet
from ecs_medic.reachability.names import Leads, doubt, resolutions
from ecs_medic.reachability.near import Near, subnet_of
from ecs_medic.reachability.path import Hop, HopKind, Path, Verdict
from ecs_medic.reachability.records import has_ipv6, may_have_a_dual_stack_twin
from ecs_medic.reachability.routes import SOURCE
from ecs_medic.reachability.trip import Trip
from ecs_medic.reachability.unread import addresses_permission, missing_permission
from ecs_medic.reachability.ways import ways_over_ipv6


def beside_ipv4(found: Path, trip: Trip) -> Path:
    """The IPv4 way, unless it is blocked and IPv6 is, or may be, a way around."""
    has = _has_an_address(trip.near)
    if found.verdict is not Verdict.BLOCKED or has is False:
        return found
    six = replace(trip, near=trip.near.over_ipv6())
    ways = [way for one in resolutions(trip.destination, trip.network) for way in ways_over_ipv6(one, six)]
    around = agreed(trip.destination, ways, lambda: _doubt(six))
    if around.verdict is Verdict.BLOCKED:
        return found
    # A client that was answered over IPv4, if only by a denial, may not have tried IPv6 at all.
    answered = any(way.is_answered for way in found.ways)
    if around.verdict is Verdict.OPEN and has and not answered:
        return around
    hops = (_doubt(six),) if has else (_perhaps(six),)
    return replace(found, hops=hops, alternatives=(*found.ways, *around.ways), route=None)


def over_ipv6_alone(trip: Trip) -> Path:
    """The way from an IPv6-only subnet."""
    six = replace(trip, near=trip.near.over_ipv6())
    return agreed(trip.destination, list(_all_names(six)), lambda: _doubt(six))


def _all_names(six: Trip) -> Iterator[Path]:
    """The ways by the name itself, and by its service's dual-stack one, which agents take where there is no IPv4."""
    another = may_have_a_dual_stack_twin(six.destination.host) and has_ipv6(six.destination.host) is not True
    for found in resolutions(six.destination, six.network):
        yield from ways_over_ipv6(found, six)
        if another and found.leads in {Leads.ENDPOINT, Leads.INTERNET}:
            yield to_the_internet(found.hop, six)


def _has_an_address(near: Near) -> bool | None:
    """Whether the interface has an IPv6 address; None where only its subnet tells, or nothing does."""
    own = near.interface.ipv6_addresses
    if isinstance(own, Known):
        return bool(own.value)
    subnet = subnet_of(near.interface.subnet_id, near.network)
    return None if subnet is None or subnet.ipv6_cidrs else False


def _doubt(six: Trip) -> Hop:
    observed = (
        f"which addresses {six.destination.host} has, and by which {six.client} is led, is not documented: "
        "some of the IPv6 ways may be open"
    )
    return _hop(six, observed)


def _perhaps(six: Trip) -> Hop:
    observed = f"whether {six.client} has an IPv6 address was not read: there may be a way over IPv6"
    return _hop(six, observed)


def _hop(six: Trip, observed: str) -> Hop:
    missing = (
        missing_permission(six.near.interface.ipv6_addresses)
        or doubt(six.destination, six.network).missing_permission
        or addresses_permission(six.network)
    )
    evidence = Evidence(SOURCE, six.subnet_id, observed)
    return Hop(HopKind.ROUTE, six.subnet_id, Verdict.UNKNOWN, evidence, missing_permission=missing)
