"""Whatever AWS answers to one of the calls of a diagnosis: a report or a dead letter, and nothing false is confirmed.

`make soak` plays every cell of the matrix; otherwise some of them, the same ones every time, evenly over the kinds of
faults and the services.
"""

import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ecs_medic.aws.permissions import permission_for
from sandbox.client import Sandbox
from tests.faults.cells import KINDS, SCENARIO_OF, Cell, cells
from tests.faults.patience import at_most
from tests.faults.theatre import ATTEMPTS, Performance, Theatre, without_pauses

MOST_TRIES = 3
"""Of one call, by its client."""
FOR_EVERYBODY = frozenset({"sts:GetCallerIdentity"})
"""No policy takes this one away."""
OWN_CALLS = frozenset({"dynamodb", "secretsmanager:GetSecretValue"})
"""What the functions need for themselves: a failure is raised, or logged, and is none of the report's gaps."""
TOO_MANY = "at most"
NOT_ALL_LOOKED_AT: Mapping[str, str] = {
    "ecs:ListTasks-pages": "of thousands of stopped tasks a hundred are described",
    "ec2:DescribeRouteTables-pages": "thousands of tables name thousands of other resources",
    "iam:ListRolePolicies-pages": "each policy is read by a call of its own",
}
"""Cells in which calls and waves, which are bounded, do not suffice, and why: there it is said, and less confirmed."""
PERSISTENT = ("access_denied", "throttled", "server_error", "timeout", "truncated")
GIVEN_UP = frozenset(
    {
        *(f"dynamodb:BatchGetItem-{kind}" for kind in PERSISTENT),
        # Of this answer nothing is read: cut off, it is as good.
        *(f"dynamodb:PutItem-{kind}" for kind in PERSISTENT if kind != "truncated"),
        *(f"dynamodb:TransactWriteItems-{kind}" for kind in PERSISTENT),
        # The sandbox leaves DynamoDB's checksum of the whole answer on the emptied one: this is `truncated` again.
        "dynamodb:BatchGetItem-empty",
        # Where no function's ARN tells the account, and AWS's one answer hangs, AWS could not be reached at all.
        "sts:GetCallerIdentity-timeout",
    }
)
"""Cells in which every attempt of Lambda's fails: a dead letter. The ledger must be read and written first.

No others, and none less: what no longer fails leaves this list.
"""
LONGEST = 60.0
"""Seconds by the clock on the wall for an event, all attempts included: a call that hangs does so for 30, each time."""
STAGED: dict[str, Theatre] = {}


def drawn(everything: list[Cell], of_each: int, seed: int) -> list[object]:
    """All of them, most of them for the soak run alone; so many of each kind are not, each of another service."""
    dice = random.Random(seed)
    chosen: set[Cell] = set()
    for kind in KINDS:
        services: dict[str, list[Cell]] = {}
        for cell in everything:
            if cell.kind == kind:
                services.setdefault(cell.call.split(":")[0], []).append(cell)
        for service in dice.sample(sorted(services), min(of_each, len(services))):
            chosen.add(dice.choice(services[service]))
    return [
        pytest.param(cell, id=str(cell), marks=() if cell in chosen else pytest.mark.soak)
        # A scenario is built once.
        for cell in sorted(everything, key=lambda one: one.scenario)
    ]


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        without_pauses(patch)
        patch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
        yield patch


@pytest.fixture
def theatre(running_account: Sandbox, patch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Theatre:
    name: str = request.getfixturevalue("cell").scenario
    if name not in STAGED:
        STAGED.clear()
        STAGED[name] = Theatre(running_account, name, patch)
    return STAGED[name]


@pytest.mark.parametrize("cell", drawn(list(cells(SCENARIO_OF)), 3, seed=7))
def test_a_fault_is_told_and_nothing_false_is_confirmed(theatre: Theatre, cell: Cell):
    whole = theatre.baseline()
    assert whole.calls[cell.call], "the scenario does not make this call any more"
    with at_most(LONGEST, cell):
        done = theatre.perform(cell.fault, impatient=cell.kind == "timeout")
    assert done.hits
    bounded(done, whole, cell)
    assert done.is_dead == (str(cell) in GIVEN_UP), done.failures
    nothing_false(done, whole, cell, theatre.scenario.also)
    if not done.is_dead:
        PROMISES.get(cell.kind, nothing_more)(done, whole, cell)
    with at_most(LONGEST, f"what comes after {cell}"):
        after = theatre.recover(done)
    assert theatre.posted == 1, "no loss, and no second message"
    assert (after.answer or {})["status"] != "rejected"
    nothing_false(after, whole, cell, theatre.scenario.also)


def bounded(done: Performance, whole: Performance, cell: Cell) -> None:
    """However it fails, a call is tried a few times and no more."""
    pages = 7 if cell.kind == "pages" else 1
    asked_more_than_once = max(whole.calls[cell.call], 1)
    if not cell.call.startswith("dynamodb:"):
        assert done.calls[cell.call] <= asked_more_than_once * MOST_TRIES * ATTEMPTS * pages
    others = sum(done.calls.values()) - done.calls[cell.call]
    assert others <= 3 * ATTEMPTS * sum(whole.calls.values())


def nothing_false(done: Performance, whole: Performance, cell: Cell, also: tuple[str, ...]) -> None:
    """Only what is so is confirmed, of the same resource and in the same words, and what the scenario has `also`.

    What could not be read may be left out of a finding, or be empty there. A list that AWS says is empty is the one
    exception: what it shows, with that call as its evidence.
    """
    so = whole.confirmed
    causes = {one["cause"] for one in so}
    for one in done.confirmed:
        if cell.kind == "empty" and cell.call in {seen["source"] for seen in one["evidence"]}:
            continue
        if one["cause"] in also and one["cause"] not in causes:
            continue
        assert any(_says_no_more(one, other) for other in so), f"{_found(one)}, none of {[*map(_found, so)]}"


def _says_no_more(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    same = (one["cause"], one["subject"]) == (other["cause"], other["subject"])
    said = {name: value for name, value in one["params"].items() if value not in (None, [])}
    return same and all(name in other["params"] and other["params"][name] == value for name, value in said.items())


def named(done: Performance, _: Performance, cell: Cell) -> None:
    """A denial is told with the permission that is missing."""
    if cell.call in FOR_EVERYBODY or any(cell.call.startswith(one) for one in OWN_CALLS):
        return
    permission = permission_for(*cell.call.split(":"))
    told = [gap["missing_permission"] for gap in done.report["not_checked"]]
    plan = str(done.report["plan"])
    assert permission in told or permission in plan, told


def the_same(done: Performance, whole: Performance, _: Cell) -> None:
    """As if nothing had been."""
    assert done.failures == []
    assert done.answer == whole.answer
    # Not word for word: some evidence says for how many minutes something has been so.
    for part in ("plan", "changes", "not_checked", "partial", "incident", "severity"):
        assert done.report[part] == whole.report[part], part
    for part in ("findings", "ruled_out"):
        assert [_found(one) for one in done.report[part]] == [_found(one) for one in whole.report[part]]


def _found(outcome: Mapping[str, object]) -> dict[str, object]:
    return {name: outcome.get(name) for name in ("cause", "confidence", "subject", "params")}


def the_same_verdict(done: Performance, whole: Performance, cell: Cell) -> None:
    """What was looked for is found among thousands of others, to the last word; or that not all were is said."""
    if str(cell) in NOT_ALL_LOOKED_AT:
        assert any(TOO_MANY in gap["reason"] for gap in done.report["not_checked"])
        return
    assert (done.answer or {})["verdict"] == (whole.answer or {})["verdict"]
    assert [*map(_found, done.confirmed)] == [*map(_found, whole.confirmed)]


def nothing_more(done: Performance, whole: Performance, cell: Cell) -> None:
    """No more than that nothing is false."""


PROMISES = {"access_denied": named, "throttled_twice": the_same, "pages": the_same_verdict}
