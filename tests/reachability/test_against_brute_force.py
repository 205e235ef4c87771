"""The model against a packet walk that shares nothing with it."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.facts.fact import Unknown
from ecs_medic.facts.network import Network
from ecs_medic.reachability.path import HopKind, NoEndpointBecause, Path, Verdict, Via
from ecs_medic.reachability.request import Request
from ecs_medic.reachability.walk import path
from tests.reachability.brute_force import reachable
from tests.reachability.random_networks import Case, random_case

NETWORKS = 2000
EXPECTED = {True: Verdict.OPEN, False: Verdict.BLOCKED, None: Verdict.UNKNOWN}
FACTS = (
    "vpc",
    "dns_support",
    "dns_hostnames",
    "dns_servers",
    "subnets",
    "route_tables",
    "network_acls",
    "security_groups",
    "endpoints",
    "endpoint_interfaces",
    "nat_gateways",
    "prefix_lists",
    "prefix_list_names",
)


def judged(case: Case) -> Path:
    return path(case.interface, case.destination, case.network, requests=(Request(case.action, case.resource),))


def walked(case: Case) -> bool | None:
    return reachable(case.interface, case.destination, case.network, (case.action, case.resource))


def disagreement(case: Case) -> bool:
    """A wrong verdict anywhere, and a missing one where the network is precise."""
    verdict, truth = judged(case).verdict, walked(case)
    if verdict is Verdict.UNKNOWN and not case.precise:
        return False
    return EXPECTED[truth] is not verdict


def check(seeds: range) -> tuple[Counter[object], list[int]]:
    seen: Counter[object] = Counter()
    wrong: list[int] = []
    for seed in seeds:
        case = random_case(seed)
        found = judged(case)
        if disagreement(case):
            wrong.append(seed)
        seen[found.verdict] += 1
        seen["precise", case.precise] += 1
        for way in found.ways:
            seen[way.via] += 1
            seen[way.no_endpoint] += 1
            seen.update((hop.kind, hop.verdict) for hop in way.hops)
    return seen, wrong


def test_no_disagreement_in_two_thousand_networks():
    seen, wrong = check(range(NETWORKS))
    assert wrong == []
    assert all(seen[verdict] > NETWORKS // 20 for verdict in Verdict), seen
    assert all(seen[via] > 20 for via in set(Via) - {Via.INSIDE}), seen
    assert all(seen[reason] > 5 for reason in NoEndpointBecause), seen
    closed = {kind for kind in HopKind if seen[kind, Verdict.BLOCKED] > 5}
    inside = {HopKind.DESTINATION_SECURITY_GROUP}
    assert closed == set(HopKind) - {HopKind.INTERFACE, HopKind.INTERNET_GATEWAY} - inside, seen


@pytest.mark.soak
def test_no_disagreement_in_many_networks():
    _, wrong = check(range(NETWORKS, NETWORKS * 20))
    assert wrong == []


def denied(network: Network, names: Iterable[str]) -> Network:
    """The network with these reads denied."""
    nobody_knows: dict[str, Any] = dict.fromkeys(names, Unknown("ec2:Describe", "denied", "ec2:Describe"))
    return replace(network, **nobody_knows)


def hidden(case: Case, dice: random.Random) -> Case:
    """The same case with some of what is known taken away."""
    nobody_knows = Unknown("ec2:Describe", "denied", "ec2:Describe")
    gone = dice.sample(FACTS, dice.randint(1, len(FACTS)))
    interface = case.interface
    if dice.random() < 0.3:
        interface = replace(interface, private_ip=None)
    if dice.random() < 0.2:
        interface = replace(interface, public_ip=nobody_knows)
    if dice.random() < 0.2:
        interface = replace(interface, security_group_ids=nobody_knows)
    return replace(case, interface=interface, network=denied(case.network, gone))


def knowing_less_misleads(seeds: range) -> tuple[Counter[tuple[Verdict, Verdict]], list[int]]:
    seen: Counter[tuple[Verdict, Verdict]] = Counter()
    wrong: list[int] = []
    for seed in seeds:
        case = random_case(seed)
        less = hidden(case, random.Random(seed))
        before, after = judged(case).verdict, judged(less).verdict
        seen[before, after] += 1
        if after not in {before, Verdict.UNKNOWN}:
            wrong.append(seed)
    return seen, wrong


def test_knowing_less_never_turns_a_verdict_into_another():
    seen, wrong = knowing_less_misleads(range(NETWORKS // 2))
    assert wrong == []
    assert seen[Verdict.OPEN, Verdict.UNKNOWN] > 50
    assert seen[Verdict.BLOCKED, Verdict.UNKNOWN] > 50
    assert seen[Verdict.BLOCKED, Verdict.BLOCKED] > 30
    assert seen[Verdict.OPEN, Verdict.OPEN] > 2, "what decides is known: the rest may be unknown"


def test_each_fact_alone_may_be_unknown():
    """One denied read at a time, on every twentieth network."""
    for seed in range(0, NETWORKS, 20):
        case = random_case(seed)
        before = judged(case).verdict
        for name in FACTS:
            after = judged(replace(case, network=denied(case.network, [name])))
            assert after.verdict in {before, Verdict.UNKNOWN}, (seed, name)
            if before is not Verdict.UNKNOWN and after.verdict is Verdict.UNKNOWN:
                permissions = {hop.missing_permission for hop in after.unknown_hops}
                assert "ec2:Describe" in permissions, (seed, name, after.unknown_hops)
