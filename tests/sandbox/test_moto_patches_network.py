import ipaddress
from typing import Any

import pytest

from sandbox.client import Sandbox
from tests.sandbox import small_network
from tests.sandbox.refusals import refusal
from tests.sandbox.small_network import Network

EVERYWHERE = "0.0.0.0/0"


@pytest.fixture
def network(account: Sandbox) -> Network:
    return small_network.build(account)


def _state(network: Network, destination: str = EVERYWHERE) -> str:
    (route,) = [r for r in network.routes() if r.get("DestinationCidrBlock") == destination]
    return str(route["State"])


def _internet_gateway(network: Network) -> str:
    gateway = str(network.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
    network.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    return gateway


def _nat_gateway(network: Network) -> dict[str, Any]:
    address = network.ec2.allocate_address()["AllocationId"]
    return dict(network.ec2.create_nat_gateway(SubnetId=network.subnet_a, AllocationId=address)["NatGateway"])


def test_addresses_lie_in_the_subnet_and_none_is_given_twice(network):
    made = [network.ec2.create_network_interface(SubnetId=network.subnet_a)["NetworkInterface"] for _ in range(12)]
    made.append(
        {
            "PrivateIpAddress": network.ec2.describe_network_interfaces(
                NetworkInterfaceIds=[network.endpoint()["NetworkInterfaceIds"][0]]
            )["NetworkInterfaces"][0]["PrivateIpAddress"]
        }
    )
    made.append({"PrivateIpAddress": _nat_gateway(network)["NatGatewayAddresses"][0]["PrivateIp"]})
    addresses = [ipaddress.ip_address(eni["PrivateIpAddress"]) for eni in made]
    assert len(set(addresses)) == len(addresses)
    assert all(address in ipaddress.ip_network("10.0.1.0/24") for address in addresses)
    # The first four belong to AWS.
    assert min(addresses) == ipaddress.ip_address("10.0.1.4")


def test_a_freed_address_can_be_used_again_and_a_full_subnet_says_so(network):
    tiny = network.ec2.create_subnet(VpcId=network.vpc, CidrBlock="10.0.9.0/28", AvailabilityZone="eu-west-1a")
    subnet = tiny["Subnet"]["SubnetId"]
    made = [network.ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"] for _ in range(11)]
    full = refusal(network.ec2.create_network_interface, SubnetId=subnet)
    assert full.code == "InsufficientFreeAddressesInSubnet"
    network.ec2.delete_network_interface(NetworkInterfaceId=made[3]["NetworkInterfaceId"])
    again = network.ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]
    assert again["PrivateIpAddress"] == made[3]["PrivateIpAddress"]


def test_an_address_may_be_asked_for_only_inside_the_subnet_and_only_once(network):
    asked = {"SubnetId": network.subnet_a, "PrivateIpAddress": "10.0.1.77"}
    assert network.ec2.create_network_interface(**asked)["NetworkInterface"]["PrivateIpAddress"] == "10.0.1.77"
    assert refusal(network.ec2.create_network_interface, **asked).code == "InvalidIPAddress.InUse"
    outside = {**asked, "PrivateIpAddress": "10.0.2.77"}
    assert refusal(network.ec2.create_network_interface, **outside).code == "InvalidParameterValue"


def test_a_vpc_starts_with_amazon_s_dns(account, network):
    (vpc,) = network.ec2.describe_vpcs(VpcIds=[network.vpc])["Vpcs"]
    (options,) = network.ec2.describe_dhcp_options(DhcpOptionsIds=[vpc["DhcpOptionsId"]])["DhcpOptions"]
    shown = {c["Key"]: [v["Value"] for v in c["Values"]] for c in options["DhcpConfigurations"]}
    assert shown == {
        "domain-name-servers": ["AmazonProvidedDNS"],
        "domain-name": ["eu-west-1.compute.internal"],
    }
    own = network.ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name-servers", "Values": ["10.0.0.53"]}])[
        "DhcpOptions"
    ]["DhcpOptionsId"]
    network.ec2.associate_dhcp_options(DhcpOptionsId=own, VpcId=network.vpc)
    assert network.ec2.describe_vpcs(VpcIds=[network.vpc])["Vpcs"][0]["DhcpOptionsId"] == own
    network.ec2.associate_dhcp_options(DhcpOptionsId="default", VpcId=network.vpc)
    assert network.ec2.describe_vpcs(VpcIds=[network.vpc])["Vpcs"][0]["DhcpOptionsId"] == "default"


def test_deleting_a_nat_gateway_leaves_a_black_hole(network):
    nat = _nat_gateway(network)
    network.ec2.create_route(
        RouteTableId=network.route_table, DestinationCidrBlock=EVERYWHERE, NatGatewayId=nat["NatGatewayId"]
    )
    assert _state(network) == "active"
    eni = nat["NatGatewayAddresses"][0]["NetworkInterfaceId"]
    (interface,) = network.ec2.describe_network_interfaces(NetworkInterfaceIds=[eni])["NetworkInterfaces"]
    assert (interface["InterfaceType"], interface["Groups"]) == ("nat_gateway", [])
    network.ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    assert _state(network) == "blackhole"
    (gone,) = network.ec2.describe_nat_gateways(NatGatewayIds=[nat["NatGatewayId"]])["NatGateways"]
    assert gone["State"] == "deleted"
    assert refusal(network.ec2.describe_network_interfaces, NetworkInterfaceIds=[eni]).code == (
        "InvalidNetworkInterfaceID.NotFound"
    )
    (address,) = network.ec2.describe_addresses()["Addresses"]
    assert "AssociationId" not in address


def test_an_unknown_nat_gateway_is_refused(network):
    unknown = "nat-0123456789abcdef0"
    assert refusal(network.ec2.describe_nat_gateways, NatGatewayIds=[unknown]).code == "NatGatewayNotFound"
    assert refusal(network.ec2.delete_nat_gateway, NatGatewayId=unknown).code == "NatGatewayNotFound"
    route = {"RouteTableId": network.route_table, "DestinationCidrBlock": EVERYWHERE}
    assert refusal(network.ec2.create_route, NatGatewayId=unknown, **route).code == "InvalidNatGatewayID.NotFound"


def test_detaching_and_deleting_an_internet_gateway_leaves_a_black_hole(network):
    gateway = _internet_gateway(network)
    network.ec2.create_route(RouteTableId=network.route_table, DestinationCidrBlock=EVERYWHERE, GatewayId=gateway)
    assert _state(network) == "active"
    network.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    assert _state(network) == "blackhole"
    network.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    assert _state(network) == "active"
    network.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    network.ec2.delete_internet_gateway(InternetGatewayId=gateway)
    assert _state(network) == "blackhole"


def test_the_default_vpc_reaches_the_internet(account):
    ec2 = account.client("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    (table,) = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["RouteTables"]
    routes = {r["DestinationCidrBlock"]: (r["GatewayId"][:4], r["State"]) for r in table["Routes"]}
    assert routes == {"172.31.0.0/16": ("loca", "active"), EVERYWHERE: ("igw-", "active")}


def test_a_subnet_without_a_zone_lies_in_the_region(network):
    made = network.ec2.create_subnet(VpcId=network.vpc, CidrBlock="10.0.8.0/24")["Subnet"]
    assert made["AvailabilityZone"].startswith("eu-west-1")


def test_elastic_addresses_are_public(network):
    assert ipaddress.ip_address(network.ec2.allocate_address()["PublicIp"]).is_global


def test_prefix_lists_show_the_region_s_s3(network):
    (s3,) = network.ec2.describe_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": ["com.amazonaws.eu-west-1.s3"]}]
    )["PrefixLists"]
    assert s3["PrefixListId"] == "pl-6da54004"
    assert all(ipaddress.ip_network(cidr).is_global for cidr in s3["Cidrs"])
    entries = network.ec2.get_managed_prefix_list_entries(PrefixListId="pl-6da54004")["Entries"]
    assert [entry["Cidr"] for entry in entries] == s3["Cidrs"]
    unknown = refusal(network.ec2.describe_managed_prefix_lists, PrefixListIds=["pl-0123456789abcdef0"])
    assert unknown.code == "InvalidPrefixListID.NotFound"


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        (
            "authorize_security_group_ingress",
            {"IpPermissions": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}]},
        ),
        ("authorize_security_group_egress", {"IpPermissions": [{"IpProtocol": "udp", "FromPort": 53, "ToPort": 53}]}),
        ("create_security_group", {"GroupName": "new", "Description": "new"}),
        ("create_route", {"DestinationCidrBlock": EVERYWHERE, "GatewayId": "igw-0123456789abcdef0"}),
        ("modify_vpc_endpoint", {"PrivateDnsEnabled": False}),
        ("delete_vpc_endpoints", {}),
    ],
)
def test_a_dry_run_changes_nothing(network, method, arguments):
    endpoint = network.endpoint()
    of_method = {
        "authorize_security_group_ingress": {"GroupId": network.group},
        "authorize_security_group_egress": {"GroupId": network.group},
        "create_security_group": {"VpcId": network.vpc},
        "create_route": {"RouteTableId": network.route_table},
        "modify_vpc_endpoint": {"VpcEndpointId": endpoint["VpcEndpointId"]},
        "delete_vpc_endpoints": {"VpcEndpointIds": [endpoint["VpcEndpointId"]]},
    }[method]

    def everything() -> tuple[Any, ...]:
        groups = network.ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [network.vpc]}])
        return groups["SecurityGroups"], network.routes(), network.endpoints()

    before = everything()
    asked = {**of_method, **arguments}
    assert refusal(getattr(network.ec2, method), DryRun=True, **asked)[:2] == ("DryRunOperation", 412)
    assert everything() == before
