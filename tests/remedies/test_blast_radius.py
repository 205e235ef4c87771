"""Whom a change touches, on random networks: what the words say is what the model says of every single way."""

import itertools
import random
from dataclasses import replace

import pytest

from ecs_medic.facts.fact import Known
from ecs_medic.facts.network import Interface
from ecs_medic.plan import Action, Change, Safety
from ecs_medic.reachability.path import HopKind, Verdict
from ecs_medic.reachability.walk import path
from ecs_medic.remedies.blast_radius import blast_radius, in_words
from ecs_medic.remedies.destinations import destinations_in
from ecs_medic.remedies.registry import foreseen
from tests.reachability.random_networks import CIDRS, REGION, VPC, random_case

ACCOUNT = "123456789012"


def change(action: Action, **params) -> Change:
    return Change(action, {"vpc_id": VPC, **params}, Safety.ASK, None, "")


def some_change(seed: int) -> Change:
    dice = random.Random(f"change {seed}")
    return dice.choice(
        [
            change(
                Action.CREATE_VPC_ENDPOINT,
                service_name=f"com.amazonaws.{REGION}.{dice.choice(('logs', 'ecr.api', 'ssm'))}",
                endpoint_type="Interface",
                subnet_ids=[dice.choice(list(CIDRS))],
                cidrs=["10.0.0.0/16"],
            ),
            change(
                Action.CREATE_VPC_ENDPOINT,
                service_name=f"com.amazonaws.{REGION}.s3",
                endpoint_type="Gateway",
                route_table_ids=["rtb-task"],
            ),
            change(Action.MODIFY_VPC_ENDPOINT, vpc_endpoint_id="vpce-interface", private_dns_enabled=True),
            change(Action.MODIFY_VPC_ENDPOINT, vpc_endpoint_id="vpce-gateway", route_table_ids=["rtb-task"]),
            change(Action.AUTHORIZE_ENDPOINT_INGRESS, security_group_id="sg-endpoint", cidrs=["10.0.0.0/16"]),
            change(Action.AUTHORIZE_TASK_EGRESS, security_group_id="sg-task", cidrs=["0.0.0.0/0"]),
            change(Action.MODIFY_VPC_DNS, attributes=["enableDnsSupport", "enableDnsHostnames"]),
        ]
    )


def clients(seed: int, first: Interface) -> tuple[Interface, ...]:
    dice = random.Random(f"clients {seed}")
    none: Known[tuple[str, ...]] = Known((), "ec2:DescribeNetworkInterfaces")
    # Several in one subnet: what is worked out for one of them has to be right for each.
    others = [
        replace(
            first,
            id=f"eni-{one}-{number}",
            subnet_id=one,
            private_ip=cidr.replace(".0/24", f".{dice.randrange(4, 250)}"),
            ipv6_addresses=none,
        )
        for one, cidr in CIDRS.items()
        for number in range(2)
    ]
    return (first, *others)


def test_every_way_is_told_as_the_model_tells_it_one_by_one():
    affected = 0
    for seed in range(90):
        case = random_case(seed)
        found = clients(seed, case.interface)
        after = foreseen([some_change(seed)], case.network)
        destinations = destinations_in((case.network, after), ACCOUNT, REGION)
        radius = blast_radius(case.network, after, Known(found, "ec2:DescribeNetworkInterfaces"), destinations, ACCOUNT)
        ways = [
            (
                one.id or "",
                path(one, to, case.network, account=ACCOUNT).verdict,
                path(one, to, after, account=ACCOUNT).verdict,
            )
            for one in found
            for to in destinations
        ]
        losers = {name for name, was, is_ in ways if (was, is_) == (Verdict.OPEN, Verdict.BLOCKED)}
        assert {one.interface for one in radius.lost} == losers
        # In doubt before and after, it is no worse where it goes by the same door.
        changed = {(one.interface, one.destination) for one in radius.rerouted}
        assert radius.harmless == all(
            is_ is Verdict.OPEN
            or was is Verdict.BLOCKED
            or (was is is_ is Verdict.UNKNOWN and (name, to.host) not in changed)
            for (name, was, is_), to in zip(ways, itertools.cycle(destinations), strict=False)
        )
        blocked = {name for name, was, is_ in ways if was is not Verdict.BLOCKED and is_ is Verdict.BLOCKED}
        assert radius.safe == (not blocked)
        words = in_words(radius, ())
        assert ("cut off" in words) == bool(losers)
        assert sum(name in words for name in losers) == min(len(losers), 5)
        affected += bool(radius.lost or radius.doubtful or radius.rerouted)
    assert affected > 5


@pytest.mark.parametrize("action", [Action.AUTHORIZE_ENDPOINT_INGRESS, Action.AUTHORIZE_TASK_EGRESS])
def test_opening_a_group_never_takes_a_way(action: Action):
    group = "sg-endpoint" if action is Action.AUTHORIZE_ENDPOINT_INGRESS else "sg-task"
    for seed in range(120):
        case = random_case(seed)
        after = foreseen([change(action, security_group_id=group, cidrs=["10.0.0.0/16"])], case.network)
        found = Known(clients(seed, case.interface), "ec2:DescribeNetworkInterfaces")
        radius = blast_radius(
            case.network, after, found, destinations_in((case.network, after), ACCOUNT, REGION), ACCOUNT
        )
        assert not radius.lost
        assert not radius.rerouted
        # Where IPv4 opens beside IPv6, it may be in doubt which of them a name leads to, and nothing else.
        doubts = {hop.kind for one in radius.doubtful for hop in one.after.unknown_hops}
        assert doubts <= {HopKind.NAME_RESOLUTION}
