"""One hostile event through everything that needs no account: read it, report it, show the report in every form."""

import time
from collections import Counter
from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, given, settings

from ecs_medic.events.bad_event import BadEventError
from ecs_medic.events.parse import parse
from tests.faults.patience import at_most
from tests.hostile import oracles
from tests.hostile.events import Recipe, batches, made
from tests.hostile.shown import report_of, show

LONGEST = 1.0
"""Seconds of this process's own time for one event: a busy machine does not lengthen it."""
PATIENCE = 20.0
"""Seconds by the clock on the wall, for what waits and uses no time of its own: many more, for that machine's sake."""
IN_CI = 10_000
"""Events of each kind."""
IN_SOAK = 400_000
BATCH = 40
"""Events in one example of Hypothesis: drawing them together costs a fraction."""


def do_no_harm(shapes: Sequence[int], events: int) -> None:
    """So many events of these shapes, each read and shown in every form; and not because most show nothing."""
    seen: Counter[str] = Counter()

    @examples(events)
    @given(batches(BATCH, shapes))
    def each(recipes: list[Recipe]) -> None:
        for recipe in recipes:
            check(recipe, seen)

    each()
    assert seen["events"] >= events
    assert seen["shown"] >= events // 3, "most are rejected: they show nothing"
    assert seen["rejected"] >= events // 20


def examples(events: int) -> settings:
    """The same ones every time and on every machine."""
    return settings(
        max_examples=events // BATCH,
        derandomize=True,
        database=None,
        deadline=None,
        # An event that does harm is cut down here, to what is spoilt in it.
        phases=(Phase.generate,),
        # A batch of events takes its time, and many bytes: that is meant.
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )


def check(recipe: Recipe, seen: Counter[str]) -> None:
    """Raises what an event does that it must not, with the least that it takes."""
    seen["events"] += 1
    try:
        with at_most(PATIENCE, "one event"):
            _check(recipe, seen)
    except Exception as error:
        error.add_note(f"by {_least(recipe, type(error))}")
        raise


def _check(recipe: Recipe, seen: Counter[str]) -> None:
    event = made(recipe)
    began = time.process_time()
    try:
        incident = parse(event)
    except BadEventError as error:
        assert time.process_time() - began < LONGEST
        oracles.one_line(str(error))
        oracles.no_secret(str(error))
        seen["rejected"] += 1
        return
    shown = show(report_of(incident), seen["shown"])
    assert time.process_time() - began < LONGEST
    shown.check()
    seen["shown"] += 1


def _least(recipe: Recipe, kind: type[Exception]) -> Recipe:
    for one in recipe.spoilt:
        fewer = Recipe(recipe.base, tuple(other for other in recipe.spoilt if other is not one))
        try:
            _check(fewer, Counter())
        except kind:
            return _least(fewer, kind)
        except Exception:  # noqa: BLE001 - another one's turn
            continue
    return recipe
