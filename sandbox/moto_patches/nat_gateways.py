"""NAT gateways as AWS shows them: an interface of their own kind, refusal of unknown ids, and a real end."""

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.nat_gateways import NatGateway, NatGatewayBackend

from sandbox.moto_patches.patching import replace


def install() -> None:
    """Deleting one removes its interface and frees its address; routes to it turn into black holes by themselves."""
    create, describe = NatGatewayBackend.create_nat_gateway, NatGatewayBackend.describe_nat_gateways

    @replace(NatGatewayBackend)
    def create_nat_gateway(
        self: Any, subnet_id: str, allocation_id: str, tags: Any = None, connectivity_type: Any = None
    ) -> NatGateway:
        gateway = create(self, subnet_id, allocation_id, tags, connectivity_type or "public")
        eni = gateway._eni  # noqa: SLF001 - moto has no public name for it
        gateway.private_ip = eni.private_ip_address
        eni.interface_type = "nat_gateway"
        eni.description = f"Interface for NAT Gateway {gateway.id}"
        eni.requester_managed = True
        eni.status = "in-use"
        # A NAT gateway has no security groups.
        eni._group_set = []  # noqa: SLF001
        return gateway

    @replace(NatGatewayBackend)
    def describe_nat_gateways(self: Any, filters: Any, nat_gateway_ids: Any) -> list[NatGateway]:
        for nat_gateway_id in nat_gateway_ids or ():
            _existing(self, nat_gateway_id)
        return describe(self, filters, nat_gateway_ids)

    @replace(NatGatewayBackend)
    def delete_nat_gateway(self: Any, nat_gateway_id: str) -> NatGateway:
        gateway = _existing(self, nat_gateway_id)
        gateway.state = "deleted"
        eni = gateway._eni  # noqa: SLF001
        if eni.id in self.enis:
            for address in list(self.address_by_ip([eni.public_ip], fail_if_not_found=False) if eni.public_ip else ()):
                if address.association_id:
                    self.disassociate_address(association_id=address.association_id)
            self.delete_network_interface(eni.id)
        return gateway


def _existing(backend: Any, nat_gateway_id: str) -> NatGateway:
    gateway: NatGateway | None = backend.nat_gateways.get(nat_gateway_id)
    if gateway is None:
        raise EC2ClientError("NatGatewayNotFound", f"NatGateway {nat_gateway_id} was not found")
    return gateway
