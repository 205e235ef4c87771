"""Ten thousand hostile Task State Change events, each read and shown in every form."""

from collections import Counter

import pytest
from hypothesis import given

from tests.hostile.events import Recipe, batches, task_events
from tests.hostile.harmless import BATCH, check, examples

EVENTS = 10_000


def test_task_events_do_no_harm():
    seen: Counter[str] = Counter()

    @examples(EVENTS)
    @given(batches(BATCH, task_events()))
    def each(recipes: list[Recipe]) -> None:
        for recipe in recipes:
            check(recipe, seen)

    each()
    assert seen["events"] >= EVENTS
    assert seen["shown"] >= EVENTS // 3, "most are rejected: they show nothing"
    assert seen["rejected"] >= EVENTS // 20


@pytest.mark.soak
def test_many_task_events_do_no_harm():
    seen: Counter[str] = Counter()

    @examples(400_000)
    @given(batches(BATCH, task_events()))
    def each(recipes: list[Recipe]) -> None:
        for recipe in recipes:
            check(recipe, seen)

    each()
    assert seen["events"] >= 400_000
