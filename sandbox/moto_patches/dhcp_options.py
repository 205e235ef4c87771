"""Every Region has a default DHCP options set, and every VPC starts with it: AmazonProvidedDNS."""

from typing import Any

from moto.ec2.models.dhcp_options import DHCPOptionsSet, DHCPOptionsSetBackend
from moto.ec2.models.vpcs import VPC

from sandbox.moto_patches.patching import replace, replace_property

AMAZON_PROVIDED_DNS = "AmazonProvidedDNS"
NO_OPTIONS = "default"


def domain_name(region: str) -> str:
    """The domain that Amazon's default options name; us-east-1 differs from all others."""
    return "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"


def install() -> None:
    """A VPC reports the default set's id; `default` only after it was disassociated from all options, as in AWS."""
    create_backend = DHCPOptionsSetBackend.__init__
    associate, disassociate = (
        DHCPOptionsSetBackend.associate_dhcp_options,
        DHCPOptionsSetBackend.disassociate_dhcp_options,
    )

    @replace(DHCPOptionsSetBackend)
    def __init__(self: Any) -> None:  # noqa: N807
        create_backend(self)
        options = DHCPOptionsSet(self, [AMAZON_PROVIDED_DNS], [domain_name(self.region_name)])  # type: ignore[arg-type]
        self.dhcp_options_sets[options.id] = options
        self.default_dhcp_options_id = options.id

    @replace(DHCPOptionsSetBackend)
    def associate_dhcp_options(self: Any, dhcp_options: Any, vpc: Any) -> None:
        vpc.without_dhcp_options = False
        associate(self, dhcp_options, vpc)

    @replace(DHCPOptionsSetBackend)
    def disassociate_dhcp_options(self: Any, vpc: Any) -> None:
        vpc.without_dhcp_options = True
        disassociate(self, vpc)

    @replace_property(VPC)
    def dhcp_options_id(self: Any) -> str:
        if self.dhcp_options:
            return str(self.dhcp_options.id)
        if getattr(self, "without_dhcp_options", False):
            return NO_OPTIONS
        return str(self.ec2_backend.default_dhcp_options_id)
