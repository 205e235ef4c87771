"""What a Region starts with: a default VPC that reaches the internet, and subnets that default to its own zones."""

from typing import Any

from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.subnets import SubnetBackend
from moto.ec2.models.vpcs import VPCBackend

from sandbox.moto_patches.patching import replace


def install() -> None:
    """The default VPC gets its internet gateway and route; a subnet without a zone gets the Region's first zone."""
    create_vpc, create_subnet_in_zone = VPCBackend.create_default_vpc, SubnetBackend.create_subnet

    @replace(VPCBackend)
    def create_default_vpc(self: Any) -> Any:
        vpc = create_vpc(self)
        gateway = self.create_internet_gateway()
        self.attach_internet_gateway(gateway.id, vpc.id)
        main = next(table for table in self.route_tables.values() if table.vpc_id == vpc.id)
        self.create_route(main.id, "0.0.0.0/0", gateway_id=gateway.id)
        return vpc

    @replace(SubnetBackend)
    def create_subnet(
        self: Any,
        vpc_id: str,
        cidr_block: str,
        ipv6_cidr_block: str | None = None,
        availability_zone: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        if availability_zone is None and not kwargs.get("availability_zone_id") and not args:
            zones = RegionsAndZonesBackend.zones.get(self.region_name)
            availability_zone = zones[0].name if zones else None
        return create_subnet_in_zone(self, vpc_id, cidr_block, ipv6_cidr_block, availability_zone, *args, **kwargs)
