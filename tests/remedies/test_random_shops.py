"""Shops broken at random: repaired in a few rounds with no change too many, or left alone with a reason."""

import pytest

from sandbox.client import Sandbox
from tests.remedies.shop_repairs import repaired_or_left


@pytest.mark.parametrize("seed", range(20))
def test_a_broken_shop_is_repaired_or_left_alone(aws: Sandbox, seed: int):
    repaired_or_left(aws, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100))
def test_many_broken_shops(aws: Sandbox, seed: int):
    repaired_or_left(aws, seed)
