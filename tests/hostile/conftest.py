"""The stack in an embedded account, as for the functions' own tests."""

import pytest

from tests.functions.conftest import deployed

__all__ = ["deployed"]


@pytest.fixture(autouse=True)
def only_the_events_own_garbage(only_its_own_garbage: None) -> None:
    """Each of these tests measures time."""
