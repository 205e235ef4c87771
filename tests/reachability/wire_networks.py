"""Random networks built in the embedded account with the EC2 API, so that every way and every fault occurs."""

import random
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from sandbox.client import REGION, Sandbox
from tests.reachability import wire_endpoints, wire_ipv6, wire_rules

SPACES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
SOMEWHERE = ("52.0.0.0/8", "54.76.0.0/15", "34.192.0.0/12", "52.218.0.0/17", "0.0.0.0/1")
PRIVATE_EXITS = ("", "nat", "nat", "nat", "nat", "igw", "igw", "igw", "gone-nat", "gone-igw", "tgw")
PUBLIC_EXITS = ("igw", "igw", "igw", "igw", "igw", "", "tgw", "nat")


@dataclass(frozen=True, slots=True)
class Shared:
    """What all networks of one account refer to, and which outlives them."""

    transit_gateway: str
    own_list: str
    s3_list: str


@dataclass
class Plan:
    """A network while it is built: a VPC with a subnet for the task, another one, and one for what is public."""

    ec2: Any
    dice: random.Random
    shared: Shared
    vpc: str
    vpc_block: IPv4Network
    blocks: tuple[IPv4Network, ...]
    task: str = ""
    other: str = ""
    public: str = ""
    internet_gateway: str = ""

    @property
    def subnets(self) -> tuple[str, ...]:
        return self.task, self.other, self.public

    def rolls(self, chance: float) -> bool:
        return self.dice.random() < chance

    def of_vpc(self) -> list[dict[str, Any]]:
        return [{"Name": "vpc-id", "Values": [self.vpc]}]


@dataclass(frozen=True, slots=True)
class Built:
    """A finished network: its VPC, and the interface that stands for a task's."""

    vpc: str
    interface: str


def shared(ec2: Any) -> Shared:
    gateway = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    entries = [{"Cidr": cidr} for cidr in ("10.0.0.0/8", "172.16.0.0/13", "52.0.0.0/10")]
    office = ec2.create_managed_prefix_list(
        PrefixListName="office", Entries=entries, MaxEntries=10, AddressFamily="IPv4"
    )
    named_s3 = [{"Name": "prefix-list-name", "Values": [f"com.amazonaws.{REGION}.s3"]}]
    s3 = ec2.describe_prefix_lists(Filters=named_s3)["PrefixLists"][0]
    return Shared(gateway, office["PrefixList"]["PrefixListId"], s3["PrefixListId"])


def build(account: Sandbox, seed: int, common: Shared) -> Built:
    """The same network for the same seed, ids aside."""
    ec2, dice, six = account.client("ec2"), random.Random(seed), wire_ipv6.dice(seed)
    block = _vpc_block(dice)
    vpc = ec2.create_vpc(CidrBlock=str(block), **wire_ipv6.of_vpc(six))["Vpc"]["VpcId"]
    # Private names need both attributes when an endpoint is made; they may be turned off later.
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    length = dice.choice((24, 26, 28))
    blocks = tuple(dice.sample(list(block.subnets(new_prefix=length)), 3))
    plan = Plan(ec2, dice, common, vpc, block, blocks)
    if plan.rolls(0.1):
        blocks = (_second_block(plan), *blocks[1:])
        plan.blocks = blocks
    plan.task, plan.other, plan.public = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=str(one), AvailabilityZone=REGION + zone)["Subnet"]["SubnetId"]
        for one, zone in zip(blocks, "aba", strict=True)
    )
    wire_ipv6.subnets(plan, six)
    groups = wire_rules.groups(plan)
    public_address = plan.rolls(0.4)
    if public_address:
        _gateway(plan)
    tables = _tables(plan, public_address=public_address)
    wire_rules.acls(plan)
    wire_ipv6.routes_and_rules(plan, six, tables[0], (groups.task, groups.second))
    wire_endpoints.endpoints(account, plan, groups, tables)
    _names(plan)
    return Built(vpc, _interface(plan, groups, six, public_address=public_address))


def _vpc_block(dice: random.Random) -> IPv4Network:
    space = IPv4Network(dice.choice(SPACES))
    length = dice.choice((16, 18, 20))
    first = int(space[0]) + dice.randrange(2 ** (length - space.prefixlen)) * 2 ** (32 - length)
    return IPv4Network((first, length))


def _second_block(plan: Plan) -> IPv4Network:
    """A block beside the VPC's first one, of the same private space."""
    neighbour = IPv4Network((int(plan.vpc_block[0]) ^ plan.vpc_block.num_addresses, plan.vpc_block.prefixlen))
    plan.ec2.associate_vpc_cidr_block(VpcId=plan.vpc, CidrBlock=str(neighbour))
    return next(neighbour.subnets(new_prefix=plan.blocks[0].prefixlen))


def _names(plan: Plan) -> None:
    """DNS attributes and DHCP options."""
    if plan.rolls(0.08):
        plan.ec2.modify_vpc_attribute(VpcId=plan.vpc, EnableDnsHostnames={"Value": False})
    if plan.rolls(0.06):
        plan.ec2.modify_vpc_attribute(VpcId=plan.vpc, EnableDnsSupport={"Value": False})
    if plan.rolls(0.05):
        plan.ec2.associate_dhcp_options(DhcpOptionsId="default", VpcId=plan.vpc)
    elif plan.rolls(0.2):
        base_plus_two, own = str(plan.vpc_block[2]), str(plan.vpc_block[53])
        choices = (["AmazonProvidedDNS"], ["169.254.169.253"], [base_plus_two], [own], [own], [base_plus_two, own])
        option = {"Key": "domain-name-servers", "Values": plan.dice.choice(choices)}
        made = plan.ec2.create_dhcp_options(DhcpConfigurations=[option])["DhcpOptions"]["DhcpOptionsId"]
        plan.ec2.associate_dhcp_options(DhcpOptionsId=made, VpcId=plan.vpc)


def _interface(plan: Plan, groups: wire_rules.Groups, six: wire_ipv6.Dice, *, public_address: bool) -> str:
    given = [groups.task] if plan.rolls(0.8) else [groups.task, groups.second]
    made = plan.ec2.create_network_interface(SubnetId=plan.task, Groups=given, **wire_ipv6.of_interface(six))
    interface: str = made["NetworkInterface"]["NetworkInterfaceId"]
    if public_address:
        address = plan.ec2.allocate_address(Domain="vpc")["AllocationId"]
        plan.ec2.associate_address(AllocationId=address, NetworkInterfaceId=interface)
    return interface


# Routes


def _tables(plan: Plan, *, public_address: bool) -> tuple[str, str, str]:
    """The tables of the three subnets; the main one, where a subnet has none of its own."""
    ec2, dice = plan.ec2, plan.dice
    main = ec2.describe_route_tables(Filters=plan.of_vpc())["RouteTables"][0]["RouteTableId"]
    way = dice.choice(PRIVATE_EXITS)
    if public_address and way == "gone-igw":
        # A gateway cannot be detached while an address of the VPC is mapped.
        way = "igw"
    own = _table(plan, plan.task) if plan.rolls(0.6) else main
    public = main
    if "nat" in way:
        public = _table(plan, plan.public)
        outside = dice.choice(PUBLIC_EXITS)
        nat = _nat_gateway(plan)
        _lead(plan, public, outside, nat)
        _lead(plan, own, way, nat)
    else:
        _lead(plan, own, way, "")
    if own != main and plan.rolls(0.1):
        _lead(plan, main, "igw", "")
    if plan.rolls(0.12):
        _route(plan, own, {"DestinationCidrBlock": dice.choice(SOMEWHERE)}, _inner_target(plan))
    elif plan.rolls(0.06):
        _route(plan, own, {"DestinationPrefixListId": plan.shared.own_list}, _inner_target(plan))
    return own, main, public


def _table(plan: Plan, subnet: str) -> str:
    table: str = plan.ec2.create_route_table(VpcId=plan.vpc)["RouteTable"]["RouteTableId"]
    plan.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    return table


def _lead(plan: Plan, table: str, way: str, nat: str) -> None:
    """Gives the table its default route."""
    anywhere = {"DestinationCidrBlock": "0.0.0.0/0"}
    if way.endswith("nat"):
        _route(plan, table, anywhere, {"NatGatewayId": nat})
    elif way.endswith("igw"):
        _route(plan, table, anywhere, {"GatewayId": _gateway(plan)})
    elif way == "tgw":
        _route(plan, table, anywhere, {"TransitGatewayId": plan.shared.transit_gateway})
    if way == "gone-nat":
        plan.ec2.delete_nat_gateway(NatGatewayId=nat)
    elif way == "gone-igw":
        plan.ec2.detach_internet_gateway(InternetGatewayId=plan.internet_gateway, VpcId=plan.vpc)


def _route(plan: Plan, table: str, destination: dict[str, str], target: dict[str, str]) -> None:
    plan.ec2.create_route(RouteTableId=table, **destination, **target)


def _inner_target(plan: Plan) -> dict[str, str]:
    if plan.internet_gateway and plan.rolls(0.5):
        return {"GatewayId": plan.internet_gateway}
    return {"TransitGatewayId": plan.shared.transit_gateway}


def _gateway(plan: Plan) -> str:
    if not plan.internet_gateway:
        made = plan.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        plan.ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=plan.vpc)
        plan.internet_gateway = made
    return plan.internet_gateway


def _nat_gateway(plan: Plan) -> str:
    subnet = plan.dice.choices((plan.public, plan.other, plan.task), (85, 9, 6))[0]
    if plan.rolls(0.12):
        settings = {"ConnectivityType": "private"}
    else:
        _gateway(plan)
        settings = {"AllocationId": plan.ec2.allocate_address(Domain="vpc")["AllocationId"]}
    made: str = plan.ec2.create_nat_gateway(SubnetId=subnet, **settings)["NatGateway"]["NatGatewayId"]
    return made
