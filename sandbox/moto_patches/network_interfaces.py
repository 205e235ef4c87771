"""Network interfaces have addresses of their subnet, each only once."""

import ipaddress
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend
from moto.ec2.responses.elastic_network_interfaces import ElasticNetworkInterfaces

from sandbox.moto_patches.patching import replace

# AWS keeps the first four addresses of every subnet and the last one for itself.
FIRST_USABLE = 4


def install() -> None:
    """Moto's own parts ask for addresses anywhere in 10.0.0.0/8; these are replaced by free ones of the subnet."""
    create, delete = NetworkInterfaceBackend.create_network_interface, NetworkInterfaceBackend.delete_network_interface
    create_over_the_wire = ElasticNetworkInterfaces.create_network_interface
    # Without DNS host names an interface has no name at all, rather than no attribute.
    unnamed: Any = NetworkInterface
    unnamed.private_dns_name = None

    @replace(NetworkInterfaceBackend)
    def create_network_interface(
        self: Any, subnet: Any, private_ip_address: Any, private_ip_addresses: Any = None, *args: Any, **kwargs: Any
    ) -> NetworkInterface:
        if isinstance(subnet, str):
            subnet = self.get_subnet(subnet)
        wanted = (private_ip_address or [None])[0] if isinstance(private_ip_address, list) else private_ip_address
        if not private_ip_addresses and (not wanted or ipaddress.ip_address(wanted) not in subnet.cidr):
            wanted = free_address(self, subnet)
        eni = create(self, subnet, wanted, private_ip_addresses, *args, **kwargs)
        _take_secondary_addresses(self, eni, subnet)
        for item in eni.private_ip_addresses:
            subnet._subnet_ips.setdefault(item["PrivateIpAddress"], eni)  # noqa: SLF001 - the subnet's register
        return eni

    @replace(NetworkInterfaceBackend)
    def delete_network_interface(self: Any, eni_id: str) -> None:
        eni = self.enis.get(eni_id)
        delete(self, eni_id)
        for item in eni.private_ip_addresses:
            eni.subnet._subnet_ips.pop(item["PrivateIpAddress"], None)  # noqa: SLF001

    @replace(ElasticNetworkInterfaces, "create_network_interface")
    def over_the_wire(self: Any) -> Any:
        subnet = self.ec2_backend.get_subnet(self._get_param("SubnetId"))
        if wanted := self._get_param("PrivateIpAddress"):
            _check_wanted(self.ec2_backend, subnet, wanted)
        return create_over_the_wire(self)


def free_address(backend: Any, subnet: Any) -> str:
    """The subnet's lowest address that nobody has."""
    taken = addresses_in_use(backend, subnet)
    for offset in range(FIRST_USABLE, subnet.cidr.num_addresses - 1):
        address = str(subnet.cidr.network_address + offset)
        if address not in taken:
            return address
    raise EC2ClientError(
        "InsufficientFreeAddressesInSubnet",
        "The specified subnet does not have enough free addresses to satisfy the request.",
    )


def addresses_in_use(backend: Any, subnet: Any) -> set[str]:
    """All private addresses given out in the subnet."""
    of_interfaces = {
        item["PrivateIpAddress"]
        for eni in backend.enis.values()
        if eni.subnet.id == subnet.id
        for item in eni.private_ip_addresses
    }
    return of_interfaces | set(subnet._subnet_ips)  # noqa: SLF001


def _take_secondary_addresses(backend: Any, eni: NetworkInterface, subnet: Any) -> None:
    """Moto draws secondary addresses at random, twice the same one included."""
    seen: set[str] = set()
    for item in eni.private_ip_addresses:
        if item["PrivateIpAddress"] in seen:
            item["PrivateIpAddress"] = free_address(backend, subnet)
        seen.add(item["PrivateIpAddress"])


def _check_wanted(backend: Any, subnet: Any, wanted: str) -> None:
    if ipaddress.ip_address(wanted) not in subnet.cidr:
        raise EC2ClientError("InvalidParameterValue", "Address does not fall within the subnet's address range")
    if wanted in addresses_in_use(backend, subnet):
        raise EC2ClientError("InvalidIPAddress.InUse", f"Address {wanted} is in use.")
