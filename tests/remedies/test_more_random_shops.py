"""The other half of the shops that are broken at random, for another worker."""

import pytest

from sandbox.client import Sandbox
from tests.remedies.shop_repairs import repaired_or_left


@pytest.mark.parametrize("seed", range(20, 40))
def test_a_broken_shop_is_repaired_or_left_alone(aws: Sandbox, seed: int):
    repaired_or_left(aws, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 200))
def test_many_broken_shops(aws: Sandbox, seed: int):
    repaired_or_left(aws, seed)
