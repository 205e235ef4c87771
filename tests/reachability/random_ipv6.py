"""IPv6 laid over a random network: dual-stack and IPv6-only subnets, gateways, NAT64, rules, and endpoints."""

import random
from dataclasses import replace

from ecs_medic.facts.fact import Fact, Known
from ecs_medic.facts.network import AclEntry, Endpoint, EndpointInterface, Network, Permission, Route, RouteTable
from ecs_medic.needs.need import Destination

BLOCK = "2a05:d018:1::/56"
BLOCKS = {
    "subnet-task": "2a05:d018:1:1::/64",
    "subnet-other": "2a05:d018:1:2::/64",
    "subnet-public": "2a05:d018:1:9::/64",
}
REGION = "eu-west-1"
S3 = "pl-s3-ipv6"
LISTS = {S3: ("2a05:d07a:a000::/40", "2a05:d050:8000::/40")}
NAMES = {S3: f"com.amazonaws.{REGION}.ipv6.s3"}
HOSTS = {
    "ecr.api": f"api.ecr.{REGION}.amazonaws.com",
    "ecr.dkr": f"123456789012.dkr.ecr.{REGION}.amazonaws.com",
    "logs": f"logs.{REGION}.amazonaws.com",
    "secretsmanager": f"secretsmanager.{REGION}.amazonaws.com",
    "s3": f"orders.s3.{REGION}.amazonaws.com",
}
DUAL_STACK = (f"123456789012.dkr-ecr.{REGION}.on.aws", f"orders.s3.dualstack.{REGION}.amazonaws.com")
MODES = ("block-bidirectional", "block-ingress")


def _known[T](value: T) -> Known[T]:
    return Known(value, "ec2:Describe")


def value[T](fact: Fact[T]) -> T:
    assert isinstance(fact, Known)
    return fact.value


def host_of(dice: random.Random, destination: Destination) -> Destination:
    """A name of which it is documented what addresses it has, for two of three."""
    kind = (destination.service or "").removeprefix(f"com.amazonaws.{REGION}.")
    if dice.random() < 0.2:
        # Another service than the one that the network was made for would miss its endpoint.
        kind = {"ecr.api": "ecr.dkr", "logs": "secretsmanager"}.get(kind, kind)
    if kind == "s3" and dice.random() < 0.4:
        return replace(destination, host=DUAL_STACK[1])
    if not kind and dice.random() < 0.5:
        return replace(destination, host=DUAL_STACK[0])
    return replace(destination, host=HOSTS.get(kind, destination.host))


def laid_over(network: Network, dice: random.Random, *, alone: bool, precise: bool) -> Network:
    """The network with IPv6; with `alone`, the task's subnet has nothing else."""
    subnets = {
        name: replace(
            subnet,
            cidr=None if alone and name == "subnet-task" else subnet.cidr,
            ipv6_native=alone and name == "subnet-task",
            ipv6_cidrs=(BLOCKS[name],),
            ipv6_private=dice.random() < 0.05,
            enable_dns64=dice.random() < 0.6,
            internet_gateway_block_mode=dice.choice(MODES) if dice.random() < 0.08 else "off",
        )
        for name, subnet in value(network.subnets).items()
    }
    endpoints = tuple(_endpoint(one, dice) for one in value(network.endpoints))
    interfaces = {
        name: _door(door, number, dice, precise)
        for number, (name, door) in enumerate(value(network.endpoint_interfaces).items())
    }
    groups = {
        name: replace(group, ingress=_permissions(group.ingress, dice), egress=_permissions(group.egress, dice))
        for name, group in value(network.security_groups).items()
    }
    gateway = any(one.id == "vpce-gateway" for one in endpoints)
    return replace(
        network,
        vpc=_known(replace(value(network.vpc), ipv6_cidrs=(BLOCK,))),
        subnets=_known(subnets),
        route_tables=_known(tuple(_table(one, dice, gateway=gateway) for one in value(network.route_tables))),
        network_acls=_known(
            tuple(replace(acl, entries=(*acl.entries, *_entries(dice, precise))) for acl in value(network.network_acls))
        ),
        security_groups=_known(groups),
        endpoints=_known(endpoints),
        endpoint_interfaces=_known(interfaces),
        prefix_lists=_known({**value(network.prefix_lists), **LISTS}),
        prefix_list_names=_known({**value(network.prefix_list_names), **NAMES}),
    )


def _table(table: RouteTable, dice: random.Random, *, gateway: bool) -> RouteTable:
    routes = [one for one in table.routes if one.destination != "::/0"]
    routes.append(Route(BLOCK, "local"))
    way = dice.choice(("eigw-1", "eigw-1", "eigw-1", "igw-1", "igw-1", "", "tgw-1", "nat-1", "gone"))
    if way == "gone":
        routes.append(Route("::/0", "eigw-gone", "blackhole"))
    elif way:
        routes.append(Route("::/0", way))
    if dice.random() < 0.6:
        routes.append(Route("64:ff9b::/96", dice.choice(("nat-1", "nat-1", "nat-1", "nat-2", "nat-lost", "tgw-1"))))
    if dice.random() < 0.15:
        routes.append(Route(dice.choice(("2600::/12", "2a05:d07a::/32", "64:ff9b::3400:0/104")), "tgw-1"))
    if gateway and dice.random() < 0.5:
        routes.append(Route(S3, "vpce-gateway"))
    return replace(table, routes=tuple(routes))


def _endpoint(endpoint: Endpoint, dice: random.Random) -> Endpoint:
    if endpoint.type != "Interface":
        return endpoint
    kind, records = dice.choice(
        (
            ("ipv4", None), ("ipv4", "ipv4"), ("dualstack", "dualstack"), ("dualstack", "ipv6"), ("dualstack", "ipv4"),
            ("dualstack", "service-defined"), ("dualstack", None), ("ipv6", "ipv6"), ("ipv4", "service-defined"),
        )
    )  # fmt: skip
    return replace(endpoint, ip_address_type=kind, dns_record_ip_type=records)


def _door(door: EndpointInterface, number: int, dice: random.Random, precise: bool) -> EndpointInterface:
    if not precise and dice.random() < 0.3:
        return door
    address = BLOCKS[door.subnet_id].replace("::/64", f"::{200 + number}")
    return replace(door, ipv6_addresses=(address,))


def _permissions(permissions: tuple[Permission, ...], dice: random.Random) -> tuple[Permission, ...]:
    more = (
        (), (), ("::/0",), ("::/0",), ("::/0",), (BLOCK,), ("2a05:d018:1:1::/64",), ("2600::/12", "64:ff9b::/96"),
        ("2000::/3",), ("64:ff9b::3400:0/104",),
    )  # fmt: skip
    given = dice.choice(more)
    if not given:
        return permissions
    return (*permissions, Permission("tcp", dice.choice(((443, 443), (443, 443), None, (80, 80))), given))


def _entries(dice: random.Random, precise: bool) -> tuple[AclEntry, ...]:
    both = tuple(AclEntry(700, egress=way, allow=True, protocol="-1", cidr="::/0") for way in (True, False))
    roll = dice.random()
    if roll < 0.55:
        return both
    cidrs = ("::/0", "::/0", BLOCK, "2a05:d018:1:1::/64", "2a05:d018:1:2::/64", "64:ff9b::/96", "2600::/12")
    ports = (None, (443, 443), (1024, 65535), (0, 65535), (80, 80))
    odd = tuple(
        AclEntry(
            600 + number,
            egress=dice.random() < 0.5,
            allow=dice.random() < 0.5,
            protocol=dice.choice(("-1", "6", "6", "17", "58")),
            cidr=dice.choice(cidrs if precise else (*cidrs, "2a05:d018:1:1:8000::/65")),
            ports=dice.choice(ports),
        )
        for number in range(dice.randint(1, 3))
    )
    return (*odd, *both) if roll < 0.9 else odd
