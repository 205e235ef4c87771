"""One embedded account for all tests of a process, emptied before each test."""

from collections.abc import Iterator

import pytest

from sandbox.client import Sandbox


@pytest.fixture(scope="session")
def running_account() -> Iterator[Sandbox]:
    with Sandbox.start(seed=1) as sandbox:
        yield sandbox


@pytest.fixture
def account(running_account: Sandbox) -> Sandbox:
    running_account.reset(seed=1)
    return running_account
