"""A route whose target is gone, or is attached to another VPC, is a black hole."""

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.route_tables import Route, RouteBackend

from sandbox.moto_patches.patching import replace, replace_property

NAT_IN_SERVICE = frozenset({"available", "pending"})


def install() -> None:
    """Replaces moto's constant `active`, and refuses routes to targets that were never there."""
    create = RouteBackend.create_route

    @replace(RouteBackend)
    def create_route(self: Any, route_table_id: str, *args: Any, **kwargs: Any) -> Route:
        nat_gateway_id = kwargs.get("nat_gateway_id")
        if nat_gateway_id is not None and nat_gateway_id not in self.nat_gateways:
            raise EC2ClientError("InvalidNatGatewayID.NotFound", f"The natGateway ID '{nat_gateway_id}' does not exist")
        return create(self, route_table_id, *args, **kwargs)

    @replace_property(Route)
    def state(self: Any) -> str:
        return "active" if self.local or _leads_somewhere(self) else "blackhole"


def _leads_somewhere(route: Any) -> bool:
    backend = route.route_table.ec2_backend
    registers = (
        (route.interface, "enis"),
        (route.egress_only_igw, "egress_only_internet_gateways"),
        (route.transit_gateway, "transit_gateways"),
    )
    for target, register in registers:
        if target:
            return target.id in getattr(backend, register)
    if route.nat_gateway:
        return route.nat_gateway.state in NAT_IN_SERVICE
    if route.gateway:
        return _gateway_serves(route.gateway, route.route_table.vpc_id, backend)
    if route.vpc_pcx:
        return bool(route.vpc_pcx._status.code == "active")  # noqa: SLF001 - moto has no public name for it
    return bool(route.instance or route.vpc_endpoint_id or route.carrier_gateway)


def _gateway_serves(gateway: Any, vpc_id: str, backend: Any) -> bool:
    if gateway.id.startswith("igw-"):
        attached = gateway.vpc is not None and gateway.vpc.id == vpc_id
        return attached and gateway.id in backend.internet_gateways
    if gateway.id.startswith("vpce-"):
        return gateway.id in backend.vpc_end_points
    return True
