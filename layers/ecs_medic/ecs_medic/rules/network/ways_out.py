"""Why a connection to a public address cannot leave the VPC: each way it fails belongs to one cause."""

from ecs_medic.facts import Facts
from ecs_medic.needs.carriers import MANAGED_INSTANCES, launch_type
from ecs_medic.needs.need import Carrier
from ecs_medic.reachability.nat import nat_is_gone
from ecs_medic.reachability.path import Hop, HopKind, NoEndpointBecause, Path
from ecs_medic.rules.network.broken import blocked_way_out
from ecs_medic.rules.network.paths import NeedPath, network_of


def no_way_at_all(way: Path) -> Hop | None:
    """No route matches, or only one that carries IPv6."""
    hop = blocked_way_out(way)
    gone = way.route is not None and way.route.is_blackhole
    return hop if hop is not None and hop.kind is HopKind.ROUTE and not gone else None


def into_a_blackhole(needed: NeedPath, way: Path, facts: Facts) -> Hop | None:
    """The route's target was deleted."""
    hop = blocked_way_out(way)
    network = network_of(needed, facts)
    if hop is None or way.route is None or network is None:
        return None
    gone = hop.kind is HopKind.NAT_GATEWAY and nat_is_gone(way.route.target, network)
    return hop if way.route.is_blackhole or gone else None


def nat_leads_nowhere(needed: NeedPath, way: Path, facts: Facts) -> Hop | None:
    """There is a NAT gateway, and it does not reach the internet itself."""
    hop = blocked_way_out(way)
    if hop is None or hop.kind is not HopKind.NAT_GATEWAY or into_a_blackhole(needed, way, facts):
        return None
    return hop


def without_public_address(way: Path) -> Hop | None:
    """An internet gateway, and an interface that has no public address."""
    hop = blocked_way_out(way)
    return hop if hop is not None and hop.kind is HopKind.PUBLIC_ADDRESS else None


def by_managed_instance(needed: NeedPath, facts: Facts) -> bool:
    """Whether the primary interface of a managed instance carries the need."""
    return needed.need.carrier is Carrier.HOST and launch_type(facts) == MANAGED_INSTANCES


def endpoint_would_help(way: Path) -> bool:
    """Whether the service has an endpoint, and nothing but its absence keeps the connection from it."""
    return way.no_endpoint is NoEndpointBecause.MISSING


def no_endpoint_can_help(way: Path) -> bool:
    """Whether the destination is one that no endpoint of this VPC can serve."""
    return way.no_endpoint is NoEndpointBecause.NOT_SERVED
