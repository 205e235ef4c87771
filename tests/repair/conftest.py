"""The embedded account, with its environment set."""

from collections.abc import Iterator

import pytest

from sandbox.client import Sandbox


@pytest.fixture
def aws(account: Sandbox) -> Iterator[Sandbox]:
    account.clear_faults()
    with account.environ():
        yield account
