"""IPv6 blocks and DNS64 of a subnet, and VPC Block Public Access, which moto does not know or distorts."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPC
from moto.ec2.responses import EC2Response
from moto.ec2.responses.subnets import Subnets

from sandbox.moto_patches.patching import replace, replace_property, truthy

_MODE = "_sandbox_block_public_access"
_OFF = "off"


def install() -> None:
    """Adds what moto's classes lack."""
    modify = Subnets.modify_subnet_attribute
    subnet: Any = Subnet
    subnet.enable_dns64 = False

    @replace(Subnets)
    def modify_subnet_attribute(self: Any) -> Any:
        if (wanted := self._get_param("EnableDns64.Value")) is not None:
            self.ec2_backend.get_subnet(self._get_param("SubnetId")).enable_dns64 = truthy(wanted)
        return modify(self)

    @replace_property(Subnet)
    def ipv6_cidr_block_association_set(self: Any) -> list[dict[str, Any]]:
        # Moto puts the state into itself.
        return [one for one in self.ipv6_cidr_block_associations.values() if one["ipv6CidrBlockState"]["State"]]

    for owner in (Subnet, VPC):

        @replace_property(owner)
        def block_public_access_states(self: Any) -> dict[str, str]:
            return {"InternetGatewayBlockMode": block_mode(self.ec2_backend)}

    @replace(EC2Response)
    def modify_vpc_block_public_access_options(self: Any) -> ActionResult:
        setattr(self.ec2_backend, _MODE, self._get_param("InternetGatewayBlockMode"))
        return _options(self)

    @replace(EC2Response)
    def describe_vpc_block_public_access_options(self: Any) -> ActionResult:
        return _options(self)


def block_mode(backend: Any) -> str:
    """The Region's mode of VPC Block Public Access; there are no exclusions here."""
    return str(getattr(backend, _MODE, _OFF))


def _options(response: Any) -> ActionResult:
    options = {
        "AwsAccountId": response.current_account,
        "AwsRegion": response.region,
        "State": "update-complete",
        "InternetGatewayBlockMode": block_mode(response.ec2_backend),
        "ExclusionsAllowed": "allowed",
        "ManagedBy": "account",
    }
    return ActionResult({"VpcBlockPublicAccessOptions": options})
