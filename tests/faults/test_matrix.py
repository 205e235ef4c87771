"""Whatever AWS answers to one of the calls of a diagnosis: a report or a dead letter, and nothing false is confirmed.

`make soak` plays every cell of the matrix; otherwise some of them, the same ones every time, evenly over the kinds of
faults and the services.
"""

import random
from collections.abc import Iterator

import pytest

from ecs_medic.aws.permissions import permission_for
from sandbox.client import Sandbox
from tests.faults.cells import KINDS, SCENARIO_OF, Cell, cells
from tests.faults.theatre import ATTEMPTS, Performance, Theatre, without_pauses

MOST_TRIES = 3
"""Of one call, by its client."""
FOR_EVERYBODY = frozenset({"sts:GetCallerIdentity"})
"""No policy takes this one away."""
OWN_CALLS = frozenset({"dynamodb", "secretsmanager:GetSecretValue"})
"""What the functions need for themselves: a failure is raised, or logged, and is none of the report's gaps."""
TOO_MANY = "at most"
"""Calls and waves of a diagnosis are bounded: thousands of policies are not read one by one."""
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
    done = theatre.perform(cell.fault, impatient=cell.kind == "timeout")
    assert done.hits
    bounded(done, whole, cell)
    if not done.is_dead:
        nothing_false(done, whole, cell, theatre.scenario.also)
        PROMISES.get(cell.kind, nothing_more)(done, whole, cell)
    after = theatre.recover(done)
    assert theatre.posted == 1, "no loss, and no second message"
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
    """Only what is so is confirmed, and what the scenario has `also`.

    A list that AWS says is empty is the one exception: what it shows, with that call as its evidence.
    """
    for cause, sources in done.confirmed.items():
        if cell.kind == "empty" and cell.call in sources:
            continue
        assert cause in whole.confirmed or cause in also, f"{cause} by {sources}"


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


def _found(outcome: dict[str, object]) -> dict[str, object]:
    return {name: outcome.get(name) for name in ("cause", "confidence", "subject", "params")}


def the_same_verdict(done: Performance, whole: Performance, _: Cell) -> None:
    """What was looked for is found among thousands of others, or it is said that not all of them were looked at."""
    if not any(TOO_MANY in gap["reason"] for gap in done.report["not_checked"]):
        assert (done.answer or {})["verdict"] == (whole.answer or {})["verdict"]
        assert done.confirmed.keys() == whole.confirmed.keys()


def nothing_more(done: Performance, whole: Performance, cell: Cell) -> None:
    """No more than that nothing is false."""


PROMISES = {"access_denied": named, "throttled_twice": the_same, "pages": the_same_verdict}
