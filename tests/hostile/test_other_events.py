"""Ten thousand hostile events of services, deployments and API calls, each read and shown in every form."""

from collections import Counter

import pytest
from hypothesis import given

from tests.hostile.events import Recipe, batches, other_events
from tests.hostile.harmless import BATCH, check, examples

EVENTS = 10_000


def test_other_events_do_no_harm():
    seen: Counter[str] = Counter()

    @examples(EVENTS)
    @given(batches(BATCH, other_events()))
    def each(recipes: list[Recipe]) -> None:
        for recipe in recipes:
            check(recipe, seen)

    each()
    assert seen["events"] >= EVENTS
    assert seen["shown"] >= EVENTS // 3, "most are rejected: they show nothing"
    assert seen["rejected"] >= EVENTS // 20


@pytest.mark.soak
def test_many_other_events_do_no_harm():
    seen: Counter[str] = Counter()

    @examples(400_000)
    @given(batches(BATCH, other_events()))
    def each(recipes: list[Recipe]) -> None:
        for recipe in recipes:
            check(recipe, seen)

    each()
    assert seen["events"] >= 400_000
