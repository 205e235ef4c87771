"""One embedded account for the tests of a package, emptied before each test; import both fixtures."""

import os
from collections.abc import Iterator

import pytest

from sandbox.client import Sandbox


@pytest.fixture(scope="session")
def running_account() -> Iterator[Sandbox]:
    with Sandbox.start(seed=1) as sandbox:
        yield sandbox


@pytest.fixture
def account(running_account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    running_account.clear_faults()
    running_account.reset(seed=1)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in running_account.environment.items():
        monkeypatch.setenv(name, value)
    return running_account
