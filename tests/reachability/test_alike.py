"""Addresses that no rule tells apart are judged once: the groups must be the pieces, and no cutter may divide one."""

from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.reachability.addresses import alike, cut, merged

ADDRESS = st.integers(0, 60)
SPANS = st.lists(st.tuples(ADDRESS, ADDRESS).map(lambda pair: (min(pair), max(pair))), max_size=6)


@given(SPANS, SPANS)
def test_a_cutter_covers_all_of_a_group_or_nothing(spans, cutters):
    pieces = merged(spans)
    groups = alike(pieces, cutters)
    assert sorted(one for group in groups for one in group) == sorted(cut(pieces, cutters))
    for group in groups:
        for low, high in cutters:
            assert len({low <= first and last <= high for first, last in group}) == 1
            assert not any(first < low <= last or first <= high < last for first, last in group)


@given(SPANS, SPANS)
def test_two_groups_are_told_apart_by_some_cutter(spans, cutters):
    covered = [
        {(low, high) for low, high in cutters if low <= group[0][0] and group[0][1] <= high}
        for group in alike(merged(spans), cutters)
    ]
    assert all(covered.count(one) == 1 for one in covered)
