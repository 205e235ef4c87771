"""Random networks as plain values, everything in them known, biased so that every way and every fault occurs."""

import random
from dataclasses import dataclass, replace

from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known
from ecs_medic.facts.network import (
    AclEntry,
    Endpoint,
    EndpointInterface,
    Interface,
    NatGateway,
    Network,
    NetworkAcl,
    Permission,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
)
from ecs_medic.needs.need import Destination
from tests.reachability import random_ipv6

REGION = "eu-west-1"
VPC = "vpc-shop"
TASK, OTHER, PUBLIC = "subnet-task", "subnet-other", "subnet-public"
CIDRS = {TASK: "10.0.1.0/24", OTHER: "10.0.2.0/24", PUBLIC: "10.0.9.0/24"}
LISTS = {
    "pl-s3": ("52.92.0.0/17", "3.5.68.0/22", "52.218.0.0/17"),
    "pl-dynamodb": ("52.94.4.0/24",),
    "pl-own": ("10.0.0.0/16", "52.0.0.0/10"),
}
NAMES = {
    "pl-s3": f"com.amazonaws.{REGION}.s3",
    "pl-dynamodb": f"com.amazonaws.{REGION}.dynamodb",
    "pl-own": "office",
}
EVERYTHING = Permission("-1", None, ("0.0.0.0/0",))


@dataclass(frozen=True, slots=True)
class Case:
    """A question to both the model and the brute force.

    `precise` is a network in which every address is known and ACLs tell no ephemeral port from another: there the
    model owes an answer wherever the brute force has one.
    """

    interface: Interface
    destination: Destination
    network: Network
    action: str
    resource: str
    precise: bool


def random_case(seed: int) -> Case:
    """The same case for the same seed."""
    dice = random.Random(seed)
    destination, action, resource = _destination(dice)
    precise = dice.random() < 0.6
    subnets = {
        one: Subnet(one, VPC, cidr, f"{REGION}{zone}") for (one, cidr), zone in zip(CIDRS.items(), "aba", strict=True)
    }
    endpoints, doors = _endpoints(dice, destination, precise)
    tables = _tables(dice, endpoints)
    network = Network(
        vpc_id=VPC,
        vpc=_known(Vpc(VPC, ("10.0.0.0/16",))),
        dns_support=_known(dice.random() < 0.96),
        dns_hostnames=_known(dice.random() < 0.92),
        dns_servers=_known(_resolvers(dice)),
        subnets=_known(subnets),
        route_tables=_known(tables),
        network_acls=_known(_acls(dice, precise)),
        security_groups=_known(_groups(dice)),
        endpoints=_known(endpoints),
        endpoint_interfaces=_known(doors),
        nat_gateways=_known(_nat_gateways(dice)),
        prefix_lists=_known(LISTS),
        prefix_list_names=_known(NAMES),
    )
    address: Fact[str] = _known("198.51.100.7") if dice.random() < 0.5 else Absent("ec2:DescribeNetworkInterfaces")
    interface = Interface(
        subnet_id=TASK,
        vpc_id=VPC,
        id="eni-task",
        private_ip="10.0.1.17" if precise or dice.random() < 0.6 else None,
        public_ip=address,
        security_group_ids=_known(dice.choice((("sg-task",), ("sg-task",), ("sg-task", "sg-second")))),
    )
    case = Case(interface, destination, network, action, resource, precise)
    # Dice of their own: the IPv4 part of a network is the same with and without IPv6.
    return _with_ipv6(case, random.Random(f"IPv6 {seed}"))


def _with_ipv6(case: Case, dice: random.Random) -> Case:
    if dice.random() < 0.5:
        return case
    alone = dice.random() < 0.4
    network = random_ipv6.laid_over(case.network, dice, alone=alone, precise=case.precise)
    has_one = alone or dice.random() < 0.85
    address = random_ipv6.BLOCKS[TASK].replace("::/64", "::11")
    known = case.precise or dice.random() < 0.6
    interface = replace(
        case.interface,
        private_ip=None if alone else case.interface.private_ip,
        public_ip=Absent("ec2:DescribeNetworkInterfaces") if alone else case.interface.public_ip,
        ipv6_addresses=_known((address,) if has_one else ()) if known else NOT_READ,
    )
    return replace(case, interface=interface, destination=random_ipv6.host_of(dice, case.destination), network=network)


def _known[T](value: T) -> Known[T]:
    return Known(value, "ec2:Describe")


def _destination(dice: random.Random) -> tuple[Destination, str, str]:
    kind = dice.choice(("ecr.api", "logs", "s3", "s3", "internet"))
    if kind == "internet":
        return Destination("registry-1.docker.io"), "none:None", "*"
    service = f"com.amazonaws.{REGION}.{kind}"
    host = f"{kind}.{REGION}.amazonaws.com"
    action = {"ecr.api": "ecr:GetAuthorizationToken", "logs": "logs:PutLogEvents", "s3": "s3:GetObject"}[kind]
    resource = f"arn:aws:s3:::prod-{REGION}-starport-layer-bucket/*" if kind == "s3" else "*"
    return Destination(host, REGION, service), action, resource


def _resolvers(dice: random.Random) -> tuple[str, ...]:
    choices = (("AmazonProvidedDNS",), ("169.254.169.253",), ("10.0.0.2",), ("10.9.0.53",), ("10.0.0.2", "10.9.0.53"))
    return dice.choices(choices, (80, 3, 3, 9, 5))[0]


def _endpoints(
    dice: random.Random, destination: Destination, precise: bool
) -> tuple[tuple[Endpoint, ...], dict[str, EndpointInterface]]:
    found: list[Endpoint] = [
        Endpoint("vpce-dynamodb", f"com.amazonaws.{REGION}.dynamodb", "Gateway", "available"),
    ]
    doors: dict[str, EndpointInterface] = {}
    service = destination.service or f"com.amazonaws.{REGION}.ssm"
    if dice.random() < (0.25 if destination.is_s3 else 0.7):
        subnets = dice.choice(((TASK,), (OTHER,), (TASK, OTHER), (OTHER, PUBLIC)))
        for number, subnet in enumerate(subnets):
            address = CIDRS[subnet].replace(".0/24", f".{200 + number}")
            hidden = not precise and dice.random() < 0.3
            doors[f"eni-{number}"] = EndpointInterface(f"eni-{number}", subnet, None if hidden else address)
        found.append(
            Endpoint(
                "vpce-interface",
                service,
                "Interface",
                dice.choices(("available", "Available", "pending", "failed"), (80, 10, 5, 5))[0],
                private_dns_enabled=dice.random() < 0.85,
                private_dns_only_for_inbound_resolver=dice.random() < 0.08,
                subnet_ids=subnets,
                security_group_ids=dice.choice((("sg-endpoint",), ("sg-endpoint", "sg-second"))),
                interface_ids=tuple(doors),
                policy=_policy(dice),
            )
        )
    if destination.is_s3 and dice.random() < 0.6:
        state = "available" if dice.random() < 0.9 else "deleting"
        found.append(Endpoint("vpce-gateway", service, "Gateway", state, policy=_policy(dice)))
    return tuple(found), doors


def _policy(dice: random.Random) -> dict[str, object] | None:
    everything = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    layers = {"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "arn:aws:s3:::prod-*"}
    other = {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "*Object", "Resource": "*"}
    statements = dice.choices((None, [everything], [layers, other], [other], [everything, deny]), (75, 10, 5, 5, 5))[0]
    return None if statements is None else {"Version": "2012-10-17", "Statement": statements}


def _tables(dice: random.Random, endpoints: tuple[Endpoint, ...]) -> tuple[RouteTable, ...]:
    def routes(usual: tuple[str, ...]) -> tuple[Route, ...]:
        made = [Route("10.0.0.0/16", "local"), Route("::/0", "eigw-1")]
        target = dice.choice(usual)
        if target == "blackhole":
            made.append(Route("0.0.0.0/0", dice.choice(("nat-gone", "igw-1", "tgw-1")), "blackhole"))
        elif target:
            made.append(Route("0.0.0.0/0", target))
        if dice.random() < 0.12:
            state = "blackhole" if dice.random() < 0.3 else "active"
            block = dice.choice(("52.0.0.0/8", "52.92.0.0/16", "8.8.0.0/16", "pl-own", "10.0.2.0/24"))
            made.append(Route(block, dice.choice(("nat-1", "tgw-1", "igw-1", "pcx-1")), state))
        if dice.random() < 0.6:
            made.append(Route("pl-dynamodb", "vpce-dynamodb"))
        if any(one.id == "vpce-gateway" for one in endpoints) and dice.random() < 0.6:
            made.append(Route("pl-s3", "vpce-gateway"))
        dice.shuffle(made)
        return tuple(made)

    private = ("", "", "nat-1", "nat-1", "nat-1", "nat-2", "igw-1", "igw-1", "blackhole", "tgw-1", "nat-lost")
    outside = ("igw-1", "igw-1", "igw-1", "igw-1", "", "tgw-1", "blackhole")
    own = RouteTable("rtb-task", routes(private), (TASK,) if dice.random() < 0.7 else ())
    return (
        own,
        RouteTable("rtb-main", routes(private), main=True),
        RouteTable("rtb-public", routes(outside), (PUBLIC,)),
    )


def _nat_gateways(dice: random.Random) -> dict[str, NatGateway]:
    return {
        "nat-1": NatGateway(
            "nat-1",
            "available" if dice.random() < 0.9 else dice.choice(("pending", "failed", "deleted")),
            PUBLIC if dice.random() < 0.92 else TASK,
            "10.0.9.30",
            public=dice.random() < 0.92,
        ),
        "nat-2": NatGateway("nat-2", "available", OTHER, "10.0.2.30", public=dice.random() < 0.8),
    }


def _acls(dice: random.Random, precise: bool) -> tuple[NetworkAcl, ...]:
    allow_all = (
        AclEntry(100, egress=True, allow=True, protocol="-1", cidr="0.0.0.0/0"),
        AclEntry(100, egress=False, allow=True, protocol="-1", cidr="0.0.0.0/0"),
        AclEntry(101, egress=False, allow=True, protocol="-1", cidr="::/0"),
    )
    acls = []
    entries: tuple[AclEntry, ...]
    for subnet in CIDRS:
        roll = dice.random()
        if roll < 0.5:
            entries = allow_all
        elif roll < 0.65:
            # One thing is denied that some connection needs.
            egress, ports = dice.random() < 0.5, dice.choice(((443, 443), (1024, 65535)))
            cidr = dice.choice(("0.0.0.0/0", "10.0.1.0/24", "10.0.2.0/24", "10.0.0.0/16"))
            entries = (*allow_all, AclEntry(50, egress=egress, allow=False, protocol="6", cidr=cidr, ports=ports))
        elif roll < 0.85:
            entries = (*allow_all, _entry(dice, precise, 90), _entry(dice, precise, 95))
        else:
            entries = tuple(_entry(dice, precise, 10 * number) for number in range(1, dice.randint(2, 9)))
        acls.append(NetworkAcl(f"acl-{subnet}", entries, (subnet,)))
    return tuple(acls)


def _entry(dice: random.Random, precise: bool, number: int) -> AclEntry:
    cidrs = ("0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/16", "10.0.1.0/24", "10.0.2.0/24", "52.0.0.0/8", "::/0")
    blunt = (None, (443, 443), (1024, 65535), (0, 65535), (80, 80), (22, 22))
    sharp = ((32768, 65535), (49152, 65535), (1024, 4999), (32768, 60999), (443, 40000))
    return AclEntry(
        number,
        egress=dice.random() < 0.5,
        allow=dice.random() < 0.7,
        protocol=dice.choice(("-1", "6", "6", "6", "17", "1")),
        cidr=dice.choice(cidrs if precise else (*cidrs, "10.0.1.0/25", "10.0.1.16/28", "10.0.2.128/25")),
        ports=dice.choice(blunt if precise else (*blunt, *sharp)),
    )


def _groups(dice: random.Random) -> dict[str, SecurityGroup]:
    outwards = (
        (EVERYTHING,),
        (EVERYTHING,),
        (EVERYTHING,),
        (EVERYTHING,),
        (),
        (Permission("tcp", (443, 443), ("0.0.0.0/0", "::/0")),),
        (Permission("tcp", (443, 443), ("10.0.0.0/16",)),),
        (Permission("tcp", (443, 443), ("10.0.2.0/25",), ("sg-endpoint",)),),
        (Permission("tcp", (443, 443), (), (), ("pl-s3",)), Permission("udp", (53, 53), ("0.0.0.0/0",))),
        (Permission("tcp", (400, 500), (), (), ("pl-own",)),),
        (Permission("tcp", (80, 80), ("0.0.0.0/0",)), Permission("udp", None, ("0.0.0.0/0",))),
        (Permission("tcp", None, ("52.0.0.0/8",)), Permission("icmp", (-1, -1), ("0.0.0.0/0",))),
    )
    inwards = (
        (Permission("tcp", (443, 443), ("10.0.0.0/16",)),),
        (Permission("tcp", (443, 443), ("10.0.0.0/16",)),),
        (Permission("tcp", (443, 443), (), ("sg-task",)),),
        (Permission("tcp", (443, 443), (), ("sg-endpoint", "sg-stranger")),),
        (Permission("tcp", (443, 443), ("10.0.2.0/24",)),),
        (Permission("-1", None, ("10.0.1.16/28",)),),
        (Permission("tcp", (443, 443), (), (), ("pl-own",)),),
        (Permission("tcp", (8443, 8443), ("0.0.0.0/0",)),),
        (),
    )
    return {
        "sg-task": SecurityGroup("sg-task", "task", VPC, (), dice.choice(outwards)),
        "sg-endpoint": SecurityGroup("sg-endpoint", "endpoint", VPC, dice.choice(inwards), (EVERYTHING,)),
        "sg-second": SecurityGroup("sg-second", "second", VPC, dice.choice(inwards), dice.choice(outwards)),
    }
