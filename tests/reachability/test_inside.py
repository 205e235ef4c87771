"""The way to another interface of the VPC, against a walk that asks every rule about single packets."""

import random
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from ecs_medic.facts.fact import Unknown
from ecs_medic.facts.network import (
    AclEntry,
    Interface,
    Network,
    NetworkAcl,
    Permission,
    Route,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
)
from ecs_medic.needs.need import Destination, Inside
from ecs_medic.reachability.path import HopKind, Verdict, Via
from ecs_medic.reachability.walk import path
from tests.builders import known

PORT = 2049
HERE, THERE = "10.0.1.20", "10.0.2.9"
ANSWERS = (1024, 32768, 49152, 65535)
CIDRS = ("0.0.0.0/0", "10.0.0.0/16", "10.0.1.0/24", "10.0.2.0/24", "10.0.2.9/32", "192.168.0.0/16")


def random_rule(dice, group):
    if dice.random() < 0.25:
        return Permission("-1", cidrs=(dice.choice(CIDRS),))
    ports = dice.choice(((PORT, PORT), (443, 443), (2000, 3000), (0, 65535)))
    if dice.random() < 0.4:
        return Permission("tcp", ports, group_ids=(dice.choice((group, "sg-other")),))
    return Permission(dice.choice(("tcp", "udp")), ports, cidrs=(dice.choice(CIDRS),))


def random_acl(dice, identifier, subnet):
    entries = [
        AclEntry(
            10 * number,
            egress=dice.random() < 0.5,
            allow=dice.random() < 0.6,
            protocol=dice.choice(("-1", "6", "17")),
            cidr=dice.choice(CIDRS),
            ports=dice.choice((None, (PORT, PORT), (1024, 65535), (0, 65535))),
        )
        for number in range(1, dice.randint(1, 5))
    ]
    entries += [
        AclEntry(900, egress=e, allow=True, protocol="-1", cidr="0.0.0.0/0")
        for e in (True, False)
        if dice.random() < 0.8
    ]
    return NetworkAcl(identifier, tuple(entries), (subnet,))


def random_network(seed):
    dice = random.Random(seed)
    groups = {
        "sg-here": SecurityGroup(
            "sg-here", "here", "vpc-1", (), tuple(random_rule(dice, "sg-there") for _ in range(dice.randint(0, 3)))
        ),
        "sg-there": SecurityGroup(
            "sg-there", "there", "vpc-1", tuple(random_rule(dice, "sg-here") for _ in range(dice.randint(0, 3)))
        ),
    }
    return Network(
        "vpc-1",
        vpc=known(Vpc("vpc-1", ("10.0.0.0/16",))),
        subnets=known(
            {
                "subnet-1": Subnet("subnet-1", "vpc-1", "10.0.1.0/24", "eu-west-1a"),
                "subnet-2": Subnet("subnet-2", "vpc-1", "10.0.2.0/24", "eu-west-1a"),
            }
        ),
        route_tables=known((RouteTable("rtb-1", (Route("10.0.0.0/16", "local"),), main=True),)),
        network_acls=known((random_acl(dice, "acl-1", "subnet-1"), random_acl(dice, "acl-2", "subnet-2"))),
        security_groups=known(groups),
    )


def judged(network):
    start = Interface("subnet-1", "vpc-1", private_ip=HERE, security_group_ids=known(("sg-here",)))
    there = Inside("fsmt-1", THERE, "subnet-2", ("sg-there",))
    return path(start, Destination("mount", port=PORT, inside=there), network)


def admits(rules, port, address, group):
    for rule in rules:
        if rule.protocol != "-1" and (rule.protocol != "tcp" or not rule.ports[0] <= port <= rule.ports[1]):
            continue
        if group in rule.group_ids or any(IPv4Address(address) in IPv4Network(cidr) for cidr in rule.cidrs):
            return True
    return False


def crosses(acl, *, egress, other, port):
    for entry in sorted(acl.entries, key=lambda one: one.number):
        if entry.egress != egress or entry.protocol not in {"-1", "6"}:
            continue
        if IPv4Address(other) not in IPv4Network(entry.cidr):
            continue
        if entry.protocol != "-1" and entry.ports and not entry.ports[0] <= port <= entry.ports[1]:
            continue
        return entry.allow
    return False


def walked(network):
    """True or False; None where some answers pass and others do not."""
    here, there = network.network_acls.value
    groups = network.security_groups.value
    if not admits(groups["sg-here"].egress, PORT, THERE, "sg-there"):
        return False
    if not admits(groups["sg-there"].ingress, PORT, HERE, "sg-here"):
        return False
    if not crosses(here, egress=True, other=THERE, port=PORT) or not crosses(
        there, egress=False, other=HERE, port=PORT
    ):
        return False
    ports = (*ANSWERS, PORT, 2000, 3000)
    passed = {
        crosses(there, egress=True, other=HERE, port=port) and crosses(here, egress=False, other=THERE, port=port)
        for port in ports
    }
    return passed.pop() if len(passed) == 1 else None


def test_no_disagreement_with_single_packets():
    seen = dict.fromkeys(Verdict, 0)
    for seed in range(2000):
        network = random_network(seed)
        verdict, truth = judged(network).verdict, walked(network)
        seen[verdict] += 1
        if truth is not None and verdict is not Verdict.UNKNOWN:
            assert (verdict is Verdict.OPEN) is truth, seed
        if truth is None:
            assert verdict is not Verdict.BLOCKED, seed
    assert seen[Verdict.OPEN] > 60
    assert seen[Verdict.BLOCKED] > 100
    assert seen[Verdict.UNKNOWN] < 200


def test_knowing_less_never_turns_a_verdict_into_another():
    for seed in range(300):
        network = random_network(seed)
        whole = judged(network).verdict
        for name in ("security_groups", "network_acls", "route_tables"):
            less = judged(replace(network, **{name: Unknown("ec2:Describe", "denied", "ec2:Describe")})).verdict
            assert less in {whole, Verdict.UNKNOWN}, (seed, name)


def test_in_the_same_subnet_no_acl_and_no_route_is_asked():
    start = Interface("subnet-2", "vpc-1", private_ip="10.0.2.30", security_group_ids=known(("sg-here",)))
    way = path(
        start, Destination("x", port=PORT, inside=Inside("eni-1", THERE, "subnet-2", ("sg-there",))), random_network(1)
    )
    assert way.via is Via.INSIDE
    assert {hop.kind for hop in way.hops} == {HopKind.SECURITY_GROUP_EGRESS, HopKind.DESTINATION_SECURITY_GROUP}


def test_a_place_that_is_not_known_is_unknown():
    start = Interface("subnet-1", "vpc-1", private_ip=HERE, security_group_ids=known(("sg-here",)))
    way = path(start, Destination("x", port=PORT, inside=Inside("fs-1")), random_network(4))
    assert way.verdict is not Verdict.OPEN
