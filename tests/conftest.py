"""One embedded account for all tests of a process, emptied before each test; and property tests with fixed seeds."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

from sandbox.client import Sandbox

# The same examples every time, and no failure because the machine was busy.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def running_account() -> Iterator[Sandbox]:
    with Sandbox.start(seed=1) as sandbox:
        yield sandbox


@pytest.fixture
def only_its_own_garbage() -> Iterator[None]:
    """For what is measured: going through what thousands of other tests have left takes seconds."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def account(running_account: Sandbox) -> Sandbox:
    running_account.reset(seed=1)
    return running_account
