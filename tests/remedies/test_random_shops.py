"""Shops broken at random: repaired in a few rounds with no change too many, or left alone with a reason."""

import random

import pytest

from ecs_medic.plan import Action
from ecs_medic.remedies.policy import RepairPolicy
from sandbox.client import Sandbox
from sandbox.gallery import Workbench
from sandbox.gallery.application import CLUSTER
from sandbox.gallery.observe import stopped
from tests.remedies.broken_shops import break_one, restart
from tests.remedies.workshop import Workshop

_ROUNDS = 3


def repair_one(account: Sandbox, seed: int) -> str:
    account.reset(seed=seed)
    shop = break_one(account, seed)
    well_before = restart(account, shop.neighbour) if shop.neighbour else False
    workshop, bench = Workshop(account), Workbench(account)
    before = workshop.state()
    receipts = []
    for number in range(_ROUNDS + 1):
        plan = workshop.plan(stopped(bench, "orders"), RepairPolicy())
        if not plan.changes:
            break
        assert number < _ROUNDS, f"{seed}: still not repaired: {shop.faults}"
        if number == 0 and len(plan.changes) > 2:
            _one_less_is_too_few(workshop, plan.changes, seed)
        workshop.saved.clear()
        done = workshop.apply(plan.changes, f"run-{number}")
        assert all(one.failed is None for one in done), (seed, shop.faults, done)
        receipts.append((f"run-{number}", done))
        if _runs(account):
            break
    if shop.hopeless:
        assert not _runs(account), (seed, shop.faults)
        assert plan.reason_if_empty
    else:
        assert _runs(account), (seed, shop.faults, plan)
    if well_before:
        assert restart(account, "neighbour"), (seed, shop.faults)
    for run_id, done in reversed(receipts):
        network = [one for one in done if one.change.action is not Action.FORCE_NEW_DEPLOYMENT]
        assert all(one.undone for one in workshop.undo(network, run_id)), (seed, shop.faults)
    after = workshop.state()
    for name in ("describe_vpc_endpoints", "describe_security_groups", "describe_security_group_rules"):
        assert after[name] == before[name], (seed, shop.faults)
    return "hopeless" if shop.hopeless else f"{len(receipts)} rounds"


def _one_less_is_too_few(workshop: Workshop, changes, seed: int) -> None:
    """Leave out one change, see that the task does not start, and take the rest back."""
    *rest, deployment = changes
    network = [one for one in rest if one.action is not Action.CREATE_LOG_GROUP]
    if not network:
        return
    left_out = random.Random(seed).choice(network)
    done = workshop.apply([*(one for one in rest if one is not left_out), deployment], "run-less")
    assert not _runs(workshop.account), (seed, left_out)
    assert all(one.undone for one in workshop.undo(done[:-1], "run-less"))


def _runs(account: Sandbox) -> bool:
    service = account.client("ecs").describe_services(cluster=CLUSTER, services=["orders"])["services"][0]
    return bool(service["runningCount"])


@pytest.mark.parametrize("seed", range(6))
def test_a_broken_shop_is_repaired_or_left_alone(aws: Sandbox, seed: int):
    repair_one(aws, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(6, 206))
def test_many_broken_shops(aws: Sandbox, seed: int):
    repair_one(aws, seed)
