"""The stack in an embedded account, as for the functions' own tests."""

import gc
from collections.abc import Iterator

import pytest

from tests.functions.conftest import deployed

__all__ = ["deployed"]


@pytest.fixture(autouse=True)
def only_its_own_garbage() -> Iterator[None]:
    """Going through what thousands of other tests have left takes seconds, which no event is to blame for."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
