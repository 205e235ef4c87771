"""A run that dies at any moment and goes on from its receipts ends as if nothing had happened."""

from dataclasses import replace

import pytest

from ecs_medic.plan import Change
from ecs_medic.remedies.receipt import Receipt, Stage
from ecs_medic.remedies.registry import remedy
from sandbox.client import Sandbox
from tests.remedies.workshop import Workshop, built, without_deployment

_MOST_SAVES = 12


class Crash(BaseException):
    """The process ends here."""


def died_at(shop: Workshop, change: Change, run_id: str, at: int, *, before_saving: bool) -> Receipt | None:
    """What is left of the receipt where the run dies at its save number `at`; None where it had fewer saves."""
    kept: list[Receipt] = []
    saves = 0

    def save(receipt: Receipt) -> None:
        nonlocal saves
        saves += 1
        if saves == at and before_saving:
            raise Crash
        kept.append(receipt)
        if saves == at:
            raise Crash

    run = replace(shop.run(run_id), save=save)
    fresh = Receipt(run.id, run.incident_id, change)
    try:
        remedy(change).apply(change, run, fresh)
    except Crash:
        return kept[-1] if kept else fresh
    return None


@pytest.mark.parametrize(
    ("name", "before_saving"),
    [
        ("ecr_dkr_endpoint_missing", True),
        pytest.param("ecr_dkr_endpoint_missing", False, marks=pytest.mark.soak),
        ("s3_gateway_not_on_route_table", True),
        ("endpoint_security_group_closed", True),
        ("log_group_missing", True),
    ],
)
def test_a_run_that_died_goes_on_without_making_anything_twice(aws: Sandbox, name: str, before_saving: bool):
    shop, scenario = built(aws, name)
    (change,) = without_deployment(shop.plan(scenario.event))
    before = shop.state()
    undisturbed = len(shop.apply([change])[0].steps), {key: len(found) for key, found in shop.state().items()}
    shop.undo(list(shop.saved.values()))
    for at in range(1, _MOST_SAVES):
        run_id = f"run-{at}-{before_saving}"
        left = died_at(shop, change, run_id, at, before_saving=before_saving)
        if left is None:
            break
        run = shop.run(run_id)
        resumed = remedy(change).apply(change, run, left)
        assert {one.stage for one in resumed.steps} == {Stage.DONE}
        assert (len(resumed.steps), {key: len(found) for key, found in shop.state().items()}) == undisturbed
        (undone,) = shop.undo([resumed], run_id)
        assert undone.undone
        assert shop.state() == before
    else:
        pytest.fail("more saves than expected")
    assert at > 2


def test_a_deployment_is_forced_once_although_the_run_died_after_it(aws: Sandbox):
    shop, scenario = built(aws, "log_group_missing")
    group, deployment = shop.plan(scenario.event).changes
    shop.apply([group])
    aws.clear_calls()
    left = died_at(shop, deployment, "run-1", 2, before_saving=True)
    assert left is not None
    assert left.steps[0].stage is Stage.INTENDED
    resumed = remedy(deployment).apply(deployment, shop.run("run-1"), left)
    assert resumed.steps[0].stage is Stage.DONE
    assert [one["operation"] for one in aws.calls("ecs")].count("UpdateService") == 1
    assert resumed.made("deployment", "deployment_id") is not None


def test_what_a_dead_run_has_made_is_found_and_taken_back(aws: Sandbox):
    """The receipt says only that it was intended: what stands is known by its mark."""
    shop, scenario = built(aws, "ecr_dkr_endpoint_missing")
    (change,) = without_deployment(shop.plan(scenario.event))
    before = shop.state()
    for at in range(1, _MOST_SAVES):
        left = died_at(shop, change, f"run-{at}", at, before_saving=True)
        if left is None:
            break
        (undone,) = shop.undo([left], f"run-{at}")
        assert undone.undone
        # A receipt that was never written down leaves nothing to take back.
        assert shop.state() == before or not left.steps
