"""A run that dies before or after any of its steps, and goes on, ends as the undisturbed run does."""

from dataclasses import replace
from typing import Any

import pytest

from ecs_medic.remedies.receipt import Receipt
from ecs_medic.repair.workflow import Ending, repair
from ecs_medic.run_state import RunState
from sandbox.client import Sandbox
from tests.remedies.workshop import Workshop
from tests.repair.workplace import APPROVED, QUICK, Crash, Journal, Workplace, workplace

_SPARED = 7
"""CI takes every seventh step, the soak all of them."""


def _end_state(place: Workplace) -> dict[str, Any]:
    state = Workshop(place.account).state()
    state["log groups"] = [
        {key: value for key, value in one.items() if key != "creationTime"} for one in state["log groups"]
    ]
    state["running"] = place.running()
    service = place.account.client("ecs").describe_services(
        cluster=place.scenario.cluster, services=[place.scenario.service or ""]
    )["services"][0]
    state["exec"] = service.get("enableExecuteCommand")
    return state


def _repaired(account: Sandbox, name: str, dies_at: int | None = None, *, before: bool = False) -> tuple[Any, ...]:
    """Ending, end state, receipts and journal of a run that dies there and is gone through again."""
    account.reset(seed=1)
    place = workplace(account, name)
    journal = place.journal(APPROVED, APPROVED)
    journal.dies_at, journal.before = dies_at, before
    try:
        ending = repair(journal, place.site, QUICK)
    except Crash:
        journal.dies_at = None
        ending = repair(journal, place.site, QUICK)
    return ending, _end_state(place), place.book.receipts(), journal


def _same(receipts: dict[int, Receipt]) -> list[Any]:
    return [replace(one.change, blast_radius="") for _, one in sorted(receipts.items())]


def _survives(account: Sandbox, name: str, start: int, step: int) -> int:
    undisturbed = _repaired(account, name)
    ending: Ending = undisturbed[0]
    assert ending.state is RunState.REPAIRED
    steps: int = undisturbed[3].count
    died = 0
    for at in range(start, steps + 1, step):
        for before in (True, False):
            again = _repaired(account, name, at, before=before)
            died += again[3].count > steps or again[3].dies_at is None
            assert again[0].state is ending.state, (at, before, again[0])
            assert again[1] == undisturbed[1], (at, before)
            assert _same(again[2]) == _same(undisturbed[2]), (at, before)
            assert all(not one.failed and one.steps for one in again[2].values())
    return died


@pytest.mark.parametrize(("name", "start"), [("log_group_missing", 1), ("exec_not_enabled", 3)])
def test_wherever_it_dies_the_end_is_the_same(aws: Sandbox, name: str, start: int):
    assert _survives(aws, name, start, _SPARED) >= 4


@pytest.mark.soak
@pytest.mark.parametrize(
    "name",
    [
        "every_endpoint_missing",
        "endpoint_security_group_closed",
        "s3_gateway_not_on_route_table",
        "log_group_missing",
        "exec_not_enabled",
    ],
)
def test_wherever_it_dies_the_end_is_the_same_for_each_step(aws: Sandbox, name: str):
    assert _survives(aws, name, 1, 1) >= 20


def test_a_run_that_is_only_gone_through_again_asks_aws_nothing(aws: Sandbox):
    place = workplace(aws, "log_group_missing")
    journal = place.journal(APPROVED)
    first = repair(journal, place.site, QUICK)
    aws.clear_calls()
    site = place.site
    again = Journal(place.clock, [], results=journal.results)
    assert repair(again, site, QUICK) == first
    assert again.count == 0
    assert not aws.calls()
